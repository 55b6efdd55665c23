package org.dataflex.math;

import static org.dataflex.math.Rejection.assertRejected;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WeightedSamplingTest {

    private static final double[] WEIGHTS = {1, 2, 0, 3, 4};
    private static final int NUM_DRAWS = 20_000;

    @Test
    void withoutReplacement_firstDraw_isInProportionToWeight() {
        int[] counts = new int[5];
        for (long seed = 0; seed < NUM_DRAWS; seed++) {
            counts[WeightedSampling.withoutReplacement(WEIGHTS, 1, seed)[0]]++;
        }
        assertFitsWeights(counts);
    }

    private static void assertFitsWeights(int[] counts) {
        assertEquals(0, counts[2]);
        int[] positive = {counts[0], counts[1], counts[3], counts[4]};
        double[] expected = {0.1 * NUM_DRAWS, 0.2 * NUM_DRAWS, 0.3 * NUM_DRAWS, 0.4 * NUM_DRAWS};
        ChiSquare.assertFits(ChiSquare.statistic(positive, expected), 3, Arrays.toString(counts));
    }

    /** Drawing one after the other: P(i then j) = w_i / W * w_j / (W - w_i). */
    @Test
    void withoutReplacement_pairs_areAsDrawnOneAfterTheOther() {
        double[] weights = {1, 2, 3, 4};
        int[] counts = new int[12];
        double[] expected = new double[12];
        for (int first = 0; first < 4; first++) {
            for (int second = 0; second < 4; second++) {
                if (first != second) {
                    expected[pair(first, second)] =
                            NUM_DRAWS
                                    * weights[first]
                                    / 10
                                    * weights[second]
                                    / (10 - weights[first]);
                }
            }
        }
        for (long seed = 0; seed < NUM_DRAWS; seed++) {
            int[] drawn = WeightedSampling.withoutReplacement(weights, 2, seed);
            counts[pair(drawn[0], drawn[1])]++;
        }
        ChiSquare.assertFits(ChiSquare.statistic(counts, expected), 11, Arrays.toString(counts));
    }

    private static int pair(int first, int second) {
        return first * 3 + (second > first ? second - 1 : second);
    }

    @Test
    void withoutReplacement_randomWeights_drawsDistinctPositiveOnes() {
        for (long seed = 0; seed < 1_000; seed++) {
            double[] weights = randomWeights(seed);
            int numPositive = (int) Arrays.stream(weights).filter(w -> w > 0).count();
            int count = Seeds.generator(seed, 1).nextInt(numPositive + 1);
            int[] drawn = WeightedSampling.withoutReplacement(weights, count, seed);
            assertEquals(count, drawn.length, "seed " + seed);
            assertEquals(count, Arrays.stream(drawn).distinct().count(), "seed " + seed);
            for (int index : drawn) {
                assertTrue(weights[index] > 0, "seed " + seed);
            }
            int[] all = WeightedSampling.withoutReplacement(weights, numPositive, seed);
            assertArrayEquals(Arrays.copyOf(all, count), drawn, "seed " + seed);
        }
    }

    private static double[] randomWeights(long seed) {
        RandomGenerator random = Seeds.generator(seed);
        double[] weights = new double[random.nextInt(40)];
        Arrays.setAll(weights, i -> random.nextInt(4) == 0 ? 0 : random.nextExponential());
        return weights;
    }

    @Test
    void withoutReplacement_othersLeftOut_keepsTheOrderOfTheRest() {
        for (long seed = 0; seed < 1_000; seed++) {
            double[] weights = randomWeights(seed);
            int[] all =
                    WeightedSampling.withoutReplacement(weights, positive(weights).length, seed);
            int cut = Seeds.generator(seed, 1).nextInt(weights.length + 1);
            double[] shard = weights.clone();
            Arrays.fill(shard, 0, cut, 0);
            assertArrayEquals(
                    Arrays.stream(all).filter(i -> i >= cut).toArray(),
                    WeightedSampling.withoutReplacement(shard, positive(shard).length, seed),
                    "seed " + seed);
        }
    }

    private static int[] positive(double[] weights) {
        return IntStream.range(0, weights.length).filter(i -> weights[i] > 0).toArray();
    }

    @Test
    void withoutReplacement_scaledWeights_drawTheSame() {
        for (long seed = 0; seed < 1_000; seed++) {
            double[] weights = randomWeights(seed);
            double[] scaled = Arrays.stream(weights).map(w -> w * 0x1p30).toArray();
            int count = positive(weights).length;
            assertArrayEquals(
                    WeightedSampling.withoutReplacement(weights, count, seed),
                    WeightedSampling.withoutReplacement(scaled, count, seed),
                    "seed " + seed);
        }
    }

    @Test
    void withoutReplacement_extremeWeights_stillDrawAtRandom() {
        // Division would overflow to infinite keys, or underflow to 0, and indices would decide.
        for (double weight : new double[] {Double.MIN_VALUE, Double.MAX_VALUE}) {
            double[] weights = new double[100];
            Arrays.fill(weights, weight);
            int[] drawn = WeightedSampling.withoutReplacement(weights, 100, 1);
            Arrays.fill(weights, 1);
            assertArrayEquals(WeightedSampling.withoutReplacement(weights, 100, 1), drawn);
        }
        double[] weights = {Double.MIN_VALUE, Double.MAX_VALUE};
        assertArrayEquals(new int[] {1, 0}, WeightedSampling.withoutReplacement(weights, 2, 1));
    }

    @Test
    void withoutReplacement_staysAsItIs() {
        assertArrayEquals(
                new int[] {3, 1, 4, 0}, WeightedSampling.withoutReplacement(WEIGHTS, 4, 42));
        double[] even = new double[1_000];
        Arrays.fill(even, 1);
        assertArrayEquals(
                new int[] {628, 573, 938, 336, 9},
                WeightedSampling.withoutReplacement(even, 5, 42));
    }

    @Test
    void withoutReplacement_none_isEmpty() {
        assertEquals(0, WeightedSampling.withoutReplacement(new double[0], 0, 1).length);
        assertEquals(0, WeightedSampling.withoutReplacement(new double[3], 0, 1).length);
    }

    @Test
    void withoutReplacement_badArguments_areRejected() {
        assertRejected(
                "count = 5, exceeds the 4 positive weights",
                () -> WeightedSampling.withoutReplacement(WEIGHTS, 5, 1));
        assertRejected(
                "count = 1, exceeds the 0 positive weights",
                () -> WeightedSampling.withoutReplacement(new double[3], 1, 1));
        assertRejected(
                "count = -1, must be at least 0",
                () -> WeightedSampling.withoutReplacement(WEIGHTS, -1, 1));
        assertRejected(
                "weights[1] = NaN, must be finite and at least 0",
                () -> WeightedSampling.withoutReplacement(new double[] {1, Double.NaN}, 1, 1));
        assertRejected(
                "weights[0] = -1.0, must be finite and at least 0",
                () -> WeightedSampling.withoutReplacement(new double[] {-1}, 0, 1));
        assertRejected(
                "weights[0] = Infinity, must be finite and at least 0",
                () ->
                        WeightedSampling.withoutReplacement(
                                new double[] {Double.POSITIVE_INFINITY}, 1, 1));
        assertRejected(
                "weights = null, must be given",
                () -> WeightedSampling.withoutReplacement(null, 0, 1));
    }

    @Test
    void withReplacement_isInProportionToWeight() {
        int[] counts = new int[5];
        for (int i : WeightedSampling.withReplacement(WEIGHTS, NUM_DRAWS, Seeds.generator(1))) {
            counts[i]++;
        }
        assertFitsWeights(counts);
    }

    @Test
    void withReplacement_randomWeights_drawsPositiveOnes() {
        for (long seed = 0; seed < 1_000; seed++) {
            double[] weights = Arrays.copyOf(randomWeights(seed), 41);
            weights[Seeds.generator(seed, 1).nextInt(41)] = 1;
            int[] drawn = WeightedSampling.withReplacement(weights, 50, Seeds.generator(seed, 2));
            assertEquals(50, drawn.length, "seed " + seed);
            for (int index : drawn) {
                assertTrue(weights[index] > 0, "seed " + seed);
            }
        }
    }

    @Test
    void withReplacement_extremeRandomNumbers_neverDrawWeightZero() {
        double[] weights = {0, 0.1, 0.2, 0.3, 0, 0.4, 0, 0};
        assertArrayEquals(new int[] {1}, WeightedSampling.withReplacement(weights, 1, fixed(0)));
        assertArrayEquals(new int[] {5}, WeightedSampling.withReplacement(weights, 1, fixed(-1)));
        double[] thirds = {1, 1, 1, 0};
        assertArrayEquals(new int[] {2}, WeightedSampling.withReplacement(thirds, 1, fixed(-1)));
    }

    /** Always the same bits: 0 makes doubles 0, -1 the largest below 1. */
    private static RandomGenerator fixed(long bits) {
        return () -> bits;
    }

    @Test
    void withReplacement_hugeWeights_doNotOverflow() {
        double[] weights = {0, Double.MAX_VALUE, Double.MAX_VALUE};
        int[] counts = new int[3];
        for (int i : WeightedSampling.withReplacement(weights, 1_000, Seeds.generator(1))) {
            counts[i]++;
        }
        // Fair coin, 1,000 throws: within 6 standard deviations of 15.8.
        assertEquals(500, counts[1], 95);
        assertEquals(1_000, counts[1] + counts[2]);
    }

    @Test
    void withReplacement_countZero_isEmpty() {
        assertEquals(0, WeightedSampling.withReplacement(WEIGHTS, 0, fixed(0)).length);
    }

    @Test
    void withReplacement_badArguments_areRejected() {
        RandomGenerator random = Seeds.generator(1);
        assertRejected(
                "count = -1, must be at least 0",
                () -> WeightedSampling.withReplacement(WEIGHTS, -1, random));
        assertRejected(
                "weights = [], must not be empty",
                () -> WeightedSampling.withReplacement(new double[0], 1, random));
        assertRejected(
                "weights = 0 for all 2, at least one must be positive",
                () -> WeightedSampling.withReplacement(new double[2], 1, random));
        assertRejected(
                "weights[0] = NaN, must be finite and at least 0",
                () -> WeightedSampling.withReplacement(new double[] {Double.NaN}, 1, random));
        assertRejected(
                "random = null, must be given",
                () -> WeightedSampling.withReplacement(WEIGHTS, 1, null));
        assertRejected(
                "weights = null, must be given",
                () -> WeightedSampling.withReplacement(null, 1, random));
    }
}
