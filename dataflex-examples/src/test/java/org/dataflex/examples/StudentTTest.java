package org.dataflex.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class StudentTTest {

    /** Standard tables. */
    @Test
    void quantile975_isThatOfTheTables() {
        assertEquals(12.706, StudentT.quantile975(1));
        assertEquals(2.201, StudentT.quantile975(11));
        assertEquals(2.0395, StudentT.quantile975(31), 1e-3);
        assertEquals(2.0003, StudentT.quantile975(60), 1e-3);
        assertEquals(1.9799, StudentT.quantile975(120), 1e-3);
        assertTrue(Double.isNaN(StudentT.quantile975(0)));
    }

    @Test
    void quantile975_falls() {
        for (int n = 2; n < 200; n++) {
            assertTrue(StudentT.quantile975(n) < StudentT.quantile975(n - 1), "at " + n);
        }
    }
}
