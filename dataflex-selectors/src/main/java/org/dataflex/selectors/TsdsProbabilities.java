package org.dataflex.selectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.util.Arrays;
import org.dataflex.math.NeighbourTransport;
import org.dataflex.torch.NeighbourSearch;
import org.dataflex.torch.NeighbourSearch.Neighbours;
import org.dataflex.torch.VectorBlocks;

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

    /** Vectors whose density is computed at a time. */
    private static final int ROWS = 1024;

    double[] of(NDManager manager, UnitVectors candidates, UnitVectors targets) {
        Neighbours found;
        try (NDArray queries = targets.all(manager)) {
            found = NeighbourSearch.search(queries, candidates, neighbours);
        }
        double[][] distances = new double[found.products().length][];
        for (int j = 0; j < distances.length; j++) {
            distances[j] = distances(found.products()[j]);
        }
        double[] density = density(manager, candidates, found.indices());
        return NeighbourTransport.mass(found.indices(), distances, density, alpha, scale);
    }

    /** |a - b| = sqrt(2 - 2 a.b). */
    private static double[] distances(float[] products) {
        double[] distances = new double[products.length];
        for (int k = 0; k < distances.length; k++) {
            distances[k] = Math.sqrt(Math.max(0, 2 - 2.0 * products[k]));
        }
        return distances;
    }

    /** The kernel density of all that are neighbours, among these; 0 for the others. */
    private double[] density(NDManager manager, UnitVectors candidates, int[][] found) {
        int[] union =
                Arrays.stream(found).flatMapToInt(Arrays::stream).sorted().distinct().toArray();
        double[] density = new double[candidates.size()];
        if (bandwidth == 0) {
            for (int candidate : union) {
                density[candidate] = 1;
            }
            return density;
        }
        try (NDArray vectors = candidates.gather(manager, union)) {
            for (int from = 0; from < union.length; from += ROWS) {
                int to = Math.min(union.length, from + ROWS);
                double[] some = density(vectors, from, to);
                for (int i = from; i < to; i++) {
                    density[union[i]] = some[i - from];
                }
            }
        }
        return density;
    }

    private double[] density(NDArray vectors, int from, int to) {
        int count = Math.min(densityNeighbours, (int) vectors.getShape().get(0));
        float floor = Math.nextDown((float) (1 - bandwidth * bandwidth / 2)); // the kernel's edge
        try (NDArray rows = vectors.get(new NDIndex("{}:{}", from, to))) {
            Neighbours near = NeighbourSearch.search(rows, VectorBlocks.of(vectors), count, floor);
            double[] density = new double[to - from];
            for (int i = 0; i < density.length; i++) {
                density[i] = kernelSum(near.indices()[i], near.products()[i], from + i);
            }
            return density;
        }
    }

    /** Sums 1 - |a - b|^2 / sigma^2 where positive; of a vector with itself it is 1. */
    private double kernelSum(int[] near, float[] products, int self) {
        double sum = 0;
        for (int k = 0; k < near.length; k++) {
            double squared = near[k] == self ? 0 : Math.max(0, 2 - 2.0 * products[k]);
            sum += Math.max(0, 1 - squared / (bandwidth * bandwidth));
        }
        return Math.max(1, sum); // where rounding has lost the vector itself
    }
}
