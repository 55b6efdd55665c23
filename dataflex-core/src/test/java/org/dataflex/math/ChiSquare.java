package org.dataflex.math;

import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Pearson's test that counts fit expected counts.
 *
 * <p>The bound is Laurent and Massart's: a chi-square variable of d degrees of freedom exceeds d +
 * 2 sqrt(14 d) + 28 with a chance below exp(-14), one in a million. Our seeds are fixed, so a test
 * passes always or never; the bound keeps a right implementation from failing by bad luck when a
 * seed is changed on purpose.
 */
final class ChiSquare {

    private ChiSquare() {}

    static double statistic(int[] counts, double[] expected) {
        double sum = 0;
        for (int i = 0; i < counts.length; i++) {
            double off = counts[i] - expected[i];
            sum += off * off / expected[i];
        }
        return sum;
    }

    static void assertFits(double statistic, int degrees, String what) {
        double bound = degrees + 2 * Math.sqrt(14.0 * degrees) + 28;
        assertTrue(
                statistic <= bound,
                () -> what + ": chi-square " + statistic + " of " + degrees + ", bound " + bound);
    }
}
