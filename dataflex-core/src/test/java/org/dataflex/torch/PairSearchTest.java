package org.dataflex.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.dataflex.math.Seeds;
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
            checkAgainstBruteForce("seed " + seed, units(n, d, random), n - n / 3, floor);
        }
    }

    @Test
    void above_severalBlocks_findsWhatBruteForceFinds() {
        checkAgainstBruteForce("blocks", units(4500, 8, Seeds.generator(1)), 2500, 0.9f);
    }

    private static void checkAgainstBruteForce(String run, float[][] units, int rows, float floor) {
        Map<Long, Float> found = new HashMap<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray vectors = array(manager, units);
            PairSearch.above(
                    vectors,
                    rows,
                    floor,
                    (i, j, product) -> found.put((long) i << 32 | j, product));
            assertEquals(1, manager.getManagedArrays().size());
        }
        int sure = 0;
        for (int i = 0; i < rows; i++) {
            for (int j = i + 1; j < units.length; j++) {
                double exact = product(units[i], units[j]);
                Float product = found.remove((long) i << 32 | j);
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
        assertTrue(sure > 0 || rows < 3 || floor > 0.8, run + ": nothing was found");
    }

    @Test
    void above_badArguments_areRefused() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray two = array(manager, new float[][] {{1, 0}, {0, 1}});
            for (int rows : new int[] {-1, 3}) {
                assertEquals(
                        "rows = " + rows + ", must be in [0, 2]",
                        refusal(() -> PairSearch.above(two, rows, 0, (i, j, p) -> {})));
            }
            NDArray vector = manager.create(new float[] {1, 0});
            assertEquals(
                    "vectors must be [n, d]; got [(2)]",
                    refusal(() -> PairSearch.above(vector, 1, 0, (i, j, p) -> {})));
        }
    }

    private static String refusal(Runnable call) {
        return assertThrows(IllegalArgumentException.class, call::run).getMessage();
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
