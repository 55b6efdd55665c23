package org.dataflex.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class LargestSumTest {

    @Test
    void sum_random_isThatOfTheSortedEnd() {
        for (long seed = 0; seed < 500; seed++) {
            RandomGenerator random = Seeds.generator(seed);
            int k = random.nextInt(40);
            float[] values = new float[random.nextInt(200)];
            LargestSum largest = new LargestSum(k);
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextInt(64) / 8f - 4; // exact sums, many ties
                largest.offer(values[i]);
            }
            Arrays.sort(values);
            double sum = 0;
            for (int i = Math.max(0, values.length - k); i < values.length; i++) {
                sum += values[i];
            }
            assertEquals(sum, largest.sum(), "seed " + seed);
        }
    }

    @Test
    void negativeCount_isRefused() {
        assertEquals(
                "k = -1, must be at least 0",
                assertThrows(IllegalArgumentException.class, () -> new LargestSum(-1))
                        .getMessage());
    }
}
