package org.dataflex.selectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.util.Arrays;
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
final class KernelDensities implements Densities {

    private final int candidates;
    private final double bandwidth;
    private final NDManager manager;

    /** Of candidates that are points: the kernels of the nearest others, null without any yet. */
    private final LargestSum[] kernels;

    private final int nearest;

    /** The points that have not been asked for, and their vectors, [places.length, d]. */
    private int[] open;

    private NDArray vectors;

    /**
     * Gathers the points.
     *
     * @param manager of the vectors; must stay open while densities are asked for
     * @param all the candidates
     * @param points which of them are points, ascending, distinct
     * @param count how many points a density sums over, at least 1
     * @param bandwidth sigma, above 0
     */
    KernelDensities(NDManager manager, UnitVectors all, int[] points, int count, double bandwidth) {
        this.candidates = all.size();
        this.bandwidth = bandwidth;
        this.manager = manager;
        this.kernels = new LargestSum[candidates];
        this.nearest = count - 1;
        this.open = points;
        this.vectors = all.gather(manager, points);
    }

    @Override
    public int size() {
        return candidates;
    }

    @Override
    public double[] of(int[] asked) {
        putFirst(asked);
        float floor = Math.nextDown((float) (1 - bandwidth * bandwidth / 2)); // the kernel's edge
        PairSearch.above(
                vectors,
                asked.length,
                floor,
                (i, j, product) -> {
                    float kernel = kernel(product);
                    add(open[i], kernel);
                    add(open[j], kernel);
                });
        leaveOut(asked.length);
        return Arrays.stream(asked)
                .mapToDouble(u -> 1 + (kernels[u] == null ? 0 : kernels[u].sum()))
                .toArray();
    }

    /** 1 - |u - v|^2 / sigma^2 where positive, of |u - v|^2 = 2 - 2 u.v. */
    private float kernel(float product) {
        double squared = Math.max(0, 2 - 2.0 * product);
        return (float) Math.max(0, 1 - squared / (bandwidth * bandwidth));
    }

    private void add(int point, float kernel) {
        if (kernels[point] == null) {
            kernels[point] = new LargestSum(nearest);
        }
        kernels[point].offer(kernel);
    }

    private void putFirst(int[] asked) {
        int[] places =
                IntStream.concat(
                                Arrays.stream(asked).map(u -> Arrays.binarySearch(open, u)),
                                IntStream.range(0, open.length)
                                        .filter(i -> Arrays.binarySearch(asked, open[i]) < 0))
                        .toArray();
        open = Arrays.stream(places).map(i -> open[i]).toArray();
        try (NDArray order = manager.create(places)) {
            replace(vectors.get(new NDIndex("{}", order)));
        }
    }

    private void leaveOut(int first) {
        open = Arrays.copyOfRange(open, first, open.length);
        try (NDArray rest = vectors.get(new NDIndex("{}:", first))) {
            replace(rest.duplicate());
        }
    }

    private void replace(NDArray by) {
        vectors.close();
        vectors = by;
    }
}
