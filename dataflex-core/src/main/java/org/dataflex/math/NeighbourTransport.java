package org.dataflex.math;

import java.util.Arrays;

/**
 * Spreads the mass of queries over their nearest candidates, evenly by density, and no further than
 * the distances are worth: KNN-KDE of TSDS.
 *
 * <p>Each of m queries gives 1/m to its neighbours in the order of their distance d_1 &lt;= d_2
 * &lt;= ..., at most 1/(m s rho) to a neighbour of density rho, the rest to the one after. The
 * level s is the smallest at which
 *
 * <p>(alpha / C) sum_j (d_j(k+1) sum_(l&lt;=k) 1/rho_l - sum_(l&lt;=k) d_l/rho_l) &gt;= (1 - alpha)
 * m, where k counts the neighbours with sum_(l&lt;=k) 1/rho_l &lt;= s.
 *
 * <p>The left side only grows with s, so that s is found by bisection: O(m log K) a step, 64 steps
 * at most, and O(m K) memory.
 *
 * @see <a href="https://arxiv.org/abs/2410.11303">Liu, Karbasi, Rekatsinas: TSDS</a>, algorithm 1
 */
public final class NeighbourTransport {

    private final int[][] neighbours;
    private final double[][] distances;
    private final double[] density;

    /** Of query j: the sums of 1/rho and of d/rho over its neighbours up to k. */
    private final double[][] shares;

    private final double[][] weighted;

    /** Of query j: the last neighbour that gets its full share, or -1. */
    private final int[] last;

    private double level = Double.NaN;

    private NeighbourTransport(int[][] neighbours, double[][] distances, double[] density) {
        this.neighbours = neighbours;
        this.distances = distances;
        this.density = density;
        this.shares = new double[neighbours.length][];
        this.weighted = new double[neighbours.length][];
        this.last = new int[neighbours.length];
        for (int j = 0; j < neighbours.length; j++) {
            accumulate(j);
        }
    }

    /**
     * Computes the mass of every candidate.
     *
     * @param neighbours of each of m queries, at least one: its nearest candidates, at least one,
     *     nearest first, as many for each query
     * @param distances theirs, at least 0, ascending
     * @param density rho of every candidate, above 0 where it is a neighbour
     * @param alpha what closeness counts against evenness, in (0, 1]
     * @param scale C, the distances' scale, above 0
     * @return the mass of every candidate; sums to 1
     * @throws IllegalArgumentException if there are no queries or neighbours, if shapes differ, or
     *     if a density of a neighbour is not positive
     */
    public static double[] mass(
            int[][] neighbours,
            double[][] distances,
            double[] density,
            double alpha,
            double scale) {
        requireShapes(neighbours, distances, density);
        NeighbourTransport transport = new NeighbourTransport(neighbours, distances, density);
        transport.stopWhere((1 - alpha) * neighbours.length * scale / alpha);
        return transport.mass();
    }

    private static void requireShapes(int[][] neighbours, double[][] distances, double[] density) {
        if (neighbours.length == 0 || neighbours.length != distances.length) {
            throw new IllegalArgumentException(
                    neighbours.length + " queries and distances of " + distances.length);
        }
        for (int j = 0; j < neighbours.length; j++) {
            int count = neighbours[j].length;
            if (count == 0 || count != neighbours[0].length || count != distances[j].length) {
                throw new IllegalArgumentException(
                        "query "
                                + j
                                + ": "
                                + count
                                + " neighbours, "
                                + distances[j].length
                                + " distances, must be as many as query 0 has, at least one");
            }
            for (int candidate : neighbours[j]) {
                if (!(density[candidate] > 0)) {
                    throw new IllegalArgumentException(
                            Arguments.element("density", candidate, density[candidate])
                                    + ", must be above 0");
                }
            }
        }
    }

    private void accumulate(int j) {
        int count = neighbours[j].length;
        shares[j] = new double[count];
        weighted[j] = new double[count];
        double share = 0;
        double sum = 0;
        for (int k = 0; k < count; k++) {
            double inverse = 1 / density[neighbours[j][k]];
            share += inverse;
            sum += distances[j][k] * inverse;
            shares[j][k] = share;
            weighted[j][k] = sum;
        }
    }

    /** Finds the level, and which neighbours get their full share, for sum_j cost_j >= limit. */
    private void stopWhere(double limit) {
        double end = highestLevel();
        if (cost(end) < limit) { // all neighbours are worth their distance
            level = end;
            for (int j = 0; j < last.length; j++) {
                last[j] = neighbours[j].length - 2;
            }
            return;
        }
        level = smallestLevel(limit, end);
        double total = 0;
        for (int j = 0; j < last.length; j++) {
            last[j] = upTo(j, Math.nextDown(level));
            total += cost(j, last[j]);
        }
        advanceWithinLevel(limit, total);
    }

    private double highestLevel() {
        double highest = 0;
        for (double[] sums : shares) {
            highest = Math.max(highest, sums.length < 2 ? 0 : sums[sums.length - 2]);
        }
        return highest;
    }

    /** Positive doubles are ordered as their bits are, so that bisection ends at one of them. */
    private double smallestLevel(double limit, double end) {
        long low = 0;
        long high = Double.doubleToRawLongBits(end);
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (cost(Double.longBitsToDouble(middle)) >= limit) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return Double.longBitsToDouble(high);
    }

    /** Queries whose sums tie at the level advance by neighbour, then by query. */
    private void advanceWithinLevel(double limit, double before) {
        int[] tied = new int[last.length];
        int count = 0;
        for (int j = 0; j < last.length; j++) {
            if (last[j] < neighbours[j].length - 2 && shares[j][last[j] + 1] == level) {
                tied[count++] = j;
            }
        }
        long[] order = new long[count];
        for (int i = 0; i < count; i++) {
            order[i] = (long) last[tied[i]] << 32 | tied[i];
        }
        Arrays.sort(order);
        double total = before;
        for (long next : order) {
            int j = (int) next;
            total += cost(j, last[j] + 1) - cost(j, last[j]);
            if (total >= limit) {
                return;
            }
            last[j]++;
        }
    }

    private double cost(double upTo) {
        double total = 0;
        for (int j = 0; j < last.length; j++) {
            total += cost(j, upTo(j, upTo));
        }
        return total;
    }

    private double cost(int j, int k) {
        return k < 0 ? 0 : distances[j][k + 1] * shares[j][k] - weighted[j][k];
    }

    /** The last of query j's neighbours, but one, whose sum is at most the level; -1 if none. */
    private int upTo(int j, double upTo) {
        int low = -1;
        int high = neighbours[j].length - 2;
        while (low < high) {
            int middle = (low + high + 1) >> 1;
            if (shares[j][middle] <= upTo) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private double[] mass() {
        double[] mass = new double[density.length];
        int queries = neighbours.length;
        for (int j = 0; j < queries; j++) {
            double given = last[j] < 0 ? 0 : shares[j][last[j]] / level;
            for (int k = 0; k <= last[j]; k++) {
                mass[neighbours[j][k]] += 1 / (queries * level * density[neighbours[j][k]]);
            }
            mass[neighbours[j][last[j] + 1]] += Math.max(0, 1 - given) / queries;
        }
        return mass;
    }
}
