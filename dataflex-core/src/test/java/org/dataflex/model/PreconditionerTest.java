package org.dataflex.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.dataflex.model.Preconditioner.Adam;
import org.dataflex.model.Preconditioner.EpsilonPlacement;
import org.junit.jupiter.api.Test;

class PreconditionerTest {

    @Test
    void presets_placeEpsilonAsTheirSourcesDo() {
        assertEquals(new Adam(0.9, 0.999, 1e-8, EpsilonPlacement.INSIDE_ROOT, false), Adam.less());
        assertEquals(EpsilonPlacement.OUTSIDE_ROOT, Adam.dataFlex().placement());
        assertTrue(Adam.less().withBiasCorrection().biasCorrection());
    }

    @Test
    void numbersOutOfRange_areRefused() {
        assertRefused("beta1 = 1.0, must be in [0, 1)", 1, 0.9, 1e-8);
        assertRefused("beta2 = NaN, must be in [0, 1)", 0.9, Double.NaN, 1e-8);
        assertRefused("epsilon = 0.0, must be positive", 0.9, 0.9, 0);
    }

    private static void assertRefused(String message, double beta1, double beta2, double epsilon) {
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new Adam(beta1, beta2, epsilon, EpsilonPlacement.INSIDE_ROOT, false));
        assertEquals(message, e.getMessage());
    }
}
