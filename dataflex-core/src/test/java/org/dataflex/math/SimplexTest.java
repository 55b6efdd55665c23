package org.dataflex.math;

import static org.dataflex.math.Rejection.assertRejected;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class SimplexTest {

    private static final double ROUNDING = 1e-14; // float64 sums of up to 50 terms
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    @Test
    void uniform_isOneOverSize() {
        assertArrayEquals(new double[] {0.25, 0.25, 0.25, 0.25}, Simplex.uniform(4));
        assertArrayEquals(new double[] {1}, Simplex.uniform(1));
        assertRejected("size = 0, must be at least 1", () -> Simplex.uniform(0));
    }

    @Test
    void normalize_dividesByTheSum() {
        double[] values = {3, 1, 0};
        assertArrayEquals(new double[] {0.75, 0.25, 0}, Simplex.normalize(values));
        assertArrayEquals(new double[] {3, 1, 0}, values);
    }

    @Test
    void normalize_extremeValues_isADistribution() {
        double huge = Double.MAX_VALUE;
        assertArrayEquals(new double[] {0.5, 0.5}, Simplex.normalize(new double[] {huge, huge}));
        double tiny = Double.MIN_VALUE;
        assertArrayEquals(new double[] {0.5, 0.5}, Simplex.normalize(new double[] {tiny, tiny}));
        assertArrayEquals(new double[] {1, 0}, Simplex.normalize(new double[] {huge, tiny}));
    }

    @Test
    void normalize_badValues_areRejected() {
        assertRejected("values = [], must not be empty", () -> normalize());
        assertRejected(
                "values = 0 for all 3, at least one must be positive", () -> normalize(0, -0.0, 0));
        assertRejected("values[1] = -1.0, must be finite and at least 0", () -> normalize(1, -1));
        assertRejected(
                "values[0] = NaN, must be finite and at least 0", () -> normalize(Double.NaN));
        assertRejected(
                "values[0] = Infinity, must be finite and at least 0", () -> normalize(INFINITY));
        assertRejected("values = null, must be given", () -> normalize((double[]) null));
    }

    private static double[] normalize(double... values) {
        return Simplex.normalize(values);
    }

    @Test
    void softmax_smallCases() {
        double[] logits = {0, Math.log(3), -INFINITY};
        assertArrayEquals(new double[] {0.25, 0.75, 0}, Simplex.softmax(logits), ROUNDING);
        assertArrayEquals(new double[] {0, Math.log(3), -INFINITY}, logits);
        assertArrayEquals(new double[] {1}, Simplex.softmax(new double[] {-800}));
        double huge = Double.MAX_VALUE;
        assertArrayEquals(new double[] {0.5, 0.5, 0}, softmax(huge, huge, -huge));
    }

    @Test
    void softmax_badLogits_areRejected() {
        assertRejected("logits = [], must not be empty", () -> softmax());
        assertRejected(
                "logits[1] = NaN, must be finite or -Infinity", () -> softmax(0, Double.NaN));
        assertRejected(
                "logits[0] = Infinity, must be finite or -Infinity", () -> softmax(INFINITY));
        assertRejected(
                "logits = -Infinity for all 2, at least one must be finite",
                () -> softmax(-INFINITY, -INFINITY));
        assertRejected("logits = null, must be given", () -> softmax((double[]) null));
    }

    private static double[] softmax(double... logits) {
        return Simplex.softmax(logits);
    }

    @Test
    void mixWithUniform_smallCases() {
        double[] p = {1, 0};
        assertArrayEquals(new double[] {0.75, 0.25}, Simplex.mixWithUniform(p, 0.5));
        assertArrayEquals(new double[] {1, 0}, Simplex.mixWithUniform(p, 0));
        assertArrayEquals(new double[] {0.5, 0.5}, Simplex.mixWithUniform(p, 1));
        assertArrayEquals(new double[] {1, 0}, p);
    }

    @Test
    void mixWithUniform_badArguments_areRejected() {
        assertRejected("p = [], must not be empty", () -> Simplex.mixWithUniform(new double[0], 0));
        assertRejected("p = null, must be given", () -> Simplex.mixWithUniform(null, 0));
        assertRejected(
                "p[0] = -1.0, must be finite and at least 0",
                () -> Simplex.mixWithUniform(new double[] {-1, 2}, 0));
        assertRejected(
                "sum of p = 3.0, must be 1", () -> Simplex.mixWithUniform(new double[] {1, 2}, 0));
        double[] p = {0.5, 0.5};
        assertRejected("c = -0.1, must be in [0, 1]", () -> Simplex.mixWithUniform(p, -0.1));
        assertRejected("c = 1.5, must be in [0, 1]", () -> Simplex.mixWithUniform(p, 1.5));
        assertRejected("c = NaN, must be in [0, 1]", () -> Simplex.mixWithUniform(p, Double.NaN));
    }

    @Test
    void mixWithUniform_float32Distribution_isAccepted() {
        double[] p = new double[10];
        Arrays.fill(p, 0.1f);
        assertTrue(Simplex.isDistribution(Simplex.mixWithUniform(p, 0.5), 1e-6));
    }

    @Test
    void isDistribution_checksSignsAndSum() {
        assertTrue(Simplex.isDistribution(new double[] {0.5, 0.5, 0}, 0));
        assertTrue(Simplex.isDistribution(new double[] {0.5, 0.5078125}, 0.0078125));
        assertFalse(Simplex.isDistribution(new double[] {0.5, 0.51}, 0.005));
        assertFalse(Simplex.isDistribution(new double[] {0.5, 0.49}, 0.005));
        assertFalse(Simplex.isDistribution(new double[] {1.5, -0.5}, 0));
        assertFalse(Simplex.isDistribution(new double[] {1, Double.NaN}, INFINITY));
        assertFalse(Simplex.isDistribution(new double[] {INFINITY}, INFINITY));
        assertFalse(Simplex.isDistribution(new double[0], 1));
    }

    @Test
    void isDistribution_badArguments_areRejected() {
        assertRejected("p = null, must be given", () -> Simplex.isDistribution(null, 0));
        assertRejected(
                "tolerance = -1.0, must be at least 0",
                () -> Simplex.isDistribution(new double[1], -1));
        assertRejected(
                "tolerance = NaN, must be at least 0",
                () -> Simplex.isDistribution(new double[1], Double.NaN));
    }

    @Test
    void allMethods_randomValues_giveDistributions() {
        for (long seed = 0; seed < 1_000; seed++) {
            RandomGenerator random = Seeds.generator(seed);
            int size = 1 + random.nextInt(50);
            double[] logits = new double[size];
            Arrays.setAll(logits, i -> 100 * random.nextGaussian());
            double[] p = Simplex.softmax(logits);
            double c = random.nextDouble();
            double[] mixed = Simplex.mixWithUniform(p, c);
            assertTrue(Simplex.isDistribution(Simplex.uniform(size), ROUNDING), "seed " + seed);
            assertTrue(Simplex.isDistribution(p, ROUNDING), "seed " + seed);
            assertTrue(Simplex.isDistribution(Simplex.normalize(p), ROUNDING), "seed " + seed);
            assertTrue(Simplex.isDistribution(mixed, ROUNDING), "seed " + seed);
            double least = Arrays.stream(mixed).min().orElseThrow();
            assertTrue(least >= c / size, "seed " + seed);
            assertShiftInvariant(logits, p, "seed " + seed);
        }
    }

    private static void assertShiftInvariant(double[] logits, double[] p, String what) {
        double[] shifted = Arrays.stream(logits).map(x -> x + 1_000).toArray();
        assertArrayEquals(p, Simplex.softmax(shifted), 1e-12, what); // 1,000 + x loses 10 bits
        assertEquals(TopK.largest(logits, 1)[0], TopK.largest(p, 1)[0], what);
    }
}
