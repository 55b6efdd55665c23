package org.dataflex.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.dataflex.math.Seeds;
import org.dataflex.math.Shuffle;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class PairSearchTest {

    /** Float32 sums of up to 24 products of numbers below 1. */
    private static final double ROUNDING = 1e-6;

    @Test
    void above_randomUnitVectors_findsWhatBruteForceFinds() {
        for (long seed = 0; seed < 20; seed++) {
            RandomGenerator random = Seeds.generator(seed);
            int d = 2 + random.nextInt(23);
            int n = 1 + random.nextInt(200);
            float floor = random.nextFloat() * 2 - 1;
            checkAgainstBruteForce("seed " + seed, units(n, d, random), n - n / 3, floor, random);
        }
    }

    @Test
    void above_severalBlocks_findsWhatBruteForceFinds() {
        RandomGenerator random = Seeds.generator(1);
        checkAgainstBruteForce("blocks", units(3500, 8, random), 2500, 0.9f, random);
    }

    /** Of all but the last of the vectors, in any order, the first {@code some} with all others. */
    private static void checkAgainstBruteForce(
            String run, float[][] units, int some, float floor, RandomGenerator random) {
        long[] order = LongStream.range(0, units.length).toArray();
        Shuffle.inPlace(order, random);
        int[] named = Arrays.stream(order).mapToInt(i -> (int) i).limit(units.length - 1).toArray();
        some = Math.min(some, named.length);
        Map<Long, Float> found = new HashMap<>();
        try (NDManager manager = NDManager.newBaseManager();
                PairSearch search = new PairSearch(array(manager, units))) {
            search.above(
                    Arrays.copyOf(named, some),
                    Arrays.copyOfRange(named, some, named.length),
                    floor,
                    (i, j, product) -> assertNull(found.put((long) i << 32 | j, product), run));
        }
        int sure = 0;
        for (int i = 0; i < some; i++) {
            for (int j = i + 1; j < named.length; j++) {
                double exact = product(units[named[i]], units[named[j]]);
                Float product = found.remove((long) named[i] << 32 | named[j]);
                if (product != null) {
                    assertEquals(exact, product, ROUNDING, run);
                    assertTrue(product > floor, run);
                    sure++;
                } else {
                    assertTrue(exact < floor + ROUNDING, run + ": missed " + exact);
                }
            }
        }
        assertEquals(Map.of(), found, run);
        assertTrue(sure > 0 || some < 3 || floor > 0.8, run + ": nothing was found");
    }

    @Test
    void above_valuesOfVeryUnlikeSizes_missesNone() {
        RandomGenerator random = Seeds.generator(2);
        float[][] units = units(300, 40, random);
        units[0] = new float[40];
        units[0][7] = 1; // the unit of eight bits is as large as it gets
        for (float floor : new float[] {-0.3f, 0, 0.2f, 0.4f}) {
            checkAgainstBruteForce("floor " + floor, units, 300, floor, random);
        }
    }

    @Test
    void above_roundedVectors_areFreed() {
        try (NDManager manager = NDManager.newBaseManager()) {
            PairSearch search = new PairSearch(array(manager, new float[][] {{1, 0}, {0, 1}}));
            search.above(new int[] {1}, new int[] {0}, -1, (i, j, product) -> {});
            search.close();
            assertEquals(1, manager.getManagedArrays().size());
        }
    }

    @Test
    void vectors_noMatrix_areRefused() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray vector = manager.create(new float[] {1, 0});
            assertEquals(
                    "vectors must be [n, d]; got [(2)]",
                    assertThrows(IllegalArgumentException.class, () -> new PairSearch(vector))
                            .getMessage());
        }
    }

    private static float[][] units(int count, int d, RandomGenerator random) {
        float[][] units = new float[count][d];
        for (float[] unit : units) {
            double squares = 0;
            for (int f = 0; f < d; f++) {
                unit[f] = (float) random.nextGaussian();
                squares += unit[f] * unit[f];
            }
            for (int f = 0; f < d; f++) {
                unit[f] /= (float) Math.sqrt(squares);
            }
        }
        return units;
    }

    private static double product(float[] a, float[] b) {
        double sum = 0;
        for (int f = 0; f < a.length; f++) {
            sum += (double) a[f] * b[f];
        }
        return sum;
    }

    private static NDArray array(NDManager manager, float[][] rows) {
        float[] flat = new float[rows.length * rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, flat, i * rows[0].length, rows[0].length);
        }
        return manager.create(flat, new Shape(rows.length, rows[0].length));
    }
}
