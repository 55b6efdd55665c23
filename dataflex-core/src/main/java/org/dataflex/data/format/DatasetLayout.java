package org.dataflex.data.format;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the rows of a dataset are laid out: which column holds what, and what its roles are called.
 *
 * <p>Columns, by their names in LLaMA-Factory's {@code dataset_info.json}:
 *
 * <ul>
 *   <li>alpaca: {@code prompt} and {@code response}, which every row must have; {@code query},
 *       {@code system} and {@code history} (pairs of prompt and response), which it may have
 *   <li>sharegpt: {@code messages}, which every row must have; {@code system}, which it may have
 *   <li>text: {@code prompt}, which holds the text and every row must have
 *   <li>all: {@code id}; where it is named, every row must have one, and no two the same
 * </ul>
 *
 * @param format the kind of rows
 * @param columns the names of columns in the file by what they hold
 * @param tags for sharegpt: the names of fields and roles within a message ({@code role_tag},
 *     {@code content_tag}, {@code user_tag}, {@code assistant_tag}, {@code system_tag})
 */
public record DatasetLayout(Format format, Map<String, String> columns, Map<String, String> tags) {

    /** Kinds of rows. */
    public enum Format {
        /** Instruction, input and output. */
        ALPACA("prompt", "query", "response", "system", "history", "id"),

        /** A list of messages with a role each. */
        SHAREGPT("messages", "system", "id"),

        /** A text. */
        TEXT("prompt", "id");

        private final List<String> columns;

        Format(String... columns) {
            this.columns = List.of(columns);
        }
    }

    private static final List<String> TAGS =
            List.of("role_tag", "content_tag", "user_tag", "assistant_tag", "system_tag");

    /** Copies the maps and rejects names that are unknown. */
    public DatasetLayout {
        columns = Collections.unmodifiableMap(new TreeMap<>(columns));
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
        requireKnown("column", columns, format.columns);
        requireKnown("tag", tags, format == Format.SHAREGPT ? TAGS : List.of());
    }

    private static void requireKnown(String what, Map<String, String> named, List<String> known) {
        for (String name : named.keySet()) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException(
                        what + " '" + name + "' is not supported; known are " + known);
            }
        }
    }

    /**
     * Returns the layout of Stanford's Alpaca: {@code instruction}, {@code input}, {@code output},
     * and, where a row has them, {@code system} and {@code history}.
     *
     * @return the layout
     */
    public static DatasetLayout alpaca() {
        return new DatasetLayout(
                Format.ALPACA,
                Map.of(
                        "prompt", "instruction",
                        "query", "input",
                        "response", "output",
                        "system", "system",
                        "history", "history"),
                Map.of());
    }

    /**
     * Returns ShareGPT's layout: {@code conversations} of messages with {@code from} ({@code
     * human}, {@code gpt}, {@code system}) and {@code value}.
     *
     * @return the layout
     */
    public static DatasetLayout shareGpt() {
        return new DatasetLayout(
                Format.SHAREGPT,
                Map.of("messages", "conversations", "system", "system"),
                Map.of(
                        "role_tag", "from",
                        "content_tag", "value",
                        "user_tag", "human",
                        "assistant_tag", "gpt",
                        "system_tag", "system"));
    }

    /**
     * Returns OpenAI's layout: {@code messages} with {@code role} ({@code user}, {@code assistant},
     * {@code system}) and {@code content}.
     *
     * @return the layout
     */
    public static DatasetLayout openAi() {
        return new DatasetLayout(
                Format.SHAREGPT,
                Map.of("messages", "messages", "system", "system"),
                Map.of(
                        "role_tag", "role",
                        "content_tag", "content",
                        "user_tag", "user",
                        "assistant_tag", "assistant",
                        "system_tag", "system"));
    }

    /**
     * Returns the layout of texts.
     *
     * @param column the column that holds the text; of a text file's lines it is {@code text}
     * @return the layout
     */
    public static DatasetLayout text(String column) {
        return new DatasetLayout(Format.TEXT, Map.of("prompt", column), Map.of());
    }

    /** The file's name of what {@code key} names, or null if rows have no such column. */
    String column(String key) {
        return columns.get(key);
    }

    String tag(String key) {
        return tags.get(key);
    }
}
