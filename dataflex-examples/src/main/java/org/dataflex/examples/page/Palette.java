package org.dataflex.examples.page;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives each series of a chart a look of its own: a colour and the shape of its points.
 *
 * <p>A name keeps its look from chart to chart, unless another series of the chart has it already.
 * The colours (in {@code page.css}) are told apart with any common colour blindness; the shapes
 * tell lines apart without colours. Seven colours and four shapes make 28 different looks.
 */
final class Palette {

    private static final int COLOURS = 7;
    private static final int SHAPES = 4;
    private static final double RADIUS = 3.5;

    private final Map<String, Integer> looks = new HashMap<>();

    /** Sees to it that no two names of a chart look the same; needed before it is drawn. */
    void prepare(List<Series> chart) {
        List<String> names = chart.stream().map(Series::name).distinct().toList();
        int enough = Math.max(COLOURS, names.size());
        Set<Integer> taken = new HashSet<>();
        List<String> undecided = new ArrayList<>();
        for (String name : names) {
            int look = looks.getOrDefault(name, enough);
            if (look >= enough || !taken.add(look)) {
                undecided.add(name);
            }
        }
        for (String name : undecided) {
            int look = 0;
            while (!taken.add(look)) {
                look++;
            }
            looks.put(name, look);
        }
    }

    /** CSS class that sets the colour of a series. */
    String colourOf(String name) {
        return "c" + looks.get(name) % COLOURS;
    }

    /** SVG path of a point of a series. */
    String pointOf(String name, double x, double y) {
        double r = RADIUS;
        return switch (looks.get(name) % SHAPES) {
            case 0 -> disc(x, y, r);
            case 1 ->
                    new SvgPath()
                            .move(x - r, y - r)
                            .line(x + r, y - r)
                            .line(x + r, y + r)
                            .line(x - r, y + r)
                            .close();
            case 2 ->
                    new SvgPath()
                            .move(x, y - 1.3 * r)
                            .line(x + 1.2 * r, y + r)
                            .line(x - 1.2 * r, y + r)
                            .close();
            default ->
                    new SvgPath()
                            .move(x, y - 1.4 * r)
                            .line(x + 1.4 * r, y)
                            .line(x, y + 1.4 * r)
                            .line(x - 1.4 * r, y)
                            .close();
        };
    }

    private static String disc(double x, double y, double r) {
        return new SvgPath().move(x - r, y).halfCircle(r, x + r, y).halfCircle(r, x - r, y).close();
    }
}
