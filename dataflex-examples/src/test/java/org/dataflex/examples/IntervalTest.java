package org.dataflex.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Means and intervals worked out by hand. */
class IntervalTest {

    @Test
    void of_threeValues_isStudents() {
        Interval interval = Interval.of(1, 2, 3); // standard error 1 / sqrt(3), t = 4.303
        assertEquals(2, interval.mean(), 1e-12);
        assertEquals(4.303 / Math.sqrt(3), interval.halfWidth(), 1e-12);
        assertEquals("2.0 +- 2.5", interval.text("%.1f"));
        assertEquals("+2.0 +- 2.5", interval.text("%+.1f"));
        assertFalse(interval.isAbove0() || interval.isBelow0());
    }

    @Test
    void of_clearValues_liesOnOneSide() {
        assertTrue(Interval.of(1, 1.1, 0.9).isAbove0());
        assertTrue(Interval.of(-1, -1.1, -0.9).isBelow0());
    }

    @Test
    void of_oneValue_provesNothing() {
        Interval one = Interval.of(5);
        assertEquals("5.0", one.text("%.1f"));
        assertFalse(one.isAbove0() || one.isBelow0());
    }
}
