package org.dataflex.examples.page;

import java.math.BigDecimal;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Draws a {@link LineChart}. */
record LineDrawing(LineChart chart) implements Drawing {

    /** A line of fewer points shows them all, a longer one about half as many. */
    private static final int MARKED_POINTS = 12;

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

    @Override
    public List<Series> series() {
        return chart.series();
    }

    @Override
    public Axis xAxis(int intervals) {
        DoubleSummaryStatistics x = values(chart.series(), Series::xAt);
        return Axis.covering(x.getMin(), x.getMax(), intervals);
    }

    /** Ribbons widen the axis to twice the range of the lines at most, or they would hide it. */
    @Override
    public Axis yAxis(int intervals) {
        DoubleSummaryStatistics lines = values(chart.series(), Series::yAt);
        List<Series> edges =
                chart.ribbons().stream()
                        .flatMap(r -> Stream.of(r.edge(false), r.edge(true)))
                        .toList();
        DoubleSummaryStatistics ribbons = values(edges, Series::yAt);
        double margin = (lines.getMax() - lines.getMin()) / 2;
        double low = Math.max(ribbons.getMin(), lines.getMin() - margin);
        double high = Math.min(ribbons.getMax(), lines.getMax() + margin);
        return Axis.covering(
                Math.min(low, lines.getMin()), Math.max(high, lines.getMax()), intervals);
    }

    private static DoubleSummaryStatistics values(
            List<Series> series, ToDoubleBiFunction<Series, Integer> coordinate) {
        return series.stream()
                .flatMapToDouble(
                        s ->
                                IntStream.range(0, s.size())
                                        .filter(s::isPoint)
                                        .mapToDouble(i -> coordinate.applyAsDouble(s, i)))
                .summaryStatistics();
    }

    @Override
    public String yTick(BigDecimal value) {
        return NumberText.exact(value);
    }

    @Override
    public String valueText(double value) {
        return NumberText.of(value, 4);
    }

    @Override
    public String kind() {
        return "Line chart";
    }

    @Override
    public void draw(Markup svg, Frame frame, Palette palette) {
        chart.ribbons().forEach(ribbon -> drawRibbon(svg, ribbon, frame, palette));
        for (Series series : chart.series()) {
            svg.open("g", "class", palette.colourOf(series.name()));
            svg.empty("path", "class", lineClass(series), "d", line(series, frame));
            drawPoints(svg, series, frame, palette);
            svg.close();
        }
    }

    private static void drawRibbon(Markup svg, Ribbon ribbon, Frame frame, Palette palette) {
        Series low = ribbon.edge(false);
        Series high = ribbon.edge(true);
        int from = 0;
        while (from < low.size()) {
            int to = from;
            while (to < low.size() && low.isPoint(to)) {
                to++;
            }
            if (to > from) {
                SvgPath path =
                        new SvgPath().move(frame.xOf(low.xAt(from)), frame.yWithin(high.yAt(from)));
                for (int i = from + 1; i < to; i++) {
                    path.line(frame.xOf(high.xAt(i)), frame.yWithin(high.yAt(i)));
                }
                for (int i = to - 1; i >= from; i--) {
                    path.line(frame.xOf(low.xAt(i)), frame.yWithin(low.yAt(i)));
                }
                String css = "ribbon " + palette.colourOf(ribbon.name());
                svg.empty("path", "class", css, "d", path.close());
            }
            from = to + 1;
        }
    }

    private static String lineClass(Series series) {
        return series.dashed() ? "line dashed" : "line";
    }

    private static String line(Series series, Frame frame) {
        SvgPath path = new SvgPath();
        boolean drawing = false;
        for (int i = 0; i < series.size(); i++) {
            boolean point = series.isPoint(i);
            if (point && drawing) {
                path.line(frame.xOf(series.xAt(i)), frame.yOf(series.yAt(i)));
            } else if (point) {
                path.move(frame.xOf(series.xAt(i)), frame.yOf(series.yAt(i)));
            }
            drawing = point;
        }
        return path.toString();
    }

    private static void drawPoints(Markup svg, Series series, Frame frame, Palette palette) {
        int every = series.size() <= MARKED_POINTS ? 1 : 2 * series.size() / MARKED_POINTS;
        int last = series.lastPoint();
        for (int i = 0; i <= last; i++) {
            boolean marked = (last - i) % every == 0 || isAlone(series, i);
            if (series.isPoint(i) && marked) {
                double x = frame.xOf(series.xAt(i));
                double y = frame.yOf(series.yAt(i));
                svg.empty("path", "class", "mark", "d", palette.pointOf(series.name(), x, y));
            }
        }
    }

    /** A point between two gaps has no line that shows it. */
    private static boolean isAlone(Series series, int i) {
        boolean before = i > 0 && series.isPoint(i - 1);
        boolean after = i + 1 < series.size() && series.isPoint(i + 1);
        return !before && !after;
    }

    @Override
    public void drawKey(Markup svg, Series series, Palette palette) {
        svg.empty("path", "class", lineClass(series), "d", "M0 6L24 6");
        svg.empty("path", "class", "mark", "d", palette.pointOf(series.name(), 12, 6));
    }
}
