package org.dataflex.examples.page;

/**
 * One share of a stacked chart as it lies on the drawing, where y grows downwards.
 *
 * @param name what the share is called
 * @param x ascending places along the chart, two at least
 * @param lower where the band's lower edge is at each x
 * @param upper where its upper edge is
 */
record Band(String name, double[] x, double[] lower, double[] upper) {

    private static final double TEXT_HEIGHT = 15;
    private static final double TEXT_RISE = 4.5;

    /**
     * Distance between two places at which the name is tried, and at which its room is measured.
     */
    private static final double STRIDE = 6;

    void drawArea(Markup svg, Palette palette) {
        SvgPath path = new SvgPath().move(x[0], upper[0]);
        for (int i = 1; i < x.length; i++) {
            path.line(x[i], upper[i]);
        }
        for (int i = x.length - 1; i >= 0; i--) {
            path.line(x[i], lower[i]);
        }
        svg.empty("path", "class", "area " + palette.colourOf(name), "d", path.close());
    }

    /** Writes the name inside the band, where there is most room, if there is enough. */
    void drawName(Markup svg, Palette palette) {
        double width = (name.length() + 1) * Frame.CHAR_WIDTH;
        double best = Double.NaN;
        double most = TEXT_HEIGHT;
        double end = x[x.length - 1] - STRIDE;
        for (double at = x[0] + STRIDE; at + width <= end; at += STRIDE) {
            double room = bottom(at, width) - top(at, width);
            if (room > most) {
                most = room;
                best = at;
            }
        }
        if (!Double.isNaN(best)) {
            double middle = (bottom(best, width) + top(best, width)) / 2;
            String left = SvgPath.number(best + width / 2);
            String baseline = SvgPath.number(middle + TEXT_RISE);
            svg.open("g", "class", palette.colourOf(name));
            svg.element("text", name, "class", "middle inside", "x", left, "y", baseline).close();
        }
    }

    /** The highest place of the lower edge along a piece of text. */
    private double bottom(double from, double width) {
        double bottom = Double.MAX_VALUE;
        for (double at = from; at <= from + width; at += STRIDE) {
            bottom = Math.min(bottom, edge(lower, at));
        }
        return bottom;
    }

    /** The lowest place of the upper edge along a piece of text. */
    private double top(double from, double width) {
        double top = -Double.MAX_VALUE;
        for (double at = from; at <= from + width; at += STRIDE) {
            top = Math.max(top, edge(upper, at));
        }
        return top;
    }

    private double edge(double[] edge, double at) {
        int i = 1;
        while (i < x.length - 1 && x[i] < at) {
            i++;
        }
        double width = x[i] - x[i - 1];
        double part = width == 0 ? 0 : (at - x[i - 1]) / width;
        return edge[i - 1] + part * (edge[i] - edge[i - 1]);
    }
}
