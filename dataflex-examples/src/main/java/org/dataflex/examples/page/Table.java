package org.dataflex.examples.page;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A table of text with one row of headers; the first cell of a row names the row.
 *
 * <p>A column that holds nothing but numbers and empty cells is aligned to the right.
 *
 * @param title what the table shows, as its caption
 * @param headers one header a column
 * @param rows the cells, row by row; see {@link NumberText} for numbers
 */
public record Table(String title, List<String> headers, List<List<String>> rows) {

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if a row has more or fewer cells than there are headers
     */
    public Table {
        Objects.requireNonNull(title, "title");
        headers = List.copyOf(headers);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<String> row : rows) {
            if (row.size() != headers.size()) {
                throw new IllegalArgumentException(
                        "table '" + title + "' has the headers " + headers + " and the row " + row);
            }
        }
    }

    /**
     * Writes the table for a terminal.
     *
     * @return title, headers and rows, a line each; columns are aligned, the first to the left, the
     *     others to the right
     */
    public String toText() {
        StringBuilder text = new StringBuilder(String.format("%s%n", title));
        appendLine(text, headers);
        rows.forEach(row -> appendLine(text, row));
        return text.toString();
    }

    private void appendLine(StringBuilder text, List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < cells.size(); column++) {
            String padding = " ".repeat(width(column) - cells.get(column).length());
            line.append(column == 0 ? cells.get(0) + padding : "  " + padding + cells.get(column));
        }
        text.append(String.format("%s%n", line.toString().stripTrailing()));
    }

    private int width(int column) {
        return Stream.concat(Stream.of(headers), rows.stream())
                .mapToInt(cells -> cells.get(column).length())
                .max()
                .orElseThrow();
    }

    void write(Markup page) {
        page.open("figure", "class", "table").element("figcaption", title);
        // A wide table scrolls in its own region, which the keyboard can reach.
        page.open("div", "role", "region", "aria-label", title, "tabindex", "0").open("table");
        page.open("thead").open("tr");
        for (int column = 0; column < headers.size(); column++) {
            page.element("th", headers.get(column), "scope", "col", "class", alignment(column));
        }
        page.close().close();
        page.open("tbody");
        rows.forEach(row -> writeRow(page, row));
        page.close().close().close().close();
    }

    private void writeRow(Markup page, List<String> row) {
        page.open("tr");
        for (int column = 0; column < row.size(); column++) {
            if (column == 0) {
                page.element("th", row.get(0), "scope", "row", "class", alignment(0));
            } else {
                page.element("td", row.get(column), "class", alignment(column));
            }
        }
        page.close();
    }

    private String alignment(int column) {
        boolean numbers =
                !rows.isEmpty()
                        && rows.stream().allMatch(row -> NumberText.isNumber(row.get(column)));
        return numbers ? "number" : "text";
    }
}
