package org.dataflex.math;

import static org.dataflex.math.Rejection.assertRejected;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class SeededPermutationTest {

    @Test
    void at_allPositions_isABijection() {
        for (int size = 1; size <= 200; size++) {
            for (long seed = 0; seed < 5; seed++) {
                assertBijection(size, seed);
            }
        }
        for (int size : new int[] {1_023, 1_024, 1_025, 16_384, 16_385, 65_537, 100_000}) {
            assertBijection(size, 7);
        }
    }

    private static void assertBijection(int size, long seed) {
        SeededPermutation permutation = new SeededPermutation(size, seed);
        BitSet seen = new BitSet(size);
        for (int i = 0; i < size; i++) {
            seen.set(Math.toIntExact(permutation.at(i)));
        }
        String what = "size " + size + ", seed " + seed;
        assertEquals(size, seen.cardinality(), what);
        assertEquals(size, seen.length(), what);
    }

    @Test
    void at_hugeSizes_isInRangeAndDistinct() {
        long[] sizes = {1L << 31, (1L << 62) - 1, 1L << 62, (1L << 62) + 1, Long.MAX_VALUE};
        for (long size : sizes) {
            SeededPermutation permutation = new SeededPermutation(size, 1);
            Set<Long> seen = new HashSet<>();
            for (long i = 0; i < 500; i++) {
                assertTrue(seen.add(permutation.at(i)), "size " + size + ", index " + i);
                assertTrue(seen.add(permutation.at(size - 1 - i)), "size " + size + ", -" + i);
            }
            assertTrue(seen.stream().allMatch(n -> n >= 0 && n < size), "size " + size);
        }
    }

    @Test
    void at_randomSizesAndPositions_isInRangeAndRepeatable() {
        for (long seed = 0; seed < 1_000; seed++) {
            RandomGenerator random = Seeds.generator(seed);
            long size = 1 + (random.nextLong() >>> (1 + random.nextInt(62))); // of all magnitudes
            SeededPermutation permutation = new SeededPermutation(size, seed);
            long index = random.nextLong(size);
            long number = permutation.at(index);
            assertTrue(number >= 0 && number < size, "seed " + seed);
            assertEquals(number, new SeededPermutation(size, seed).at(index), "seed " + seed);
            assertEquals(size, permutation.size(), "seed " + seed);
        }
    }

    @Test
    void at_staysAsItIs() {
        // A second implementation, in Python, gave the same numbers.
        assertArrayEquals(new long[] {5, 0, 3, 7, 1, 6, 9, 8, 4, 2}, first(10, 7, 10));
        assertArrayEquals(new long[] {16500, 59653, 25775, 50218, 38131}, first(100_000, 42, 5));
        assertArrayEquals(
                new long[] {1138127014085741748L, 8985684970865988922L},
                first(Long.MAX_VALUE, 42, 2));
    }

    private static long[] first(long size, long seed, int count) {
        SeededPermutation permutation = new SeededPermutation(size, seed);
        long[] numbers = new long[count];
        Arrays.setAll(numbers, permutation::at);
        return numbers;
    }

    @Test
    void at_sizeOne_isZero() {
        assertEquals(0, new SeededPermutation(1, 3).at(0));
    }

    @Test
    void at_otherSeeds_giveOtherOrders() {
        Set<String> orders = new HashSet<>();
        for (long seed = 0; seed < 1_000; seed++) {
            orders.add(Arrays.toString(first(20, seed, 20)));
        }
        assertEquals(1_000, orders.size()); // of 20! orders
        assertFalse(orders.contains(Arrays.toString(identity(20))));
    }

    private static long[] identity(int size) {
        long[] numbers = new long[size];
        Arrays.setAll(numbers, i -> i);
        return numbers;
    }

    @Test
    void at_manySeeds_putsEachNumberInEachPositionEquallyOften() {
        int numSeeds = 2_000;
        for (int size = 2; size <= 17; size++) {
            int[] counts = new int[size * size];
            for (long seed = 0; seed < numSeeds; seed++) {
                SeededPermutation permutation = new SeededPermutation(size, seed);
                for (int i = 0; i < size; i++) {
                    counts[i * size + (int) permutation.at(i)]++;
                }
            }
            double[] expected = new double[size * size];
            Arrays.fill(expected, (double) numSeeds / size);
            // Rows and columns have fixed sums, hence the factor and the degrees of freedom.
            double statistic = ChiSquare.statistic(counts, expected) * (size - 1) / size;
            ChiSquare.assertFits(statistic, (size - 1) * (size - 1), "size " + size);
        }
    }

    @Test
    void at_manySeeds_makesEachOrderOfFewNumbersEquallyOften() {
        assertOrdersUniform(3, 6);
        assertOrdersUniform(4, 24);
        assertOrdersUniform(5, 120);
    }

    private static void assertOrdersUniform(int size, int numOrders) {
        int numSeeds = 12_000;
        int[] counts = new int[numOrders];
        for (long seed = 0; seed < numSeeds; seed++) {
            counts[rank(first(size, seed, size))]++;
        }
        double[] expected = new double[numOrders];
        Arrays.fill(expected, (double) numSeeds / numOrders);
        ChiSquare.assertFits(
                ChiSquare.statistic(counts, expected), numOrders - 1, "orders of " + size);
    }

    /** Numbers the orders, by their Lehmer code. */
    private static int rank(long[] order) {
        int rank = 0;
        for (int i = 0; i < order.length; i++) {
            int smallerLater = 0;
            for (int j = i + 1; j < order.length; j++) {
                smallerLater += order[j] < order[i] ? 1 : 0;
            }
            rank = rank * (order.length - i) + smallerLater;
        }
        return rank;
    }

    @Test
    void badArguments_areRejected() {
        assertRejected("size = 0, must be at least 1", () -> new SeededPermutation(0, 1));
        assertRejected("size = -5, must be at least 1", () -> new SeededPermutation(-5, 1));
        SeededPermutation permutation = new SeededPermutation(7, 1);
        assertRejected("index = -1, must be in [0, 7)", () -> permutation.at(-1));
        assertRejected("index = 7, must be in [0, 7)", () -> permutation.at(7));
    }
}
