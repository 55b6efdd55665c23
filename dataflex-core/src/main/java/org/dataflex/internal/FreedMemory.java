package org.dataflex.internal;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory that native arrays have freed and that the C library keeps for later ones.
 *
 * <p>Batches of many different shapes leave it in pieces that do not fit again, so that a long
 * question holds more and more. glibc gives its pieces back when told to; other C libraries are
 * left alone. See {@code docs/decisions/0009-freed-memory.md}.
 */
final class FreedMemory {

    /** Some seconds of work, against some milliseconds of giving back. */
    private static final int BATCHES = 64;

    /** Null where there is none. */
    private static final Function TRIM = find();

    /** Of the process, as the C library's memory is. */
    private static final AtomicInteger batches = new AtomicInteger();

    private FreedMemory() {}

    /** Counts a batch whose arrays were freed, and gives back what is kept now and then. */
    static void afterBatch() {
        if (batches.incrementAndGet() % BATCHES == 0) {
            giveBack();
        }
    }

    /** Gives back what is kept, where the C library can. */
    static void giveBack() {
        if (TRIM != null) {
            TRIM.invokeInt(new Object[] {0L});
        }
    }

    private static Function find() {
        try {
            return Platform.isLinux() ? Function.getFunction("c", "malloc_trim") : null;
        } catch (LinkageError e) {
            return null; // another C library, or no JNA for this processor
        }
    }
}
