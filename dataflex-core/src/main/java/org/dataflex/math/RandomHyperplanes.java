package org.dataflex.math;

import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Puts vectors on the same sides of random hyperplanes into one cluster: locality-sensitive hashing
 * for cosines.
 *
 * <p>Bit b of a vector's code is 1 where its inner product with plane b, of normal entries, is at
 * least 0; its cluster is the code modulo k. There are ceil(log2 k) planes unless set otherwise.
 * Clusters may be empty. Cost: O(n d log k).
 *
 * @see <a href="https://doi.org/10.1145/509907.509965">Charikar: Similarity estimation techniques
 *     from rounding algorithms, STOC 2002</a>
 */
public final class RandomHyperplanes implements Clustering {

    private static final int MOST_BITS = 30;

    private final int bits;

    /** Makes a clustering by ceil(log2 k) planes, at least one. */
    public RandomHyperplanes() {
        this.bits = 0;
    }

    /**
     * Makes a clustering.
     *
     * @param bits how many planes, in [1, 30]
     * @throws IllegalArgumentException if out of range
     */
    public RandomHyperplanes(int bits) {
        if (bits < 1 || bits > MOST_BITS) {
            throw new IllegalArgumentException(
                    "bits = " + bits + ", must be in [1, " + MOST_BITS + "]");
        }
        this.bits = bits;
    }

    @Override
    public int[] cluster(float[][] rows, int k, long seed) {
        Vectors.check(rows, k);
        int planes =
                bits > 0 ? bits : Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(k - 1));
        RandomGenerator random = Seeds.generator(seed);
        double[][] normals = new double[planes][rows[0].length];
        for (double[] normal : normals) {
            for (int j = 0; j < normal.length; j++) {
                normal[j] = random.nextGaussian();
            }
        }
        return buckets(rows, normals, k);
    }

    /** Clusters by given planes. */
    static int[] buckets(float[][] rows, double[][] normals, int k) {
        return IntStream.range(0, rows.length)
                .parallel()
                .map(i -> code(rows[i], normals) % k)
                .toArray();
    }

    private static int code(float[] row, double[][] normals) {
        int code = 0;
        for (int b = 0; b < normals.length; b++) {
            double product = 0;
            for (int j = 0; j < row.length; j++) {
                product += row[j] * normals[b][j];
            }
            code |= product >= 0 ? 1 << b : 0;
        }
        return code;
    }
}
