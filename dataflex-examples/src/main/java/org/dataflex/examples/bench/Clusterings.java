package org.dataflex.examples.bench;

import java.util.Locale;
import java.util.random.RandomGenerator;
import org.dataflex.math.Clustering;
import org.dataflex.math.FarthestFirst;
import org.dataflex.math.KMeans;
import org.dataflex.math.Seeds;
import org.dataflex.torch.CentreProducts;

/**
 * What it costs to divide 100,000 vectors of 384 features into 1,000 clusters, in 200 of which they
 * were made.
 */
public final class Clusterings {

    private static final int SIZE = 100_000;
    private static final int FEATURES = 384;
    private static final int MADE_IN = 200;
    private static final int CLUSTERS = 1_000;

    private Clusterings() {}

    /**
     * Prints one line a clustering.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        float[][] rows = new float[SIZE][FEATURES];
        for (int i = 0; i < SIZE; i++) {
            RandomGenerator own = Seeds.generator(1, i);
            RandomGenerator centre = Seeds.generator(0, own.nextInt(MADE_IN));
            for (int f = 0; f < FEATURES; f++) {
                rows[i][f] = (float) (centre.nextGaussian() + own.nextGaussian());
            }
        }
        measure("farthest first", new FarthestFirst(), rows);
        measure("k-means, 1 iteration", fast(1), rows);
        measure("k-means, 20 iterations", fast(20), rows);
    }

    private static Clustering fast(int iterations) {
        return KMeans.euclidean(iterations).withSearch(new CentreProducts());
    }

    private static void measure(String name, Clustering clustering, float[][] rows) {
        long begin = System.nanoTime();
        clustering.cluster(rows, CLUSTERS, 3);
        System.out.printf(Locale.ROOT, "%-24s %6.1f s%n", name, (System.nanoTime() - begin) / 1e9);
    }
}
