package org.dataflex.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes samples of rows; what is wrong with one is an {@link IllegalArgumentException} that names
 * the column.
 */
interface RowFormat {

    /** Makes a sample of a row. */
    TextSample sample(JsonNode row);

    /** The format of a layout. */
    static RowFormat of(DatasetLayout layout) {
        return switch (layout.format()) {
            case ALPACA -> new AlpacaFormat(layout);
            case SHAREGPT -> new ShareGptFormat(layout);
            case TEXT -> row -> new PlainText(requireFilled(row, layout, "prompt"));
        };
    }

    /** The text of a column that every row must have, and that must not be empty. */
    static String requireFilled(JsonNode row, DatasetLayout layout, String key) {
        String text = requireText(row, layout, key);
        if (text.isEmpty()) {
            throw new IllegalArgumentException(
                    "column '" + layout.column(key) + "' is empty; fill it or leave the row out");
        }
        return text;
    }

    /** The text of a column that every row must have. */
    static String requireText(JsonNode row, DatasetLayout layout, String key) {
        String column = layout.column(key);
        if (!row.hasNonNull(column)) {
            List<String> columns = new ArrayList<>();
            row.fieldNames().forEachRemaining(columns::add);
            throw new IllegalArgumentException(
                    "column '"
                            + column
                            + "' is missing; the row has "
                            + columns
                            + "; rename the right one so, or name it in dataset_info.json as columns."
                            + key);
        }
        return text(row.get(column), "column '" + column + "'");
    }

    /** The text of a column that rows may have; empty where it is missing, null or not mapped. */
    static String optionalText(JsonNode row, DatasetLayout layout, String key) {
        String column = layout.column(key);
        return column == null || !row.hasNonNull(column)
                ? ""
                : text(row.get(column), "column '" + column + "'");
    }

    /** The text of a value; {@code what} names it. */
    static String text(JsonNode value, String what) {
        if (!value.isTextual()) {
            String shown = value.toString();
            throw new IllegalArgumentException(
                    what
                            + " is not a text but "
                            + shown.substring(0, Math.min(shown.length(), 40))
                            + "; quote it");
        }
        return value.textValue();
    }
}
