package org.dataflex.examples;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A mean over seeds with its 95 % interval by Student's t.
 *
 * @param mean the mean
 * @param halfWidth half the interval's width; NaN for a single value
 */
public record Interval(double mean, double halfWidth) {

    /**
     * Computes the interval.
     *
     * @param values one a seed, at least one
     * @return their mean and interval
     */
    public static Interval of(double... values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        int freedom = values.length - 1;
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        double error = Math.sqrt(squares / freedom / values.length);
        return new Interval(mean, StudentT.quantile975(freedom) * error);
    }

    /**
     * Computes the interval of differences, seed by seed.
     *
     * @param own runs, one a seed
     * @param baseline what they are compared with, of the same seeds
     * @param number what is compared
     * @param <T> a run
     * @return mean and interval of own minus baseline
     */
    public static <T> Interval ofDifferences(
            List<T> own, List<T> baseline, ToDoubleFunction<? super T> number) {
        return of(
                IntStream.range(0, own.size())
                        .mapToDouble(
                                i ->
                                        number.applyAsDouble(own.get(i))
                                                - number.applyAsDouble(baseline.get(i)))
                        .toArray());
    }

    /**
     * Tells whether the whole interval lies above 0.
     *
     * @return false for a single value
     */
    public boolean isAbove0() {
        return mean - halfWidth > 0;
    }

    /**
     * Tells whether the whole interval lies below 0.
     *
     * @return false for a single value
     */
    public boolean isBelow0() {
        return mean + halfWidth < 0;
    }

    /**
     * Writes the mean and, where there is one, the interval; only the mean has a format's sign.
     *
     * @param format of either, for {@link String#format}
     * @return as {@code 2.31 +- 0.04}
     */
    public String text(String format) {
        String text = String.format(Locale.ROOT, format, mean);
        return Double.isNaN(halfWidth)
                ? text
                : text + " +- " + String.format(Locale.ROOT, format.replace("+", ""), halfWidth);
    }
}
