package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class RopeScalingTest {

    /** Of 100 original tokens; frequencies below are told in turns within these. */
    private static final RopeScaling SCALING = new RopeScaling(8, 1, 5, 100);

    private static double slowed(double turns) {
        double unit = 2 * Math.PI / 100;
        return SCALING.slowed(turns * unit) / unit;
    }

    @Test
    void slowed_fastSlowAndBetween_isTheFormula() {
        assertEquals(20, slowed(20), 1e-12); // rounding
        assertEquals(5, slowed(5), 1e-12);
        assertEquals(0.5 * 3 / 8 + 0.5 * 3, slowed(3), 1e-12);
        assertEquals(1 / 8.0, slowed(1), 1e-12);
        assertEquals(0.2 / 8, slowed(0.2), 1e-12);
    }

    @Test
    void new_settingsAreWrong_messageHasALineForEach() {
        Exception e =
                assertThrows(IllegalArgumentException.class, () -> new RopeScaling(0.5, 4, 1, 0));
        assertEquals(
                """
                factor = 0.5, must be at least 1 and finite
                lowFrequencyFactor = 4.0 and highFrequencyFactor = 1.0, must be positive and the \
                second the larger
                originalMaxPositions = 0, must be at least 1\
                """,
                String.join("\n", e.getMessage().lines().toList()));
    }
}
