package org.dataflex.math;

import static org.dataflex.math.Rejection.assertRejected;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class LargestRemainderTest {

    private static final double ROUNDING = 1e-6; // 10,000 batches of up to 100 rows in float64

    /** From the golden file mixer_static_random_manager.json, "recommended_largest_remainder". */
    @Test
    void allocate_goldenCases_withAndWithoutCarry() {
        assertAllocated(new int[] {5, 3, 2}, 10, 0.5, 0.3, 0.2);
        assertAllocated(new int[] {2, 1, 1, 1, 1, 1, 1}, 8, Simplex.uniform(7));
        assertAllocated(new int[] {1, 1, 1, 1, 0, 0, 0}, 4, Simplex.uniform(7));
        double[] slimPajama = {0.541, 0.287, 0.042, 0.037, 0.034, 0.031, 0.028};
        assertAllocated(new int[] {35, 18, 3, 2, 2, 2, 2}, 64, slimPajama);
        assertAllocated(new int[] {3, 7}, 10, 0.3, 0.7);
        assertAllocated(new int[] {6, 5}, 11, 0.5, 0.5);
    }

    private static void assertAllocated(int[] expected, int total, double... shares) {
        assertArrayEquals(expected, LargestRemainder.allocate(total, shares));
        double[] carry = new double[shares.length];
        assertArrayEquals(expected, LargestRemainder.allocate(total, shares, carry));
    }

    @Test
    void allocate_edgeCases() {
        assertAllocated(new int[] {0, 0}, 0, 0.5, 0.5);
        assertAllocated(new int[] {9}, 9, 0.1);
        assertAllocated(new int[] {0, 3, 0}, 3, 0, 2, 0);
        assertAllocated(new int[] {3, 1}, 4, 3, 1);
        assertAllocated(new int[] {2, 2}, 4, Double.MAX_VALUE, Double.MAX_VALUE);
        assertAllocated(new int[] {2, 2}, 4, Double.MIN_VALUE, Double.MIN_VALUE);
        assertAllocated(new int[] {Integer.MAX_VALUE, 0}, Integer.MAX_VALUE, 1, 0);
        assertAllocated(new int[] {1 << 30, (1 << 30) - 1}, Integer.MAX_VALUE, 1, 1);
    }

    @Test
    void allocate_remaindersThatDifferByRounding_goToTheLowerIndex() {
        // 0.1 + 0.2 is a little more than 0.3: without the tolerance, the second would win.
        assertAllocated(new int[] {1, 0, 0}, 1, 0.3, 0.1 + 0.2, 0.3);
        assertAllocated(new int[] {1, 0}, 1, 0.5 - 4e-10, 0.5 + 4e-10);
        assertAllocated(new int[] {0, 1}, 1, 0.5 - 6e-10, 0.5 + 6e-10);
    }

    @Test
    void allocate_randomShares_sumsToTotalAndKeepsTheQuota() {
        for (long seed = 0; seed < 1_000; seed++) {
            RandomGenerator random = Seeds.generator(seed);
            int total = random.nextInt(200);
            double[] shares = randomShares(random, 1 + random.nextInt(64));
            int[] counts = LargestRemainder.allocate(total, shares);
            assertEquals(total, Arrays.stream(counts).sum(), "seed " + seed);
            double[] p = Simplex.normalize(shares);
            for (int d = 0; d < p.length; d++) {
                assertTrue(Math.abs(counts[d] - total * p[d]) < 1, "seed " + seed + ", " + d);
                assertTrue(p[d] > 0 || counts[d] == 0, "seed " + seed + ", " + d);
            }
            assertArrayEquals(
                    counts,
                    LargestRemainder.allocate(total, shares, new double[p.length]),
                    "seed " + seed);
        }
    }

    /** Of any steepness, some of them 0, and not all. */
    private static double[] randomShares(RandomGenerator random, int size) {
        double[] shares = new double[size];
        double steepness = 6 * random.nextDouble();
        for (int d = 0; d < size; d++) {
            boolean zero = random.nextInt(5) == 0;
            shares[d] = zero ? 0 : Math.exp(steepness * random.nextGaussian());
        }
        shares[random.nextInt(size)] = 1;
        return shares;
    }

    @Test
    void allocate_withCarry_updatesItToTheRowsOwed() {
        double[] carry = {0, 0};
        assertArrayEquals(new int[] {2, 1}, LargestRemainder.allocate(3, even(), carry));
        assertArrayEquals(new double[] {-0.5, 0.5}, carry);
        assertArrayEquals(new int[] {1, 2}, LargestRemainder.allocate(3, even(), carry));
        assertArrayEquals(new double[] {0, 0}, carry);
    }

    private static double[] even() {
        return new double[] {0.5, 0.5};
    }

    @Test
    void allocate_shareZero_getsNothing_evenIfOwed() {
        double[] carry = {0.75, 0, -0.75};
        assertArrayEquals(
                new int[] {0, 0, 1}, LargestRemainder.allocate(1, new double[] {0, 0, 1}, carry));
        assertArrayEquals(new double[] {0.75, 0, -0.75}, carry);
    }

    @Test
    void allocate_wholeAsk_isMetWhateverIsOwed() {
        double[] carry = {0.9, -0.9, 0};
        double[] shares = {0.3, 0.3, 0.4}; // 10 times 0.3 is a little less than 3 when normalised
        assertArrayEquals(new int[] {3, 3, 4}, LargestRemainder.allocate(10, shares, carry));
        assertArrayEquals(new double[] {0.9, -0.9, 0}, carry, 1e-12);
    }

    @Test
    void allocate_moreOwedThanRows_paysOneRowABatch() {
        double[] carry = {1.5, -1.5};
        assertArrayEquals(new int[] {2, 1}, LargestRemainder.allocate(3, even(), carry));
        assertArrayEquals(new double[] {1, -1}, carry);
        assertArrayEquals(new int[2], LargestRemainder.allocate(0, even(), carry));
        assertArrayEquals(new double[] {1, -1}, carry);
    }

    @Test
    void allocate_fixedShares_staysNearTheAsk() {
        for (int size : new int[] {2, 3, 4, 7, 16, 33, 64}) {
            double[] shares = randomShares(Seeds.generator(1, size), size);
            assertNear(1.25, size, (random, carry) -> shares);
        }
    }

    @Test
    void allocate_changingShares_staysNearTheAsk() {
        for (int size : new int[] {2, 3, 4, 7, 16, 33, 64}) {
            assertNear(1.25, size, (random, carry) -> randomShares(random, carry.length));
        }
    }

    @Test
    void allocate_sharesThatFollowTheArrears_staysNearTheAsk() {
        for (int size : new int[] {2, 3, 4, 7, 16, 33, 64}) {
            assertNear(2.5, size, LargestRemainderTest::sharesOfTheMostInArrears);
        }
    }

    private interface ShareSource {
        double[] next(RandomGenerator random, double[] carry);
    }

    private static double[] sharesOfTheMostInArrears(RandomGenerator random, double[] carry) {
        double[] shares = new double[carry.length];
        for (int domain : TopK.largest(carry, 1 + random.nextInt(carry.length))) {
            shares[domain] = 1;
        }
        return shares;
    }

    /** 10,000 batches, each within a row of its ask; what is owed is the ask less the counts. */
    private static void assertNear(double most, int size, ShareSource source) {
        RandomGenerator random = Seeds.generator(2, size);
        double[] carry = new double[size];
        double[] ask = new double[size];
        long[] got = new long[size];
        for (int batch = 0; batch < 10_000; batch++) {
            Supplier<String> what = describe(size, batch);
            int total = random.nextInt(12);
            double[] p = Simplex.normalize(source.next(random, carry));
            int[] counts = LargestRemainder.allocate(total, p, carry);
            for (int d = 0; d < size; d++) {
                got[d] += counts[d];
                ask[d] += total * p[d];
                assertTrue(counts[d] >= 0, what);
                assertTrue(p[d] > 0 || counts[d] == 0, what);
                assertTrue(Math.abs(counts[d] - total * p[d]) < 1, what);
                assertTrue(Math.abs(carry[d]) <= most, what);
            }
            assertEquals(total, Arrays.stream(counts).sum(), what);
        }
        for (int d = 0; d < size; d++) {
            assertEquals(ask[d] - got[d], carry[d], ROUNDING, "size " + size);
        }
        assertEquals(0, Arrays.stream(carry).sum(), 1e-12, "size " + size); // rounding is undone
    }

    private static Supplier<String> describe(int size, int batch) {
        return () -> "size " + size + ", batch " + batch;
    }

    @Test
    void badTotalOrShares_areRejected() {
        assertRejected("total = -1, must be at least 0", () -> allocate(-1, 1));
        assertRejected("shares = [], must not be empty", () -> allocate(1));
        assertRejected(
                "shares = 0 for all 2, at least one must be positive", () -> allocate(1, 0, 0));
        assertRejected(
                "shares[1] = -0.5, must be finite and at least 0", () -> allocate(1, 1, -0.5));
        assertRejected(
                "shares[0] = NaN, must be finite and at least 0", () -> allocate(1, Double.NaN));
        assertRejected(
                "shares[0] = Infinity, must be finite and at least 0",
                () -> allocate(1, Double.POSITIVE_INFINITY));
        assertRejected(
                "shares = null, must be given",
                () -> LargestRemainder.allocate(1, (double[]) null));
        assertRejected(
                "shares = null, must be given",
                () -> LargestRemainder.allocate(1, null, new double[1]));
        assertRejected(
                "total = -1, must be at least 0",
                () -> LargestRemainder.allocate(-1, even(), new double[2]));
    }

    private static int[] allocate(int total, double... shares) {
        return LargestRemainder.allocate(total, shares);
    }

    @Test
    void badCarry_isRejected() {
        assertRejected("carry = null, must be given", () -> allocateEvenly((double[]) null));
        assertRejected("carry has length 1, must be that of shares, 2", () -> allocateEvenly(0));
        assertRejected(
                "carry[1] = NaN, must be within 2 of 0", () -> allocateEvenly(0, Double.NaN));
        assertRejected(
                "carry[0] = -Infinity, must be within 2 of 0",
                () -> allocateEvenly(Double.NEGATIVE_INFINITY, 0));
        assertRejected("carry[0] = 2.5, must be within 2 of 0", () -> allocateEvenly(2.5, -2.5));
        assertRejected("sum of carry = 0.5, must be about 0", () -> allocateEvenly(0.5, 0));
    }

    private static int[] allocateEvenly(double... carry) {
        return LargestRemainder.allocate(1, even(), carry);
    }
}
