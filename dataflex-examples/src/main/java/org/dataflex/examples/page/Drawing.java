package org.dataflex.examples.page;

import java.math.BigDecimal;
import java.util.List;

/** What is particular to one kind of chart; {@link ChartFigure} does what is common. */
interface Drawing {

    String title();

    String xLabel();

    String yLabel();

    /** The series in the order of the legend. */
    List<Series> series();

    Axis xAxis(int intervals);

    Axis yAxis(int intervals);

    /** Text of a tick of the y axis. */
    String yTick(BigDecimal value);

    /** Text of a value of a series, for readers who cannot see the chart. */
    String valueText(double value);

    /** Kind of chart, for the same readers. */
    String kind();

    /** Draws the marks between the axes. */
    void draw(Markup svg, Frame frame, Palette palette);

    /** Draws the mark of a series in the legend, in a box of 24 by 12. */
    void drawKey(Markup svg, Series series, Palette palette);

    /** Whether there is any point to draw. */
    default boolean hasPoints() {
        return series().stream().anyMatch(s -> s.lastPoint() >= 0);
    }
}
