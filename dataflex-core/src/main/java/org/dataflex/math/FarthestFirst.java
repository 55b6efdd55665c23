package org.dataflex.math;

import java.util.Arrays;

/**
 * Makes each next centre of the vector farthest from all centres so far, and clusters of the
 * vectors nearest to each: the largest distance to a centre is at most twice the smallest possible.
 *
 * <p>Ties go to the lower vector, and to the earlier centre; a vector that is a centre is in its
 * own cluster, even beside an equal one. Cost: O(n k d), and memory for a copy of the vectors.
 *
 * @see <a href="https://doi.org/10.1016/0304-3975(85)90224-5">Gonzalez: Clustering to minimize the
 *     maximum intercluster distance, 1985</a>
 */
public final class FarthestFirst implements Clustering {

    /** Makes the clustering. */
    public FarthestFirst() {}

    @Override
    public int[] cluster(float[][] rows, int k, long seed) {
        Vectors.check(rows, k);
        return from(Seeds.generator(seed).nextInt(rows.length), rows, k);
    }

    /** Clusters from a given first centre. */
    static int[] from(int first, float[][] rows, int k) {
        float[] distances = new float[rows.length];
        Arrays.fill(distances, Float.POSITIVE_INFINITY);
        int[] labels = new int[rows.length];
        DistanceTiles tiles = new DistanceTiles(rows);
        int centre = first;
        for (int c = 0; c < k; c++) {
            if (c > 0) {
                centre = farthest(distances);
            }
            join(tiles, rows[centre], c, distances, labels);
            labels[centre] = c;
            distances[centre] = -1; // a centre never becomes one again, nor leaves
        }
        return labels;
    }

    private static void join(
            DistanceTiles tiles, float[] centre, int label, float[] distances, int[] labels) {
        tiles.forEach(
                centre,
                (first, count, squared) -> {
                    for (int i = 0; i < count; i++) {
                        if (squared[i] < distances[first + i]) {
                            distances[first + i] = squared[i];
                            labels[first + i] = label;
                        }
                    }
                });
    }

    private static int farthest(float[] distances) {
        int farthest = 0;
        for (int i = 1; i < distances.length; i++) {
            if (distances[i] > distances[farthest]) {
                farthest = i;
            }
        }
        return farthest;
    }
}
