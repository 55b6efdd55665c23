package org.dataflex.examples.page;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class RunPageTest {

    private static final double[] X = {0, 10, 20, 30};
    private static final double[] HALF = {0.5, 0.5, 0.5, 0.5};
    private static final String HOSTILE =
            "</title><script>alert(\"1\" & '2')</script> \u0001\uD800";

    @TempDir Path folder;

    @Test
    void toHtml_everyPart_isWellFormed() throws Exception {
        Document page = parse(everything("run").toHtml());
        assertEquals("html", page.getDocumentElement().getTagName());
        assertEquals(3, elements(page, "figure").size());
        assertEquals(2, elements(page, "tr").size());
    }

    @Test
    void toHtml_hostileText_isShownLiterally() throws Exception {
        String html = everything(HOSTILE).toHtml();
        assertFalse(html.contains("<script"));
        String shown = HOSTILE.replace('\u0001', '\uFFFD').replace('\uD800', '\uFFFD');
        Document page = parse(html);
        for (String element : List.of("title", "h1", "h2", "p", "figcaption", "th", "td")) {
            assertEquals(shown, elements(page, element).get(0).getTextContent(), element);
        }
    }

    @Test
    void toHtml_always_loadsNothing() {
        String html = everything("run").toHtml();
        for (String loader : List.of("http", "//", "url(", "@import", "src=", "href=", "<script")) {
            assertFalse(html.contains(loader), loader);
        }
    }

    @Test
    void toHtml_style_standsInThePageUnchanged() throws Exception {
        String css = elements(parse(everything("run").toHtml()), "style").get(0).getTextContent();
        assertTrue(css.contains("prefers-color-scheme: dark"));
        assertFalse(css.matches("(?s).*[<>&\"'].*"), "a browser would show escapes literally");
    }

    @Test
    void toHtml_drawings_haveTextForThoseWhoCannotSeeThem() throws Exception {
        Document page = parse(everything("run").toHtml());
        Set<String> ids = new HashSet<>();
        for (Element element : elements(page, "*")) {
            String id = element.getAttribute("id");
            assertTrue(id.isEmpty() || ids.add(id), "twice: " + id);
        }
        for (Element svg : elements(page, "svg")) {
            if (svg.getAttribute("aria-hidden").isEmpty()) {
                assertEquals("img", svg.getAttribute("role"));
                String[] labels = svg.getAttribute("aria-labelledby").split(" ");
                assertEquals(2, labels.length);
                assertTrue(ids.containsAll(List.of(labels)));
            }
        }
    }

    @Test
    void toHtml_lineChart_isDescribed() throws Exception {
        String description =
                elements(parse(everything("run").toHtml()), "desc").get(0).getTextContent();
        assertEquals(
                "Line chart, step from 0 to 30, loss from 1 to 4. Last values: a 1.500; b 1.000.",
                description);
    }

    @Test
    void toHtml_twiceAndInAnyLocale_isEqual() {
        String expected = everything("run").toHtml();
        Locale before = Locale.getDefault();
        try {
            for (String locale : List.of("ar-EG-u-nu-arab", "de-DE", "tr-TR")) {
                Locale.setDefault(Locale.forLanguageTag(locale));
                assertEquals(expected, everything("run").toHtml(), locale);
            }
        } finally {
            Locale.setDefault(before);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, 1e300, 0, -1e-300, 1e99, -7})
    void toHtml_anyValue_isDrawnOrLeftOut(double value) throws Exception {
        Series one = Series.of("one", new double[] {1}, new double[] {value});
        Series gap = Series.of("gap", X, new double[] {1, value, value, 2});
        String html =
                RunPage.builder("odd")
                        .addChart(new LineChart("one", "x", "y", List.of(one)))
                        .addChart(new LineChart("gap", "x", "y", List.of(gap)))
                        .addChart(new LineChart("x", "x", "y", List.of(swapped(gap))))
                        .build()
                        .toHtml();
        assertNotNull(parse(html));
        assertFalse(html.contains("NaN") || html.contains("Infinity"), html);
    }

    @Test
    void toHtml_emptyCharts_sayThatThereIsNoData() throws Exception {
        Series empty = Series.of("empty", new double[0], new double[0]);
        Series unknown = Series.of("unknown", X, nan());
        RunPage.Builder page = RunPage.builder("empty");
        page.addChart(new LineChart("no series", "x", "y", List.of()));
        page.addChart(new LineChart("no point", "x", "y", List.of(empty, unknown)));
        page.addChart(new ShareChart("no share", "x", List.of()));
        page.addChart(new ShareChart("no point", "x", List.of(empty)));
        page.addChart(new ShareChart("not known", "x", List.of(unknown)));
        String html = page.build().toHtml();
        assertNotNull(parse(html));
        assertEquals(5 * PlotSize.values().length, html.split(">no data<", -1).length - 1);
    }

    @Test
    void toHtml_gap_interruptsTheLine() throws Exception {
        Series series = Series.of("gap", X, new double[] {1, 2, Double.NaN, 4});
        Document page = parse(page(new LineChart("gap", "x", "y", List.of(series))).toHtml());
        String line =
                elements(page, "path").stream()
                        .filter(path -> path.getAttribute("class").equals("line"))
                        .map(path -> path.getAttribute("d"))
                        .filter(path -> !path.equals("M0 6L24 6"))
                        .findFirst()
                        .orElseThrow();
        assertEquals(2, line.chars().filter(c -> c == 'M').count(), line);
        assertEquals(1, line.chars().filter(c -> c == 'L').count(), line);
    }

    @Test
    void toHtml_oneShareInTime_isABar() throws Exception {
        Series java = Series.of("java", new double[] {5}, new double[] {0.25});
        Series json = Series.of("json", new double[] {5}, new double[] {0.75});
        RunPage page =
                RunPage.builder("bar")
                        .addChart(new ShareChart("bar", "step", List.of(java, json)))
                        .build();
        assertTrue(page.toHtml().contains("Last values: json 75.0%; java 25.0%."));
        long areas =
                elements(parse(page.toHtml()), "path").stream()
                        .filter(path -> path.getAttribute("class").startsWith("area c"))
                        .count();
        assertEquals(2 * PlotSize.values().length, areas);
    }

    @Test
    void write_newFolder_writesThePageAsUtf8() throws Exception {
        Path file = folder.resolve("new").resolve("page.html");
        RunPage page = everything("λ");
        page.write(file);
        page.write(file);
        assertArrayEquals(page.toHtml().getBytes(StandardCharsets.UTF_8), Files.readAllBytes(file));
    }

    private static RunPage everything(String text) {
        Series a = new Series("a", X, new double[] {4, 3, 2, 1.5}, true);
        Series b = Series.of("b", X, new double[] {3.5, 2, 1.25, 1});
        return RunPage.builder(text)
                .addHeading(text)
                .addParagraph(text)
                .addTable(new Table(text, List.of(text, "n"), List.of(List.of("row", text))))
                .addChart(new LineChart("lines", "step", "loss", List.of(a, b)))
                .addChart(
                        new ShareChart(
                                "shares",
                                "step",
                                List.of(Series.of("a", X, HALF), Series.of("b", X, HALF))))
                .build();
    }

    private static RunPage page(LineChart chart) {
        return RunPage.builder("page").addChart(chart).build();
    }

    private static Series swapped(Series series) {
        return Series.of(series.name(), series.y(), series.x());
    }

    private static double[] nan() {
        double[] values = X.clone();
        Arrays.fill(values, Double.NaN);
        return values;
    }

    private static Document parse(String html) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(html)));
    }

    private static List<Element> elements(Document page, String name) {
        NodeList nodes = page.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }
}
