package org.dataflex.examples.page;

import java.math.BigDecimal;
import java.util.List;
import java.util.function.Function;

/** The axes of a chart, and where on the drawing a point lies. Units are those of the view box. */
final class Frame {

    /** Width to allow for a character of the drawing's text. */
    static final double CHAR_WIDTH = 8;

    private static final double TOP = 30;
    private static final double BOTTOM = 46;
    private static final double GAP = 8;
    private static final double MIN_RIGHT = 14;
    private static final double TEXT_RISE = 4.5;

    private final Drawing drawing;
    private final PlotSize size;
    private final Axis x;
    private final Axis y;
    private final double left;
    private final double right;

    Frame(Drawing drawing, PlotSize size) {
        this.drawing = drawing;
        this.size = size;
        x = drawing.xAxis(size.xIntervals);
        y = drawing.yAxis(PlotSize.Y_INTERVALS);
        left = widest(y.ticks(), drawing::yTick) + GAP + 4;
        double lastLabel = widest(List.of(x.ticks().get(x.ticks().size() - 1)), NumberText::exact);
        right = size.width - Math.max(MIN_RIGHT, lastLabel / 2 + 2);
    }

    /** Horizontal place of an x. */
    double xOf(double value) {
        return left + x.fraction(value) * (right - left);
    }

    /** Vertical place of a y. */
    double yOf(double value) {
        double bottom = size.height - BOTTOM;
        return bottom - y.fraction(value) * (bottom - TOP);
    }

    /** Vertical place of a y, or of the end of the axis that it lies beyond. */
    double yWithin(double value) {
        return yOf(Math.max(y.min(), Math.min(y.max(), value)));
    }

    double left() {
        return left;
    }

    double right() {
        return right;
    }

    /** Draws the grid, the ticks and the labels of both axes. */
    void write(Markup svg) {
        for (BigDecimal tick : y.ticks()) {
            double at = yOf(tick.doubleValue());
            line(svg, "grid", left, at, right, at);
            text(svg, "end", left - GAP, at + TEXT_RISE, drawing.yTick(tick));
        }
        double bottom = yOf(y.min());
        line(svg, "axis", left, bottom, right, bottom);
        int every = labelEvery();
        for (int i = 0; i < x.ticks().size(); i++) {
            double at = xOf(x.ticks().get(i).doubleValue());
            line(svg, "axis", at, bottom, at, bottom + 5);
            if (i % every == 0) {
                text(svg, "middle", at, bottom + 20, NumberText.exact(x.ticks().get(i)));
            }
        }
        text(svg, "start", 2, TOP - 14, drawing.yLabel());
        text(svg, "middle", (left + right) / 2, bottom + 40, drawing.xLabel());
    }

    /** Says in the middle that there is nothing to show. */
    void writeEmpty(Markup svg) {
        text(svg, "middle", (left + right) / 2, (TOP + yOf(y.min())) / 2, "no data");
    }

    /** Leaves out labels of the x axis that would run into each other. */
    private int labelEvery() {
        double distance = (right - left) / (x.ticks().size() - 1);
        return (int) Math.ceil((widest(x.ticks(), NumberText::exact) + GAP) / distance);
    }

    private static double widest(List<BigDecimal> ticks, Function<BigDecimal, String> format) {
        return ticks.stream().mapToInt(t -> format.apply(t).length()).max().orElse(0) * CHAR_WIDTH;
    }

    private static void line(Markup svg, String css, double x1, double y1, double x2, double y2) {
        svg.empty("path", "class", css, "d", new SvgPath().move(x1, y1).line(x2, y2).toString());
    }

    private static void text(Markup svg, String anchor, double x, double y, String text) {
        svg.element("text", text, "class", anchor, "x", SvgPath.number(x), "y", SvgPath.number(y));
    }
}
