package org.dataflex.internal;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Memory that native arrays have freed and that the C library keeps for later ones.
 *
 * <p>To map memory anew takes longer than most of what is computed in it, so the library is told to
 * keep what is freed. Batches of many different shapes leave it in pieces that do not fit again, so
 * that a long question would hold more and more: the pieces are given back where the process has
 * grown by a quarter. This is for glibc; other C libraries are left alone. See {@code
 * docs/decisions/0009-freed-memory.md}.
 */
final class FreedMemory {

    /** A glance at the process costs less than a thousandth of so many batches. */
    private static final int BATCHES = 16;

    /** Pages of the process in memory are the second of these numbers. */
    private static final Path SIZES = Path.of("/proc/self/statm");

    /** Null where there is none, and then this class does nothing. */
    private static final Function TRIM = find("malloc_trim");

    private static int batches;

    /** The pages that the process may hold before it gives back; 0 where not known yet. */
    private static long limit;

    private FreedMemory() {}

    /**
     * Has the C library keep freed memory from now on, unless the process was started with settings
     * of its own.
     */
    static void keep() {
        if (TRIM != null && System.getenv("MALLOC_TRIM_THRESHOLD_") == null) {
            Function set = find("mallopt");
            set.invokeInt(new Object[] {-1, Integer.MAX_VALUE}); // M_TRIM_THRESHOLD: never
            set.invokeInt(new Object[] {-2, 64 << 20}); // M_TOP_PAD: as much as glibc maps at once
            set.invokeInt(new Object[] {-3, 32 << 20}); // M_MMAP_THRESHOLD: the most that it allows
        }
    }

    /** Counts a batch whose arrays were freed, and gives back what is kept if that has grown. */
    static synchronized void afterBatch() {
        if (TRIM == null || ++batches % BATCHES != 0) {
            return;
        }
        long held = pagesHeld();
        if (limit == 0) {
            limit = held + held / 4;
        } else if (held > limit) {
            giveBack();
            limit = 0; // what the next batches need is not mapped now
        }
    }

    /** Gives back what is kept, where the C library can. */
    static void giveBack() {
        if (TRIM != null) {
            TRIM.invokeInt(new Object[] {0L});
        }
    }

    /** The pages that the process holds; 0 where the system does not tell. */
    private static long pagesHeld() {
        try {
            return Long.parseLong(Files.readString(SIZES).split(" ")[1]);
        } catch (IOException e) {
            return 0;
        }
    }

    private static Function find(String name) {
        try {
            return Platform.isLinux() ? Function.getFunction("c", name) : null;
        } catch (LinkageError e) {
            return null; // another C library, or no JNA for this processor
        }
    }
}
