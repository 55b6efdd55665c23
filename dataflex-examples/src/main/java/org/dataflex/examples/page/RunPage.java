package org.dataflex.examples.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A page about one run: headings, paragraphs, tables and charts in the order they were added.
 *
 * <p>The page is one HTML file that loads nothing and runs no script. It follows the reader's
 * choice of a light or dark screen and reads well on a telephone. Equal content gives equal bytes.
 * Text is taken literally: it needs no escaping.
 */
public final class RunPage {

    private static final String STYLE = "page.css";

    private final String title;
    private final List<Section> sections;

    private RunPage(Builder builder) {
        title = builder.title;
        sections = List.copyOf(builder.sections);
    }

    /** Starts a page with its title. */
    public static Builder builder(String title) {
        return new Builder(title);
    }

    /** Returns the page as HTML that is well-formed XML too. */
    public String toHtml() {
        Markup page = new Markup();
        page.open("html", "lang", "en").open("head").empty("meta", "charset", "utf-8");
        page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        page.element("title", title).element("style", style()).close();
        page.open("body").open("main").element("h1", title);
        Palette palette = new Palette();
        for (int i = 0; i < sections.size(); i++) {
            sections.get(i).write(page, palette, "s" + i);
        }
        page.close().close().close();
        return "<!DOCTYPE html>\n" + page.finish();
    }

    /**
     * Writes the page as UTF-8, in place of any older file; makes missing folders.
     *
     * @throws IOException if the file cannot be written
     */
    public void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, toHtml());
    }

    private static String style() {
        try (InputStream in = RunPage.class.getResourceAsStream(STYLE)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + STYLE, e);
        }
    }

    /** One part of a page. */
    private interface Section {
        void write(Markup page, Palette palette, String id);
    }

    /** Collects what a page shows. */
    public static final class Builder {

        private final String title;
        private final List<Section> sections = new ArrayList<>();

        private Builder(String title) {
            this.title = Objects.requireNonNull(title, "title");
        }

        /** Adds a heading below the title. */
        public Builder addHeading(String text) {
            return addText("h2", text);
        }

        /** Adds a paragraph of text. */
        public Builder addParagraph(String text) {
            return addText("p", text);
        }

        /** Adds a table. */
        public Builder addTable(Table table) {
            Objects.requireNonNull(table, "table");
            sections.add((page, palette, id) -> table.write(page));
            return this;
        }

        /** Adds a chart; charts in a row share a line where the window is wide enough. */
        public Builder addChart(LineChart chart) {
            return addFigure(new LineDrawing(Objects.requireNonNull(chart, "chart")));
        }

        /** Adds a chart; charts in a row share a line where the window is wide enough. */
        public Builder addChart(ShareChart chart) {
            return addFigure(new StackDrawing(chart.stack(), true));
        }

        /** Adds a chart; charts in a row share a line where the window is wide enough. */
        public Builder addChart(StackChart chart) {
            return addFigure(new StackDrawing(Objects.requireNonNull(chart, "chart"), false));
        }

        /** Returns the page. */
        public RunPage build() {
            return new RunPage(this);
        }

        private Builder addText(String element, String text) {
            Objects.requireNonNull(text, "text");
            sections.add((page, palette, id) -> page.element(element, text));
            return this;
        }

        private Builder addFigure(Drawing drawing) {
            ChartFigure figure = new ChartFigure(drawing);
            sections.add(figure::write);
            return this;
        }
    }
}
