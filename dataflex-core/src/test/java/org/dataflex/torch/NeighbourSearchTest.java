package org.dataflex.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.dataflex.math.Seeds;
import org.dataflex.math.TopK;
import org.dataflex.testing.NoLeaks;
import org.dataflex.torch.NeighbourSearch.Neighbours;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class NeighbourSearchTest {

    /** Float32 sums of up to 40 products of numbers below 1. */
    private static final double ROUNDING = 1e-5;

    @Test
    void search_randomVectors_findsWhatBruteForceFinds() {
        for (long seed = 0; seed < 20; seed++) {
            RandomGenerator random = Seeds.generator(seed);
            int d = 1 + random.nextInt(40);
            float[][] queries = vectors(1 + random.nextInt(9), d, random);
            float[][] vectors = vectors(1 + random.nextInt(300), d, random);
            int k = 1 + random.nextInt(vectors.length);
            Neighbours found = search(queries, vectors, k, Float.NEGATIVE_INFINITY);
            for (int j = 0; j < queries.length; j++) {
                double[] exact = products(queries[j], vectors);
                int[] best = TopK.largest(exact, k);
                assertEquals(k, found.indices()[j].length);
                for (int i = 0; i < k; i++) { // the same up to ties of rounding
                    int index = found.indices()[j][i];
                    assertEquals(exact[best[i]], exact[index], ROUNDING, "seed " + seed);
                    assertEquals(exact[index], found.products()[j][i], ROUNDING, "seed " + seed);
                }
            }
        }
    }

    @Test
    void search_manyQueries_goesBlockByBlock() {
        RandomGenerator random = Seeds.generator(3);
        float[][] queries = new float[3000][]; // 349 vectors a block
        float[][] few = vectors(30, 2, random);
        for (int j = 0; j < queries.length; j++) {
            queries[j] = few[j % few.length];
        }
        float[][] vectors = vectors(1000, 2, random);
        Neighbours found = search(queries, vectors, 5, Float.NEGATIVE_INFINITY);
        for (int j = 0; j < queries.length; j++) {
            double[] exact = products(queries[j], vectors);
            int[] best = TopK.largest(exact, 5);
            for (int i = 0; i < 5; i++) {
                assertEquals(exact[best[i]], exact[found.indices()[j][i]], ROUNDING);
            }
        }
    }

    @Test
    void search_fewQueriesOfManyFeatures_readsBoundedBlocks() {
        int d = 1 << 15;
        List<Integer> blocks = new ArrayList<>();
        VectorBlocks counting =
                new VectorBlocks() {
                    @Override
                    public int size() {
                        return 1030;
                    }

                    @Override
                    public NDArray block(NDManager manager, int from, int to) {
                        blocks.add(to - from);
                        return manager.create(new Shape(to - from, d));
                    }
                };
        try (NDManager manager = NDManager.newBaseManager();
                NDArray query = manager.ones(new Shape(1, d))) {
            NeighbourSearch.search(query, counting, 1);
        }
        assertEquals(List.of(512, 512, 6), blocks); // 2^24 values each
    }

    @Test
    void search_equalProducts_areRankedByIndex() {
        int n = 2000;
        float[][] vectors = new float[n][];
        for (int i = 0; i < n; i++) {
            vectors[i] = new float[] {i % 3, 1};
        }
        float[][] queries = new float[700][]; // 1,497 vectors a block
        Arrays.fill(queries, new float[] {1, 0});
        Neighbours found = search(queries, vectors, 700, Float.NEGATIVE_INFINITY);
        for (int[] ofQuery : found.indices()) {
            for (int i = 0; i < 666; i++) {
                assertEquals(3 * i + 2, ofQuery[i]);
            }
            for (int i = 666; i < 700; i++) {
                assertEquals(3 * (i - 666) + 1, ofQuery[i]);
            }
        }
    }

    @Test
    void search_floor_leavesOutWhatDoesNotExceedIt() {
        float[][] vectors = {{0.25f}, {0.5f}, {0.75f}, {1}};
        Neighbours found = search(new float[][] {{1}, {0.5f}}, vectors, 2, 0.5f);
        assertArrayEquals(new int[][] {{3, 2}, {}}, found.indices());
        assertArrayEquals(new float[] {1, 0.75f}, found.products()[0]);
    }

    @Test
    void search_badArguments_areRefused() {
        float[][] two = {{1, 0}, {0, 1}};
        for (int k : new int[] {0, 3}) {
            assertEquals(
                    "k = " + k + ", must be in [1, 2]",
                    assertThrows(IllegalArgumentException.class, () -> search(two, two, k, 0))
                            .getMessage());
        }
        assertEquals(
                "queries must be [m, d] and vectors [n, d]; got [(1, 3), (2, 2)]",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> search(new float[][] {{1, 2, 3}}, two, 1, 0))
                        .getMessage());
    }

    private static Neighbours search(float[][] queries, float[][] vectors, int k, float floor) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray ofQueries = array(manager, queries);
            NDArray ofVectors = array(manager, vectors);
            Neighbours found =
                    NeighbourSearch.search(ofQueries, VectorBlocks.of(ofVectors), k, floor);
            assertEquals(2, manager.getManagedArrays().size());
            return found;
        }
    }

    private static NDArray array(NDManager manager, float[][] rows) {
        float[] flat = new float[rows.length * rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, flat, i * rows[0].length, rows[0].length);
        }
        return manager.create(flat, new Shape(rows.length, rows[0].length));
    }

    private static float[][] vectors(int count, int dimension, RandomGenerator random) {
        float[][] vectors = new float[count][dimension];
        for (float[] vector : vectors) {
            for (int i = 0; i < dimension; i++) {
                vector[i] = random.nextFloat() * 2 - 1;
            }
        }
        return vectors;
    }

    private static double[] products(float[] query, float[][] vectors) {
        double[] products = new double[vectors.length];
        for (int i = 0; i < vectors.length; i++) {
            for (int f = 0; f < query.length; f++) {
                products[i] += (double) query[f] * vectors[i][f];
            }
        }
        return products;
    }
}
