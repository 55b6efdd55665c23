package org.dataflex.math;

import java.util.Arrays;
import java.util.stream.IntStream;

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
 * at most, and O(m K) memory. Densities are asked for only as far as the level may reach, further
 * and further, since few of the K neighbours ever get mass.
 *
 * @see <a href="https://arxiv.org/abs/2410.11303">Liu, Karbasi, Rekatsinas: TSDS</a>, algorithm 1
 */
public final class NeighbourTransport {

    /** Neighbours of a query whose density is asked for at first. */
    private static final int FIRST = 16;

    private final int[][] neighbours;
    private final double[][] distances;
    private final double[] density;

    /** Of query j: the sums of 1/rho and of d/rho over its neighbours up to k, as far as known. */
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
        this.shares = new double[neighbours.length][0];
        this.weighted = new double[neighbours.length][0];
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
        while (transport.askFurther(densities)) {
            transport.stopWhere(limit);
        }
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

    /** Extends the sums of queries whose last one is within the level; false if there are none. */
    private boolean askFurther(Densities densities) {
        int[] reach = new int[neighbours.length];
        boolean further = false;
        for (int j = 0; j < reach.length; j++) {
            int known = shares[j].length;
            boolean covered = known > 0 && shares[j][known - 1] > level;
            int wanted = covered ? known : Math.max(FIRST, known + known / 2);
            reach[j] = Math.min(wanted, neighbours[j].length);
            further |= reach[j] > known;
        }
        learn(reach, densities);
        for (int j = 0; j < reach.length; j++) {
            accumulate(j, reach[j]);
        }
        return further;
    }

    private void learn(int[] reach, Densities densities) {
        int[] unknown =
                IntStream.range(0, reach.length)
                        .flatMap(j -> Arrays.stream(neighbours[j], shares[j].length, reach[j]))
                        .filter(candidate -> density[candidate] == 0)
                        .sorted()
                        .distinct()
                        .toArray();
        if (unknown.length == 0) {
            return;
        }
        double[] learnt = densities.of(unknown);
        for (int i = 0; i < unknown.length; i++) {
            if (!(learnt[i] > 0)) {
                throw new IllegalArgumentException(
                        Arguments.element("density", unknown[i], learnt[i]) + ", must be above 0");
            }
            density[unknown[i]] = learnt[i];
        }
    }

    private void accumulate(int j, int count) {
        int known = shares[j].length;
        shares[j] = Arrays.copyOf(shares[j], count);
        weighted[j] = Arrays.copyOf(weighted[j], count);
        for (int k = known; k < count; k++) {
            double inverse = 1 / density[neighbours[j][k]];
            shares[j][k] = (k == 0 ? 0 : shares[j][k - 1]) + inverse;
            weighted[j][k] = (k == 0 ? 0 : weighted[j][k - 1]) + distances[j][k] * inverse;
        }
    }

    /** The last neighbour of query j, but one, whose sums are known. */
    private int end(int j) {
        return Math.min(shares[j].length - 1, neighbours[j].length - 2);
    }

    /** Finds the level, and which neighbours get their full share, for sum_j cost_j >= limit. */
    private void stopWhere(double limit) {
        double end = highestLevel();
        if (cost(end) < limit) { // all that are known are worth their distance
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
