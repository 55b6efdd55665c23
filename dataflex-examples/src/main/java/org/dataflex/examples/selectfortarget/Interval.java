package org.dataflex.examples.selectfortarget;

import java.util.Arrays;
import java.util.Locale;
import org.dataflex.examples.StudentT;

/**
 * A mean over seeds with its 95 % interval by Student's t.
 *
 * @param mean the mean
 * @param halfWidth half the interval's width; NaN for a single value
 */
record Interval(double mean, double halfWidth) {

    static Interval of(double... values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        int freedom = values.length - 1;
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        double error = Math.sqrt(squares / freedom / values.length);
        return new Interval(mean, StudentT.quantile975(freedom) * error);
    }

    /** Whether the whole interval lies above 0. */
    boolean isAbove0() {
        return mean - halfWidth > 0;
    }

    /** Whether the whole interval lies below 0. */
    boolean isBelow0() {
        return mean + halfWidth < 0;
    }

    /** The mean and, where there is one, the interval; only the mean has a format's sign. */
    String text(String format) {
        String text = String.format(Locale.ROOT, format, mean);
        return Double.isNaN(halfWidth)
                ? text
                : text + " +- " + String.format(Locale.ROOT, format.replace("+", ""), halfWidth);
    }
}
