package org.dataflex.examples.page;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Draws a {@link StackChart}.
 *
 * @param isWhole whether the parts are shares of one whole, as of a {@link ShareChart}
 */
record StackDrawing(StackChart chart, boolean isWhole) implements Drawing {

    /** A lone point in time is drawn as a bar of twice this width. */
    private static final double HALF_BAR = 16;

    @Override
    public String title() {
        return chart.title();
    }

    @Override
    public String xLabel() {
        return chart.xLabel();
    }

    @Override
    public String yLabel() {
        return chart.yLabel();
    }

    /** From the top of the stack to its bottom. */
    @Override
    public List<Series> series() {
        List<Series> fromTop = new ArrayList<>(chart.parts());
        Collections.reverse(fromTop);
        return fromTop;
    }

    @Override
    public boolean hasPoints() {
        return points().length > 0;
    }

    @Override
    public Axis xAxis(int intervals) {
        int[] points = points();
        if (points.length == 0) {
            return Axis.covering(0, 1, intervals);
        }
        Series any = chart.parts().get(0);
        return Axis.covering(any.xAt(points[0]), any.xAt(points[points.length - 1]), intervals);
    }

    @Override
    public Axis yAxis(int intervals) {
        return Axis.covering(0, isWhole ? 1 : highest(), intervals);
    }

    private double highest() {
        return IntStream.of(points())
                .mapToDouble(i -> chart.parts().stream().mapToDouble(part -> part.yAt(i)).sum())
                .max()
                .orElse(1);
    }

    @Override
    public String yTick(BigDecimal value) {
        return isWhole
                ? value.movePointRight(2).setScale(0).toPlainString() + "%"
                : NumberText.exact(value);
    }

    @Override
    public String valueText(double value) {
        return isWhole ? NumberText.percent(value) : NumberText.of(value, 4);
    }

    @Override
    public String kind() {
        return "Stacked area chart";
    }

    @Override
    public void draw(Markup svg, Frame frame, Palette palette) {
        double[] x = columns(frame);
        double[] lower = new double[x.length];
        List<Band> bands = new ArrayList<>();
        for (Series part : chart.parts()) {
            double[] upper = stack(lower, part);
            bands.add(new Band(part.name(), x, places(lower, frame), places(upper, frame)));
            lower = upper;
        }
        bands.forEach(band -> band.drawArea(svg, palette));
        bands.forEach(band -> band.drawName(svg, palette));
    }

    private double[] columns(Frame frame) {
        Series any = chart.parts().get(0);
        int[] points = points();
        if (points.length == 1) {
            double x = frame.xOf(any.xAt(points[0]));
            return new double[] {x - HALF_BAR, x + HALF_BAR};
        }
        return IntStream.of(points).mapToDouble(i -> frame.xOf(any.xAt(i))).toArray();
    }

    private double[] stack(double[] lower, Series part) {
        int[] points = points();
        double[] upper = new double[lower.length];
        for (int i = 0; i < upper.length; i++) {
            upper[i] = lower[i] + part.yAt(points[Math.min(i, points.length - 1)]);
        }
        return upper;
    }

    private double[] places(double[] heights, Frame frame) {
        double[] places = new double[heights.length];
        for (int i = 0; i < places.length; i++) {
            places[i] = frame.yOf(isWhole ? Math.min(1, heights[i]) : heights[i]);
        }
        return places;
    }

    /** The indices at which every part has a value. */
    private int[] points() {
        List<Series> parts = chart.parts();
        int size = parts.isEmpty() ? 0 : parts.get(0).size();
        return IntStream.range(0, size)
                .filter(i -> parts.stream().allMatch(part -> part.isPoint(i)))
                .toArray();
    }

    @Override
    public void drawKey(Markup svg, Series series, Palette palette) {
        svg.empty("path", "class", "area", "d", "M6 0L18 0L18 12L6 12Z");
    }
}
