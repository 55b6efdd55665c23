package org.dataflex.selectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.BitSet;
import org.dataflex.math.NeighbourTransport;
import org.dataflex.math.NeighbourTransport.Densities;
import org.dataflex.torch.NeighbourSearch;
import org.dataflex.torch.NeighbourSearch.Neighbours;

/**
 * Computes the probabilities of TSDS from unit vectors.
 *
 * @param neighbours K
 * @param densityNeighbours how many neighbours the density counts at most
 * @param bandwidth sigma, at least 0
 * @param alpha what closeness counts against diversity
 * @param scale C
 */
record TsdsProbabilities(
        int neighbours, int densityNeighbours, double bandwidth, double alpha, double scale) {

    double[] of(NDManager manager, UnitVectors candidates, UnitVectors targets) {
        Neighbours found;
        try (NDArray queries = targets.all(manager)) {
            found = NeighbourSearch.search(queries, candidates, neighbours);
        }
        if (bandwidth == 0) {
            double[] ones = new double[candidates.size()];
            Arrays.fill(ones, 1);
            return mass(found, Densities.known(ones));
        }
        int[] union = union(found.indices());
        try (KernelDensities densities =
                new KernelDensities(manager, candidates, union, densityNeighbours, bandwidth)) {
            return mass(found, densities);
        }
    }

    private double[] mass(Neighbours found, Densities densities) {
        double[][] distances = new double[found.products().length][];
        for (int j = 0; j < distances.length; j++) {
            distances[j] = distances(found.products()[j]);
        }
        return NeighbourTransport.mass(found.indices(), distances, densities, alpha, scale);
    }

    /** |a - b| = sqrt(2 - 2 a.b). */
    private static double[] distances(float[] products) {
        double[] distances = new double[products.length];
        for (int k = 0; k < distances.length; k++) {
            distances[k] = Math.sqrt(Math.max(0, 2 - 2.0 * products[k]));
        }
        return distances;
    }

    private static int[] union(int[][] found) {
        BitSet near = new BitSet();
        for (int[] ofTarget : found) {
            for (int candidate : ofTarget) {
                near.set(candidate);
            }
        }
        return near.stream().toArray();
    }
}
