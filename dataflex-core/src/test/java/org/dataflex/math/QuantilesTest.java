package org.dataflex.math;

import static org.dataflex.math.Rejection.assertRejected;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class QuantilesTest {

    /** From the golden file selector_loss.json: torch.quantile in float32. */
    @Test
    void of_goldenLosses() {
        double[] losses = {
            4.1111, 1.7908, 4.3417, 0.5573, 1.2295, 1.8039, 2.2839, 1.463, 1.8463, 1.7085, 3.5482,
            1.1325
        };
        double[] quantiles = Quantiles.of(losses, 0.33, 0.66);
        assertEquals(1.6176650524, quantiles[0], 1e-6); // float32
        assertEquals(1.9600760937, quantiles[1], 1e-6);
    }

    @Test
    void of_smallCases() {
        double[] values = {3, 1, 2};
        assertArrayEquals(
                new double[] {1, 1.5, 2, 2.5, 3}, Quantiles.of(values, 0, 0.25, 0.5, 0.75, 1));
        assertArrayEquals(new double[] {3, 1, 1}, Quantiles.of(values, 1, 0, -0.0));
        assertArrayEquals(new double[] {3, 1, 2}, values);
        assertArrayEquals(new double[] {7, 7, 7}, Quantiles.of(new double[] {7}, 0, 0.3, 1));
        assertArrayEquals(new double[0], Quantiles.of(values));
    }

    @Test
    void of_nanAndInfiniteValues_areLeftOut() {
        double[] values = {
            Double.NaN, 2, Double.POSITIVE_INFINITY, 1, Double.NEGATIVE_INFINITY, Double.NaN
        };
        assertArrayEquals(new double[] {1, 1.5, 2}, Quantiles.of(values, 0, 0.5, 1));
    }

    @Test
    void of_valuesWhoseDifferenceOverflows_isFinite() {
        double[] values = {-Double.MAX_VALUE, Double.MAX_VALUE};
        double[] expected = {-Double.MAX_VALUE, -Double.MAX_VALUE / 2, 0, Double.MAX_VALUE};
        double ulp = Math.ulp(Double.MAX_VALUE);
        assertArrayEquals(expected, Quantiles.of(values, 0, 0.25, 0.5, 1), ulp);
    }

    @Test
    void of_randomValues_isMonotoneWithinRangeAndExactAtOrderStatistics() {
        for (long seed = 0; seed < 1_000; seed++) {
            RandomGenerator random = Seeds.generator(seed);
            double[] values = new double[1 + random.nextInt(40)];
            Arrays.setAll(values, i -> Math.rint(1_000 * random.nextGaussian()) / 10);
            double[] probabilities = new double[20];
            Arrays.setAll(probabilities, i -> random.nextDouble());
            Arrays.sort(probabilities);
            double[] sorted = values.clone();
            Arrays.sort(sorted);
            double least = sorted[0];
            for (double quantile : Quantiles.of(values, probabilities)) {
                assertTrue(quantile >= least, "seed " + seed);
                least = quantile;
            }
            assertTrue(least <= sorted[sorted.length - 1], "seed " + seed);
            assertOrderStatistics(sorted, "seed " + seed);
        }
    }

    private static void assertOrderStatistics(double[] sorted, String what) {
        for (int i = 0; i < sorted.length; i++) {
            double probability = i / Math.max(1.0, sorted.length - 1);
            // i / (n-1) * (n-1) may miss i by an ulp, of a gap of at most 1,000
            assertEquals(sorted[i], Quantiles.of(sorted, probability)[0], 1e-10, what);
        }
    }

    @Test
    void summary_isExtremesAndQuartiles() {
        double[] values = {5, 1, 4, 2, 3, Double.NaN};
        assertEquals(new Quantiles.Summary(1, 2, 3, 4, 5), Quantiles.summary(values));
        assertEquals(new Quantiles.Summary(2, 2, 2, 2, 2), Quantiles.summary(new double[] {2}));
    }

    @Test
    void summary_outOfOrder_isRejected() {
        assertRejected(
                "min, lower, median, upper, max = [1.0, 2.0, 1.5, 4.0, 5.0],"
                        + " must be in ascending order",
                () -> new Quantiles.Summary(1, 2, 1.5, 4, 5));
        assertRejected(
                "min, lower, median, upper, max = [2.0, 1.0, 3.0, 4.0, 5.0],"
                        + " must be in ascending order",
                () -> new Quantiles.Summary(2, 1, 3, 4, 5));
        assertRejected(
                "min, lower, median, upper, max = [1.0, 2.0, 3.0, 2.5, 5.0],"
                        + " must be in ascending order",
                () -> new Quantiles.Summary(1, 2, 3, 2.5, 5));
        assertRejected(
                "min, lower, median, upper, max = [1.0, 2.0, 3.0, 4.0, NaN],"
                        + " must be in ascending order",
                () -> new Quantiles.Summary(1, 2, 3, 4, Double.NaN));
    }

    @Test
    void badArguments_areRejected() {
        double[] values = {1, 2};
        assertRejected(
                "probabilities[1] = 1.5, must be in [0, 1]", () -> Quantiles.of(values, 0, 1.5));
        assertRejected(
                "probabilities[0] = -0.1, must be in [0, 1]", () -> Quantiles.of(values, -0.1));
        assertRejected(
                "probabilities[0] = NaN, must be in [0, 1]",
                () -> Quantiles.of(values, Double.NaN));
        assertRejected(
                "none of the 0 values is finite, at least one must be",
                () -> Quantiles.of(new double[0], 0.5));
        assertRejected(
                "none of the 2 values is finite, at least one must be",
                () -> Quantiles.summary(new double[] {Double.NaN, Double.NEGATIVE_INFINITY}));
        assertRejected("values = null, must be given", () -> Quantiles.of(null, 0.5));
        assertRejected("values = null, must be given", () -> Quantiles.summary(null));
        assertRejected(
                "probabilities = null, must be given", () -> Quantiles.of(values, (double[]) null));
    }
}
