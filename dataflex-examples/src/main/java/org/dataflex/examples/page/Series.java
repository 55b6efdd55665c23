package org.dataflex.examples.page;

import java.util.Objects;

/**
 * One line of a chart: points joined in the order they are given.
 *
 * <p>A point whose x or y is not finite is a gap in the line. A page gives series of the same name
 * the same colour in all its charts. A series is equal to itself only.
 *
 * @param name what the legend calls it
 * @param x where the points are along the chart, in the unit of the chart's x label
 * @param y the value at each x; as long as {@code x}
 * @param dashed whether the line is broken, as for a baseline
 */
public record Series(String name, double[] x, double[] y, boolean dashed) {

    /**
     * Copies the arrays.
     *
     * @throws IllegalArgumentException if the arrays differ in length
     */
    public Series {
        Objects.requireNonNull(name, "name");
        if (x.length != y.length) {
            throw new IllegalArgumentException(
                    "series '" + name + "' has " + x.length + " x and " + y.length + " y");
        }
        x = x.clone();
        y = y.clone();
    }

    /** A series with an unbroken line; see the record's parameters. */
    public static Series of(String name, double[] x, double[] y) {
        return new Series(name, x, y, false);
    }

    /** Returns a copy. */
    @Override
    public double[] x() {
        return x.clone();
    }

    /** Returns a copy. */
    @Override
    public double[] y() {
        return y.clone();
    }

    int size() {
        return x.length;
    }

    double xAt(int i) {
        return x[i];
    }

    double yAt(int i) {
        return y[i];
    }

    boolean isPoint(int i) {
        return Axis.canShow(x[i]) && Axis.canShow(y[i]);
    }

    /** Index of the last point that is not a gap, or -1. */
    int lastPoint() {
        int last = x.length - 1;
        while (last >= 0 && !isPoint(last)) {
            last--;
        }
        return last;
    }
}
