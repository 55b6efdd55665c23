package org.dataflex.math;

import static org.dataflex.math.Rejection.assertRejected;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ShuffleTest {

    @Test
    void inPlace_randomValues_keepsThem() {
        for (long seed = 0; seed < 1_000; seed++) {
            RandomGenerator random = Seeds.generator(seed);
            long[] values = random.longs(random.nextInt(50), 0, 20).toArray();
            long[] shuffled = values.clone();
            Shuffle.inPlace(shuffled, random);
            Arrays.sort(values);
            Arrays.sort(shuffled);
            assertArrayEquals(values, shuffled, "seed " + seed);
        }
    }

    @Test
    void inPlace_manySeeds_makesEachOrderEquallyOften() {
        int[] counts = new int[24];
        for (long seed = 0; seed < 12_000; seed++) {
            long[] values = {0, 1, 2, 3};
            Shuffle.inPlace(values, Seeds.generator(seed));
            counts[rank(values)]++;
        }
        double[] expected = new double[24];
        Arrays.fill(expected, 500);
        ChiSquare.assertFits(ChiSquare.statistic(counts, expected), 23, Arrays.toString(counts));
    }

    /** Numbers the 24 orders of 0, 1, 2, 3. */
    private static int rank(long[] order) {
        int second = (int) (order[1] - (order[1] > order[0] ? 1 : 0));
        return (int) order[0] * 6 + second * 2 + (order[2] > order[3] ? 1 : 0);
    }

    @Test
    void inPlace_staysAsItIs() {
        long[] values = LongStream.range(0, 10).toArray();
        Shuffle.inPlace(values, Seeds.generator(7));
        assertArrayEquals(new long[] {6, 5, 4, 3, 0, 1, 8, 9, 7, 2}, values);
    }

    @Test
    void inPlace_noneOrOne_staysAsItIs() {
        long[] none = {};
        Shuffle.inPlace(none, Seeds.generator(1));
        assertArrayEquals(new long[0], none);
        long[] one = {5};
        Shuffle.inPlace(one, Seeds.generator(1));
        assertArrayEquals(new long[] {5}, one);
    }

    @Test
    void nullArguments_areRejected() {
        RandomGenerator random = Seeds.generator(1);
        assertRejected("values = null, must be given", () -> Shuffle.inPlace(null, random));
        assertRejected("random = null, must be given", () -> Shuffle.inPlace(new long[0], null));
    }
}
