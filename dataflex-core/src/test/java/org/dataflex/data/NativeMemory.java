package org.dataflex.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDManager;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.function.ThrowingConsumer;

/** Proves that a piece of work leaves no native arrays behind, anywhere in the engine. */
final class NativeMemory {

    private NativeMemory() {}

    /** Runs work with a manager that stays open, then counts what is alive below all managers. */
    static void assertNothingLeft(ThrowingConsumer<NDManager> work) throws Throwable {
        try (NDManager manager = NDManager.newBaseManager()) {
            int arrays = NoLeaks.arrays();
            String resources = manager.toString(); // counts arrays and sub managers
            work.accept(manager);
            assertEquals(arrays, NoLeaks.arrays(), "native arrays");
            assertEquals(resources, manager.toString());
        }
    }
}
