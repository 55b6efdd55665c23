package org.dataflex.selectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.dataflex.math.LargestSum;
import org.dataflex.math.NeighbourTransport.Densities;
import org.dataflex.torch.PairSearch;

/**
 * The kernel densities of unit vectors u among points U, where they are asked for: rho_u = sum_v
 * max(0, 1 - |u - v|^2 / sigma^2) over the nearest points v, u itself among them.
 *
 * <p>No pair of points is looked at twice: a point that has been asked for has told all others.
 */
final class KernelDensities implements Densities, AutoCloseable {

    private final int candidates;
    private final double bandwidth;

    /** Which candidates are points, ascending; a point's place is that in here. */
    private final int[] points;

    /** Of each point: the kernels of the nearest others, null without any yet. */
    private final LargestSum[] kernels;

    private final int nearest;

    /** The places that have been asked for. */
    private final BitSet told = new BitSet();

    private final NDArray vectors;
    private final PairSearch pairs;

    /**
     * Gathers the points.
     *
     * @param manager of the vectors
     * @param all the candidates
     * @param points which of them are points, ascending, distinct
     * @param count how many points a density sums over, at least 1
     * @param bandwidth sigma, above 0
     */
    KernelDensities(NDManager manager, UnitVectors all, int[] points, int count, double bandwidth) {
        this.candidates = all.size();
        this.bandwidth = bandwidth;
        this.points = points;
        this.kernels = new LargestSum[points.length];
        this.nearest = count - 1;
        this.vectors = all.gather(manager, points);
        this.pairs = new PairSearch(vectors);
    }

    @Override
    public int size() {
        return candidates;
    }

    @Override
    public double[] of(int[] asked) {
        int[] places = Arrays.stream(asked).map(u -> Arrays.binarySearch(points, u)).toArray();
        Arrays.stream(places).forEach(told::set);
        int[] others = IntStream.range(0, points.length).filter(i -> !told.get(i)).toArray();
        float floor = Math.nextDown((float) (1 - bandwidth * bandwidth / 2)); // the kernel's edge
        pairs.above(
                places,
                others,
                floor,
                (i, j, product) -> {
                    float kernel = kernel(product);
                    add(i, kernel);
                    add(j, kernel);
                });
        return Arrays.stream(places)
                .mapToDouble(i -> 1 + (kernels[i] == null ? 0 : kernels[i].sum()))
                .toArray();
    }

    /** 1 - |u - v|^2 / sigma^2 where positive, of |u - v|^2 = 2 - 2 u.v. */
    private float kernel(float product) {
        double squared = Math.max(0, 2 - 2.0 * product);
        return (float) Math.max(0, 1 - squared / (bandwidth * bandwidth));
    }

    private void add(int place, float kernel) {
        if (kernels[place] == null) {
            kernels[place] = new LargestSum(nearest);
        }
        kernels[place].offer(kernel);
    }

    @Override
    public void close() {
        pairs.close();
        vectors.close();
    }
}
