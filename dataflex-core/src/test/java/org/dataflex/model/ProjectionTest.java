package org.dataflex.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ProjectionTest {

    @Test
    void sizesBelowOne_areRefused() {
        assertRefused(
                "projection dimension = 0, must be at least 1",
                () -> new Projection.Rademacher(0, 1));
        assertRefused(
                "projection rows = -1, must be at least 1",
                () -> new Projection.Kronecker(-1, 4, 1));
        assertRefused(
                "projection columns = 0, must be at least 1",
                () -> new Projection.Kronecker(4, 0, 1));
        assertRefused(
                "projection dimension = 0, must be at least 1",
                () -> new Projection.CountSketch(0, 1));
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
