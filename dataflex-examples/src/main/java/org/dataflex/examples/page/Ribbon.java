package org.dataflex.examples.page;

import java.util.Objects;

/**
 * An interval around a line of a {@link LineChart}: a faint area in the line's colour, cut where it
 * would make the chart more than twice as high as its lines.
 *
 * <p>A point at which any number is not finite is a gap.
 *
 * @param name the line's name
 * @param x where the points are along the chart, ascending
 * @param low the interval's lower end at each x; as long as {@code x}
 * @param high its upper end at each x; as long as {@code x}
 */
public record Ribbon(String name, double[] x, double[] low, double[] high) {

    /**
     * Copies the arrays.
     *
     * @throws IllegalArgumentException if the arrays differ in length
     */
    public Ribbon {
        Objects.requireNonNull(name, "name");
        if (x.length != low.length || x.length != high.length) {
            throw new IllegalArgumentException(
                    "ribbon '%s' has %d x, %d low and %d high"
                            .formatted(name, x.length, low.length, high.length));
        }
        x = x.clone();
        low = low.clone();
        high = high.clone();
    }

    /** Returns a copy. */
    @Override
    public double[] x() {
        return x.clone();
    }

    /** Returns a copy. */
    @Override
    public double[] low() {
        return low.clone();
    }

    /** Returns a copy. */
    @Override
    public double[] high() {
        return high.clone();
    }

    /** One edge as a line, with gaps where the other edge or x has one. */
    Series edge(boolean upper) {
        double[] y = upper ? high.clone() : low.clone();
        for (int i = 0; i < y.length; i++) {
            if (!Axis.canShow(low[i]) || !Axis.canShow(high[i])) {
                y[i] = Double.NaN;
            }
        }
        return Series.of(name, x, y);
    }
}
