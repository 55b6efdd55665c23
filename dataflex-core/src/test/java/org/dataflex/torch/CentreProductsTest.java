package org.dataflex.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.random.RandomGenerator;
import org.dataflex.math.CentreSearch;
import org.dataflex.math.KMeans;
import org.dataflex.math.Seeds;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class CentreProductsTest {

    /** Multiples of 1/8: sums are exact, ties common. */
    private static float[][] rows(int count, int features, RandomGenerator random) {
        float[][] rows = new float[count][features];
        for (float[] row : rows) {
            for (int j = 0; j < features; j++) {
                row[j] = random.nextInt(-8, 9) / 8f;
            }
        }
        return rows;
    }

    @Test
    void nearest_isThatOfJava_tiesIncluded() {
        for (long seed = 0; seed < 20; seed++) {
            RandomGenerator random = Seeds.generator(seed);
            int d = 1 + random.nextInt(6);
            float[][] rows = rows(1 + random.nextInt(500), d, random);
            float[][] centres = rows(1 + random.nextInt(60), d, random);
            float[] offsets = rows(1, centres.length, random)[0];
            assertArrayEquals(
                    CentreSearch.JAVA.nearest(rows, centres, offsets),
                    new CentreProducts().nearest(rows, centres, offsets),
                    "seed " + seed);
        }
    }

    @Test
    void nearest_manyRows_goesBlockByBlock() {
        float[][] rows = rows(9000, 3, Seeds.generator(1));
        float[][] centres = rows(1000, 3, Seeds.generator(2)); // 4,194 rows a block
        float[] offsets = new float[1000];
        assertArrayEquals(
                CentreSearch.JAVA.nearest(rows, centres, offsets),
                new CentreProducts().nearest(rows, centres, offsets));
    }

    @Test
    void blocks_areBounded_forFewCentresOfManyFeaturesToo() {
        assertEquals(1 << 10, CentreProducts.blockSize(1, 1 << 12));
        assertEquals(1 << 10, CentreProducts.blockSize(1 << 12, 1));
        assertEquals(1, CentreProducts.blockSize(1, 1 << 23));
    }

    @Test
    void kMeans_withIt_givesAsGoodClusters() {
        float[][] rows = rows(800, 5, Seeds.generator(3));
        KMeans java = KMeans.euclidean(10);
        int[] expected = java.cluster(rows, 12, 4);
        int[] actual = java.withSearch(new CentreProducts()).cluster(rows, 12, 4);
        int same = 0;
        for (int i = 0; i < rows.length; i++) {
            same += expected[i] == actual[i] ? 1 : 0;
        }
        assertEquals(rows.length, same, 40); // where rounding decides between two centres
    }
}
