package org.dataflex.math;

import java.util.random.RandomGenerator;

/**
 * Draws indices at random, each with a chance in proportion to its weight.
 *
 * <p>Weights need not sum to 1; an index of weight 0 is never drawn.
 */
public final class WeightedSampling {

    private WeightedSampling() {}

    /**
     * Draws distinct indices: each in turn with a chance in proportion to its weight among those
     * not yet drawn.
     *
     * <p>An exponential race: key_i = -ln(u_i) / w_i, where u_i in (0, 1) follows from {@code seed}
     * and i alone, and the smallest keys win. So the same seed with a smaller count draws the first
     * of the same indices, the weights of others do not change the order of two, and parts of a
     * pool can be raced apart. Equal keys are ranked by index, lower first. Cost: O(n log count).
     *
     * @param weights finite, at least 0
     * @param count how many to draw, from 0 to the number of positive weights
     * @param seed any value
     * @return {@code count} distinct indices, in the order drawn
     * @throws IllegalArgumentException if a weight is negative, infinite or NaN, or {@code count}
     *     is negative or exceeds the number of positive weights
     * @see <a href="https://doi.org/10.1016/j.ipl.2005.11.003">Efraimidis, Spirakis: Weighted
     *     random sampling with a reservoir</a>
     */
    public static int[] withoutReplacement(double[] weights, int count, long seed) {
        Arguments.finiteAndNotNegative("weights", weights);
        Arguments.atLeast("count", count, 0);
        int numPositive = numPositive(weights);
        if (count > numPositive) {
            throw new IllegalArgumentException(
                    "count = " + count + ", exceeds the " + numPositive + " positive weights");
        }
        double[] scores = new double[weights.length];
        for (int i = 0; i < weights.length; i++) {
            scores[i] = raceScore(weights[i], Seeds.mix(seed, i));
        }
        return TopK.largest(scores, count);
    }

    /**
     * Draws indices that may repeat, each with a chance of its weight in the sum of all.
     *
     * <p>Cost: O(n + count log n); {@code random} is asked once for each draw.
     *
     * @param weights finite, at least 0, not all 0
     * @param count how many to draw, at least 0
     * @param random the source of randomness
     * @return {@code count} indices, in the order drawn
     * @throws IllegalArgumentException if {@code weights} is empty, has a negative or infinite
     *     value or NaN, or is all 0; if {@code count} is negative; or if {@code random} is null
     */
    public static int[] withReplacement(double[] weights, int count, RandomGenerator random) {
        double[] p = Simplex.normalize("weights", weights);
        Arguments.atLeast("count", count, 0);
        Arguments.notNull("random", random);
        double[] cumulative = cumulate(p);
        int[] drawn = new int[count];
        for (int i = 0; i < count; i++) {
            drawn[i] = firstAbove(cumulative, random.nextDouble() * cumulative[p.length - 1]);
        }
        return drawn;
    }

    /**
     * Returns -ln(key) = ln(w) - ln(-ln(u)): ranks as the key does, largest first, but neither
     * overflows nor underflows; negative infinity for weight 0.
     */
    private static double raceScore(double weight, long bits) {
        double u = ((bits >>> 12) + 0.5) * 0x1p-52; // exact, so never 0 or 1
        return StrictMath.log(weight) - StrictMath.log(-StrictMath.log(u));
    }

    private static int numPositive(double[] weights) {
        int count = 0;
        for (double weight : weights) {
            count += weight > 0 ? 1 : 0;
        }
        return count;
    }

    private static double[] cumulate(double[] p) {
        double[] cumulative = new double[p.length];
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += p[i];
            cumulative[i] = sum;
        }
        return cumulative;
    }

    /** Finds the first index whose sum is above the target, or else the first with the full sum. */
    private static int firstAbove(double[] cumulative, double target) {
        double highest = Math.min(target, Math.nextDown(cumulative[cumulative.length - 1]));
        int low = 0;
        int high = cumulative.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (cumulative[middle] > highest) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
