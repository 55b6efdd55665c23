package org.dataflex.math;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Moves k centres to the means of the vectors nearest to them until no vector changes its cluster:
 * Lloyd's algorithm from a k-means++ start.
 *
 * <p>An empty cluster takes the vector farthest from its own centre, of a cluster that has another.
 * Cost: O(n k d) an iteration and for the start, and memory for a copy of the vectors; no cluster
 * is empty.
 *
 * @see <a href="https://dl.acm.org/doi/10.5555/1283383.1283494">Arthur, Vassilvitskii: k-means++:
 *     The Advantages of Careful Seeding, SODA 2007</a>
 */
public final class KMeans implements Clustering {

    private final int iterations;
    private final boolean spherical;
    private final CentreSearch search;

    private KMeans(int iterations, boolean spherical, CentreSearch search) {
        Arguments.atLeast("iterations", iterations, 1);
        this.search = search;
        this.iterations = iterations;
        this.spherical = spherical;
    }

    /**
     * Makes k-means by squared distance.
     *
     * @param iterations how often centres move at most, at least 1
     * @return the clustering
     * @throws IllegalArgumentException if out of range
     */
    public static KMeans euclidean(int iterations) {
        return new KMeans(iterations, false, CentreSearch.JAVA);
    }

    /**
     * Makes spherical k-means: vectors are scaled to length 1, centres are means scaled to length
     * 1, and the nearest has the largest cosine.
     *
     * @param iterations how often centres move at most, at least 1
     * @return the clustering
     * @throws IllegalArgumentException if out of range
     * @see <a href="https://doi.org/10.1023/A:1007612920971">Dhillon, Modha: Concept Decompositions
     *     for Large Sparse Text Data Using Clustering, 2001</a>
     */
    public static KMeans spherical(int iterations) {
        return new KMeans(iterations, true, CentreSearch.JAVA);
    }

    /**
     * Makes the same clustering by another search.
     *
     * @param search finds nearest centres, up to rounding as {@link CentreSearch#JAVA} does, which
     *     is the default
     * @return the clustering
     */
    public KMeans withSearch(CentreSearch search) {
        return new KMeans(iterations, spherical, search);
    }

    @Override
    public int[] cluster(float[][] rows, int k, long seed) {
        Vectors.check(rows, k);
        float[][] points =
                spherical ? Arrays.stream(rows).map(Vectors::unit).toArray(float[][]::new) : rows;
        return lloyd(points, start(points, k, Seeds.generator(seed)));
    }

    /** Draws each next centre with probability ~ squared distance to the nearest one so far. */
    private static float[][] start(float[][] rows, int k, RandomGenerator random) {
        float[] nearest = new float[rows.length];
        Arrays.fill(nearest, Float.POSITIVE_INFINITY);
        DistanceTiles tiles = new DistanceTiles(rows);
        float[][] centres = new float[k][];
        int next = random.nextInt(rows.length);
        for (int c = 0; c < k; c++) {
            centres[c] = rows[next];
            tiles.forEach(
                    centres[c],
                    (first, count, squared) -> {
                        for (int i = 0; i < count; i++) {
                            nearest[first + i] = Math.min(nearest[first + i], squared[i]);
                        }
                    });
            next = draw(nearest, random.nextDouble());
        }
        return centres;
    }

    /** Draws by weight; where all weigh 0 every vector is a centre already, and any will do. */
    private static int draw(float[] weights, double uniform) {
        double sum = 0;
        for (float weight : weights) {
            sum += weight;
        }
        double left = uniform * sum;
        int last = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                left -= weights[i];
                last = i;
                if (left < 0) {
                    return i;
                }
            }
        }
        return last; // rounding
    }

    /** Runs from given centres. */
    int[] lloyd(float[][] rows, float[][] start) {
        float[][] centres = start;
        int[] labels = mend(rows, centres, nearest(rows, centres));
        for (int iteration = 0; iteration < iterations; iteration++) {
            centres = means(rows, labels, centres);
            int[] moved = mend(rows, centres, nearest(rows, centres));
            if (Arrays.equals(moved, labels)) {
                break;
            }
            labels = moved;
        }
        return labels;
    }

    private int[] nearest(float[][] rows, float[][] centres) {
        float[] offsets = new float[centres.length];
        for (int c = 0; c < offsets.length && !spherical; c++) {
            offsets[c] = (float) (-Vectors.squaredNorm(centres[c]) / 2);
        }
        return search.nearest(rows, centres, offsets);
    }

    private static int[] mend(float[][] rows, float[][] centres, int[] labels) {
        int[] sizes = new int[centres.length];
        for (int label : labels) {
            sizes[label]++;
        }
        for (int empty = 0; empty < sizes.length; empty++) {
            if (sizes[empty] == 0) {
                int moved = farthest(rows, centres, labels, sizes);
                sizes[labels[moved]]--;
                labels[moved] = empty;
                sizes[empty]++;
            }
        }
        return labels;
    }

    private static int farthest(float[][] rows, float[][] centres, int[] labels, int[] sizes) {
        int farthest = -1;
        float distance = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < rows.length; i++) {
            if (sizes[labels[i]] > 1) {
                float own = Vectors.squaredDistance(rows[i], centres[labels[i]]);
                if (own > distance) {
                    distance = own;
                    farthest = i;
                }
            }
        }
        return farthest;
    }

    private float[][] means(float[][] rows, int[] labels, float[][] before) {
        double[][] sums = new double[before.length][rows[0].length];
        int[] sizes = new int[before.length];
        for (int i = 0; i < rows.length; i++) {
            sizes[labels[i]]++;
            for (int j = 0; j < rows[i].length; j++) {
                sums[labels[i]][j] += rows[i][j];
            }
        }
        float[][] means = new float[before.length][rows[0].length];
        for (int c = 0; c < means.length; c++) {
            for (int j = 0; j < means[c].length; j++) {
                means[c][j] = (float) (sums[c][j] / sizes[c]);
            }
            means[c] = spherical ? Vectors.unit(means[c]) : means[c];
        }
        return means;
    }
}
