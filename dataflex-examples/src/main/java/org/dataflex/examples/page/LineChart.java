package org.dataflex.examples.page;

import java.util.List;
import java.util.Objects;

/**
 * A chart of one or more series as lines over a common axis.
 *
 * <p>The axes cover all points and end at round numbers; the y axis need not contain zero. Without
 * any point the chart says so.
 *
 * @param title what the chart shows, as its heading
 * @param xLabel what x is, with its unit
 * @param yLabel what y is, with its unit
 * @param series the lines, in the order of the legend
 * @param ribbons intervals around some of the lines
 */
public record LineChart(
        String title, String xLabel, String yLabel, List<Series> series, List<Ribbon> ribbons) {

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if a ribbon has the name of no line
     */
    public LineChart {
        Objects.requireNonNull(title, "title");
        Objects.requireNonNull(xLabel, "xLabel");
        Objects.requireNonNull(yLabel, "yLabel");
        series = List.copyOf(series);
        ribbons = List.copyOf(ribbons);
        List<String> names = series.stream().map(Series::name).toList();
        for (Ribbon ribbon : ribbons) {
            if (!names.contains(ribbon.name())) {
                throw new IllegalArgumentException(
                        "ribbon '" + ribbon.name() + "' is of none of the lines " + names);
            }
        }
    }

    /** A chart of lines alone; see the record's parameters. */
    public LineChart(String title, String xLabel, String yLabel, List<Series> series) {
        this(title, xLabel, yLabel, series, List.of());
    }
}
