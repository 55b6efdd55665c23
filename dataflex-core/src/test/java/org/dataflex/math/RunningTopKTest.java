package org.dataflex.math;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RunningTopKTest {

    @Test
    void offer_manyScores_keepsWhatTopKFinds() {
        for (long seed = 0; seed < 300; seed++) {
            RandomGenerator random = Seeds.generator(seed);
            int size = 1 + random.nextInt(400);
            int k = 1 + random.nextInt(size);
            int levels = 1 + random.nextInt(50); // few: many ties
            float[] scores = new float[size];
            for (int i = 0; i < size; i++) {
                scores[i] = (random.nextInt(levels) - levels / 2) / 7f;
            }
            long[] order = LongStream.range(0, size).toArray();
            Shuffle.inPlace(order, random);
            RunningTopK running = new RunningTopK(k, Float.NEGATIVE_INFINITY);
            for (long i : order) {
                running.offer(scores[(int) i], (int) i);
            }
            int[] expected = TopK.largest(scores, k);
            assertArrayEquals(expected, running.indices(), "seed " + seed);
            float[] kept = running.scores();
            for (int i = 0; i < k; i++) {
                assertEquals(scores[expected[i]], kept[i], "seed " + seed);
            }
        }
    }

    @Test
    void offer_inAscendingOrderAboveTheThreshold_losesNothing() {
        for (long seed = 0; seed < 100; seed++) {
            RandomGenerator random = Seeds.generator(seed);
            float[] scores = new float[500];
            RunningTopK running = new RunningTopK(20, Float.NEGATIVE_INFINITY);
            for (int i = 0; i < scores.length; i++) {
                scores[i] = random.nextInt(60);
                if (scores[i] > running.threshold()) {
                    running.offer(scores[i], i);
                }
            }
            assertArrayEquals(TopK.largest(scores, 20), running.indices(), "seed " + seed);
        }
    }

    @Test
    void offer_atTheFloorBelowItOrNaN_isLeftOut() {
        RunningTopK running = new RunningTopK(4, 0.5f);
        running.offer(0.5f, 0);
        running.offer(0.4f, 1);
        running.offer(Float.NaN, 2);
        running.offer(0.6f, 3);
        assertEquals(0.5f, running.threshold());
        assertArrayEquals(new int[] {3}, running.indices());
        assertArrayEquals(new float[] {0.6f}, running.scores());
    }

    @Test
    void offer_zeroesOfBothSigns_areEqual() {
        RunningTopK running = new RunningTopK(3, -1);
        running.offer(0f, 2);
        running.offer(-0f, 1);
        running.offer(-0.5f, 0);
        assertArrayEquals(new int[] {1, 2, 0}, running.indices());
    }

    @Test
    void offer_extremes_areRanked() {
        RunningTopK running = new RunningTopK(3, Float.NEGATIVE_INFINITY);
        running.offer(-Float.MAX_VALUE, 0);
        running.offer(Float.POSITIVE_INFINITY, Integer.MAX_VALUE);
        running.offer(Float.MIN_VALUE, 1);
        running.offer(-Float.MIN_VALUE, 2);
        assertArrayEquals(new int[] {Integer.MAX_VALUE, 1, 2}, running.indices());
    }

    @Test
    void make_badArguments_areRefused() {
        assertEquals(
                "k = 0, must be in [1, 2^30)",
                assertThrows(IllegalArgumentException.class, () -> new RunningTopK(0, 0))
                        .getMessage());
        assertEquals(
                "floor = NaN, must be a number",
                assertThrows(IllegalArgumentException.class, () -> new RunningTopK(1, Float.NaN))
                        .getMessage());
    }
}
