package org.dataflex.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.function.Executable;

/** Asserts that a bad argument is refused in so many words. */
public final class Rejection {

    private Rejection() {}

    /**
     * Asserts it of an {@link IllegalArgumentException}.
     *
     * @param message the whole message
     * @param call what must be refused
     */
    public static void assertRejected(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
