package org.dataflex.math;

import java.util.Arrays;

/**
 * Computes quantiles by linear interpolation between order statistics.
 *
 * <p>With x_0, ..., x_(n-1) in ascending order, the quantile of probability q is x at q (n - 1):
 * the default of NumPy and PyTorch. NaN and infinite values are left out. Cost: O(n log n).
 */
public final class Quantiles {

    private Quantiles() {}

    /**
     * The five numbers that box plots show.
     *
     * @param min the least value
     * @param lower the lower quartile, at least {@code min}
     * @param median the median, at least {@code lower}
     * @param upper the upper quartile, at least {@code median}
     * @param max the greatest value, at least {@code upper}
     */
    public record Summary(double min, double lower, double median, double upper, double max) {

        /** Rejects numbers that are NaN or out of order. */
        public Summary {
            if (!(min <= lower && lower <= median && median <= upper && upper <= max)) {
                throw new IllegalArgumentException(
                        "min, lower, median, upper, max = "
                                + Arrays.asList(min, lower, median, upper, max)
                                + ", must be in ascending order");
            }
        }
    }

    /**
     * Computes quantiles.
     *
     * @param values at least one of them finite
     * @param probabilities in [0, 1], in any order, may be empty
     * @return one quantile for each probability, in their order
     * @throws IllegalArgumentException if no value is finite or a probability is out of range
     */
    public static double[] of(double[] values, double... probabilities) {
        checkProbabilities(probabilities);
        double[] sorted = sortedFinite(values);
        double[] quantiles = new double[probabilities.length];
        for (int i = 0; i < probabilities.length; i++) {
            quantiles[i] = interpolate(sorted, probabilities[i]);
        }
        return quantiles;
    }

    /**
     * Computes extremes, quartiles and median.
     *
     * @param values at least one of them finite
     * @return the summary of the finite values
     * @throws IllegalArgumentException if no value is finite
     */
    public static Summary summary(double[] values) {
        double[] q = of(values, 0, 0.25, 0.5, 0.75, 1);
        return new Summary(q[0], q[1], q[2], q[3], q[4]);
    }

    private static void checkProbabilities(double[] probabilities) {
        Arguments.notNull("probabilities", probabilities);
        for (int i = 0; i < probabilities.length; i++) {
            if (!(probabilities[i] >= 0 && probabilities[i] <= 1)) {
                throw new IllegalArgumentException(
                        Arguments.element("probabilities", i, probabilities[i])
                                + ", must be in [0, 1]");
            }
        }
    }

    private static double[] sortedFinite(double[] values) {
        Arguments.notNull("values", values);
        double[] finite = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
        if (finite.length == 0) {
            throw new IllegalArgumentException(
                    "none of the " + values.length + " values is finite, at least one must be");
        }
        return finite;
    }

    private static double interpolate(double[] sorted, double probability) {
        double position = probability * (sorted.length - 1);
        int index = (int) position;
        double below = sorted[index];
        double above = sorted[Math.min(index + 1, sorted.length - 1)];
        double fraction = position - index;
        double gap = above - below;
        double value =
                Double.isInfinite(gap)
                        ? below * (1 - fraction) + above * fraction
                        : below + gap * fraction;
        return Math.min(value, above); // rounding may lead past it
    }
}
