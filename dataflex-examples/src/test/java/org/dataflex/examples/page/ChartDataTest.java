package org.dataflex.examples.page;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChartDataTest {

    private static final double[] X = {0, 1};

    @Test
    void series_differentLengths_throws() {
        assertThrows(
                IllegalArgumentException.class, () -> Series.of("s", X, new double[] {1, 2, 3}));
    }

    @Test
    void series_callersArrays_areCopied() {
        double[] y = {1, 2};
        Series series = Series.of("s", X, y);
        y[0] = 9;
        series.y()[1] = 9;
        assertArrayEquals(new double[] {1, 2}, series.y());
    }

    @Test
    void shareChart_notAWhole_throwsAndSaysWhere() {
        IllegalArgumentException e = refused(share(X, 0.5, 0.5), share(X, 0.5, 0.6));
        assertTrue(e.getMessage().contains("x = 1.0"), e.getMessage());
        refused(share(X, 1.5, 0.5), share(X, -0.5, 0.5));
    }

    @Test
    void shareChart_differentOrFallingX_throws() {
        refused(share(X, 0.5, 0.5), share(new double[] {0, 2}, 0.5, 0.5));
        refused(share(new double[] {1, 0}, 1, 1));
    }

    @Test
    void stackChart_negativeAmount_throwsAndSaysWhere() {
        assertEquals("part 'share' is -1.0 at x = 1.0", unstacked(share(X, 2, -1)));
        new StackChart("s", "x", "y", List.of(share(X, 0, Double.NaN))); // a gap
    }

    @Test
    void stackChart_differentOrFallingX_throws() {
        assertEquals(
                "all parts of 's' need equal x",
                unstacked(share(X, 1, 1), share(new double[] {0, 2}, 1, 1)));
        assertEquals("x of 's' falls to 0.0", unstacked(share(new double[] {1, 0}, 1, 1)));
    }

    @Test
    void stackChart_callersList_isCopied() {
        List<Series> parts = new ArrayList<>(List.of(share(X, 1, 1)));
        StackChart chart = new StackChart("s", "x", "y", parts);
        parts.clear();
        assertEquals(1, chart.parts().size());
    }

    @Test
    void ribbon_differentLengths_throwsAndSaysWhich() {
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new Ribbon("r", X, X, new double[] {1, 2, 3}));
        assertEquals("ribbon 'r' has 2 x, 2 low and 3 high", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new Ribbon("r", X, new double[1], X));
        assertThrows(NullPointerException.class, () -> new Ribbon(null, X, X, X));
    }

    @Test
    void ribbon_callersArrays_areCopied_andGapsAreOfBothEdges() {
        double[] low = {0, 1, 2};
        Ribbon ribbon =
                new Ribbon("r", new double[] {0, 1, 2}, low, new double[] {3, Double.NaN, 5});
        low[0] = 9;
        ribbon.low()[0] = 9;
        assertArrayEquals(new double[] {0, Double.NaN, 2}, ribbon.edge(false).y());
        assertArrayEquals(new double[] {3, Double.NaN, 5}, ribbon.edge(true).y());
    }

    @Test
    void table_rowOfOtherLength_throws() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new Table("t", List.of("a", "b"), List.of(List.of("1"))));
    }

    @Test
    void table_columns_areAlignedByWhatTheyHold() {
        Table table =
                new Table(
                        "t",
                        List.of("name", "loss"),
                        List.of(List.of("a", "1.5"), List.of("b", NumberText.MISSING)));
        String html = RunPage.builder("p").addTable(table).build().toHtml();
        assertTrue(html.contains("<th scope=\"col\" class=\"text\">name</th>"));
        assertTrue(html.contains("<td class=\"number\">1.5</td>"));
    }

    @Test
    void palette_chartOfSeven_hasSevenColours() {
        Palette palette = new Palette();
        palette.prepare(named("a", "b", "c", "d", "e", "f", "g", "h", "i"));
        List<Series> chart = named("i", "h", "a", "b", "x", "y", "z");
        palette.prepare(chart);
        assertEquals(7, chart.stream().map(s -> palette.colourOf(s.name())).distinct().count());
    }

    @Test
    void palette_nameInASecondChart_keepsItsLook() {
        Palette palette = new Palette();
        palette.prepare(named("a", "b"));
        String colour = palette.colourOf("b");
        String point = palette.pointOf("b", 1, 2);
        palette.prepare(named("c", "b"));
        assertEquals(colour, palette.colourOf("b"));
        assertEquals(point, palette.pointOf("b", 1, 2));
    }

    @Test
    void svgPath_coordinates_areTenths() {
        assertEquals("M1 2.5L-0.3 0", new SvgPath().move(1.04, 2.45).line(-0.3, -0.04).toString());
    }

    @Test
    void band_name_isWrittenOnlyWhereItHasRoom() {
        double[] x = {0, 200};
        assertTrue(nameOf(new Band("json", x, low(40), low(0))).contains(">json<"));
        assertEquals("", nameOf(new Band("json", x, low(10), low(0))));
        assertEquals("", nameOf(new Band("json", new double[] {0, 20}, low(40), low(0))));
        String atTheStart = nameOf(new Band("json", x, low(40), low(0)));
        double middle = Double.parseDouble(atTheStart.replaceAll("(?s).* x=\"([0-9.]+)\".*", "$1"));
        assertTrue(middle - 4 * Frame.CHAR_WIDTH / 2 > 6, "keeps off the edge: " + atTheStart);
    }

    private static String nameOf(Band band) {
        Markup svg = new Markup();
        Palette palette = new Palette();
        palette.prepare(named(band.name()));
        band.drawName(svg, palette);
        return svg.finish();
    }

    private static double[] low(double place) {
        return new double[] {place, place};
    }

    private static IllegalArgumentException refused(Series... shares) {
        return assertThrows(
                IllegalArgumentException.class, () -> new ShareChart("s", "x", List.of(shares)));
    }

    private static String unstacked(Series... parts) {
        return assertThrows(
                        IllegalArgumentException.class,
                        () -> new StackChart("s", "x", "y", List.of(parts)))
                .getMessage();
    }

    private static Series share(double[] x, double... y) {
        return Series.of("share", x, y);
    }

    private static List<Series> named(String... names) {
        return List.of(names).stream().map(name -> Series.of(name, X, X)).toList();
    }
}
