package org.dataflex.math;

/**
 * Divides vectors into clusters.
 *
 * <p>Answers depend on the arguments only, not on the number of threads.
 */
public interface Clustering {

    /**
     * Divides vectors into clusters.
     *
     * @param rows n vectors of d features each, finite; not changed
     * @param k how many clusters, in [1, n]
     * @param seed for every random choice
     * @return the cluster of each vector, in [0, k)
     * @throws IllegalArgumentException if an argument is out of range
     */
    int[] cluster(float[][] rows, int k, long seed);
}
