package org.dataflex.math;

import static org.dataflex.math.Rejection.assertRejected;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.Comparator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TopKTest {

    private static final double INFINITY = Double.POSITIVE_INFINITY;

    @Test
    void largest_isBestFirst() {
        assertArrayEquals(new int[] {3, 0}, TopK.largest(new double[] {4, 1, 3, 5}, 2));
        assertArrayEquals(new int[] {3, 0}, TopK.largest(new float[] {4, 1, 3, 5}, 2));
        assertArrayEquals(new int[] {3, 0, 2, 1}, TopK.largest(new double[] {4, 1, 3, 5}, 4));
    }

    @Test
    void largest_ties_goToTheLowerIndex() {
        assertArrayEquals(new int[] {1, 3, 0}, TopK.largest(new double[] {1, 2, 1, 2, 1}, 3));
        assertArrayEquals(new int[] {0, 1}, TopK.largest(new double[] {-0.0, 0.0, -0.0}, 2));
        assertArrayEquals(new int[] {0, 1}, TopK.largest(new float[] {-0f, 0f}, 2));
    }

    @Test
    void largest_nan_ranksLast() {
        double[] scores = {Double.NaN, -INFINITY, Double.NaN, 0, INFINITY};
        assertArrayEquals(new int[] {4, 3, 1, 0, 2}, TopK.largest(scores, 5));
        assertArrayEquals(new int[] {4, 3, 1}, TopK.largest(scores, 3));
        float[] floats = {Float.NaN, Float.NEGATIVE_INFINITY, 0};
        assertArrayEquals(new int[] {2, 1, 0}, TopK.largest(floats, 3));
    }

    @Test
    void largest_none_isEmpty() {
        assertArrayEquals(new int[0], TopK.largest(new double[] {1, 2}, 0));
        assertArrayEquals(new int[0], TopK.largest(new double[0], 0));
        assertArrayEquals(new int[0], TopK.largest(new float[0], 0));
    }

    @Test
    void largest_randomScores_equalsSorting() {
        for (long seed = 0; seed < 1_000; seed++) {
            RandomGenerator random = Seeds.generator(seed);
            double[] scores = new double[random.nextInt(60)];
            Arrays.setAll(scores, i -> randomScore(random));
            float[] floats = new float[scores.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) scores[i]; // small integers or not finite: exact
            }
            int k = random.nextInt(scores.length + 1);
            int[] expected = Arrays.copyOf(sorted(scores), k);
            assertArrayEquals(expected, TopK.largest(scores, k), "seed " + seed);
            assertArrayEquals(expected, TopK.largest(floats, k), "seed " + seed);
        }
    }

    /** Few values, so that there are ties. */
    private static double randomScore(RandomGenerator random) {
        int choice = random.nextInt(30);
        return switch (choice) {
            case 0 -> Double.NaN;
            case 1 -> INFINITY;
            case 2 -> -INFINITY;
            default -> choice - 15;
        };
    }

    private static int[] sorted(double[] scores) {
        Comparator<Integer> order =
                Comparator.<Integer, Boolean>comparing(i -> Double.isNaN(scores[i]))
                        .thenComparing(i -> -scores[i])
                        .thenComparing(i -> i);
        return IntStream.range(0, scores.length)
                .boxed()
                .sorted(order)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    @Test
    void badArguments_areRejected() {
        assertRejected("k = -1, must be in [0, 2]", () -> TopK.largest(new double[2], -1));
        assertRejected("k = 3, must be in [0, 2]", () -> TopK.largest(new double[2], 3));
        assertRejected("k = 3, must be in [0, 2]", () -> TopK.largest(new float[2], 3));
        assertRejected("scores = null, must be given", () -> TopK.largest((double[]) null, 0));
        assertRejected("scores = null, must be given", () -> TopK.largest((float[]) null, 0));
    }
}
