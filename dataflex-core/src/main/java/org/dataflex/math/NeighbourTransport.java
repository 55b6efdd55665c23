package org.dataflex.math;

import java.util.Arrays;
import java.util.BitSet;

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
 * at most, and 16 m K bytes. Few of the K neighbours ever get mass. So the densities of the others
 * are never asked for: s is found with a guess of what is not known, the mean of 1/rho of what is,
 * then the densities up to s are asked for, until all are known; what lies beyond has no say.
 *
 * @see <a href="https://arxiv.org/abs/2410.11303">Liu, Karbasi, Rekatsinas: TSDS</a>, algorithm 1
 */
public final class NeighbourTransport {

    private final int[][] neighbours;
    private final double[][] distances;

    /** rho of the candidates, 0 while it is not known. */
    private final double[] density;

    /** Of query j: the sums of 1/rho and of d/rho over its neighbours up to k. */
    private final double[][] shares;

    private final double[][] weighted;

    /** Of query j: the last neighbour that gets its full share, or -1. */
    private final int[] last;

    private double level = Double.NaN;

    /** The densities of candidates, computed when they are needed. */
    public interface Densities {

        /**
         * Returns the number of candidates.
         *
         * @return n
         */
        int size();

        /**
         * Computes some densities.
         *
         * @param candidates which, ascending, each asked for once
         * @return rho of each, above 0
         */
        double[] of(int[] candidates);

        /**
         * Shows densities that are known.
         *
         * @param density rho of every candidate
         * @return the same
         */
        static Densities known(double[] density) {
            return new Densities() {
                @Override
                public int size() {
                    return density.length;
                }

                @Override
                public double[] of(int[] candidates) {
                    return Arrays.stream(candidates).mapToDouble(i -> density[i]).toArray();
                }
            };
        }
    }

    private NeighbourTransport(int[][] neighbours, double[][] distances, int candidates) {
        this.neighbours = neighbours;
        this.distances = distances;
        this.density = new double[candidates];
        this.shares = new double[neighbours.length][neighbours[0].length];
        this.weighted = new double[neighbours.length][neighbours[0].length];
        this.last = new int[neighbours.length];
    }

    /**
     * Computes the mass of every candidate.
     *
     * @param neighbours of each of m queries, at least one: its nearest candidates, at least one,
     *     nearest first, as many for each query
     * @param distances theirs, at least 0, ascending
     * @param densities rho of the candidates
     * @param alpha what closeness counts against evenness, in (0, 1]
     * @param scale C, the distances' scale, above 0
     * @return the mass of every candidate; sums to 1
     * @throws IllegalArgumentException if there are no queries or neighbours, if shapes differ, or
     *     if a density of a neighbour is not positive
     */
    public static double[] mass(
            int[][] neighbours,
            double[][] distances,
            Densities densities,
            double alpha,
            double scale) {
        requireShapes(neighbours, distances);
        NeighbourTransport transport =
                new NeighbourTransport(neighbours, distances, densities.size());
        double limit = (1 - alpha) * neighbours.length * scale / alpha;
        do {
            transport.accumulate();
            transport.stopWhere(limit);
        } while (transport.learn(densities));
        return transport.mass();
    }

    private static void requireShapes(int[][] neighbours, double[][] distances) {
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
        }
    }

    private void accumulate() {
        double guess =
                Arrays.stream(density)
                        .filter(rho -> rho > 0)
                        .map(rho -> 1 / rho)
                        .average()
                        .orElse(1);
        for (int j = 0; j < neighbours.length; j++) {
            double share = 0;
            double cost = 0;
            for (int k = 0; k < neighbours[j].length; k++) {
                double rho = density[neighbours[j][k]];
                double inverse = rho > 0 ? 1 / rho : guess;
                share += inverse;
                cost += distances[j][k] * inverse;
                shares[j][k] = share;
                weighted[j][k] = cost;
            }
        }
    }

    /** Asks for the densities that the level depends on; false if all are known. */
    private boolean learn(Densities densities) {
        BitSet wanted = new BitSet();
        for (int j = 0; j < last.length; j++) {
            for (int k = 0; k <= Math.min(last[j] + 1, end(j)); k++) {
                wanted.set(neighbours[j][k]);
            }
        }
        int[] unknown = wanted.stream().filter(candidate -> density[candidate] == 0).toArray();
        if (unknown.length == 0) {
            return false;
        }
        double[] learnt = densities.of(unknown);
        for (int i = 0; i < unknown.length; i++) {
            if (!(learnt[i] > 0)) {
                throw new IllegalArgumentException(
                        Arguments.element("density", unknown[i], learnt[i]) + ", must be above 0");
            }
            density[unknown[i]] = learnt[i];
        }
        return true;
    }

    /** The last neighbour of query j that may get its full share: the one after takes the rest. */
    private int end(int j) {
        return neighbours[j].length - 2;
    }

    /** Finds the level, and which neighbours get their full share, for sum_j cost_j >= limit. */
    private void stopWhere(double limit) {
        double end = highestLevel();
        if (cost(end) < limit) { // all are worth their distance
            level = end;
            for (int j = 0; j < last.length; j++) {
                last[j] = end(j);
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
        for (int j = 0; j < shares.length; j++) {
            highest = Math.max(highest, end(j) < 0 ? 0 : shares[j][end(j)]);
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
            if (last[j] < end(j) && shares[j][last[j] + 1] == level) {
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
        int high = end(j);
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
