package org.dataflex.examples.page;

import java.math.BigDecimal;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A chart with its title and legend, as a figure of the page. */
record ChartFigure(Drawing drawing) {

    /**
     * Writes the figure.
     *
     * @param id tells the figures of a page apart
     */
    void write(Markup page, Palette palette, String id) {
        palette.prepare(drawing.series());
        page.open("figure").element("figcaption", drawing.title());
        writeLegend(page, palette);
        for (PlotSize size : PlotSize.values()) {
            writePlot(page, palette, size, id + "-" + size.cssClass);
        }
        page.close();
    }

    private void writeLegend(Markup page, Palette palette) {
        if (drawing.series().isEmpty()) {
            return;
        }
        page.open("ul", "class", "legend");
        for (Series series : drawing.series()) {
            page.open("li");
            String css = "key " + palette.colourOf(series.name());
            page.open("svg", "class", css, "viewBox", "0 0 24 12", "aria-hidden", "true");
            drawing.drawKey(page, series, palette);
            page.close();
            page.text(series.name()).close();
        }
        page.close();
    }

    private void writePlot(Markup page, Palette palette, PlotSize size, String id) {
        page.open(
                "svg",
                "class",
                "plot " + size.cssClass,
                "viewBox",
                "0 0 " + size.width + " " + size.height,
                "role",
                "img",
                "aria-labelledby",
                id + "-title " + id + "-desc");
        page.element("title", drawing.title(), "id", id + "-title");
        page.element("desc", description(), "id", id + "-desc");
        Frame frame = new Frame(drawing, size);
        frame.write(page);
        if (drawing.hasPoints()) {
            drawing.draw(page, frame, palette);
        } else {
            frame.writeEmpty(page);
        }
        page.close();
    }

    private String description() {
        if (!drawing.hasPoints()) {
            return drawing.kind() + " without data.";
        }
        Axis x = drawing.xAxis(PlotSize.WIDE.xIntervals);
        Axis y = drawing.yAxis(PlotSize.Y_INTERVALS);
        return drawing.kind()
                + range(drawing.xLabel(), x, NumberText::exact)
                + range(drawing.yLabel(), y, drawing::yTick)
                + ". Last values: "
                + drawing.series().stream().map(this::lastValue).collect(Collectors.joining("; "))
                + ".";
    }

    private static String range(String label, Axis axis, Function<BigDecimal, String> format) {
        List<BigDecimal> ticks = axis.ticks();
        String low = format.apply(ticks.get(0));
        String high = format.apply(ticks.get(ticks.size() - 1));
        return ", " + label + " from " + low + " to " + high;
    }

    private String lastValue(Series series) {
        int last = series.lastPoint();
        double value = last < 0 ? Double.NaN : series.yAt(last);
        return series.name() + " " + drawing.valueText(value);
    }
}
