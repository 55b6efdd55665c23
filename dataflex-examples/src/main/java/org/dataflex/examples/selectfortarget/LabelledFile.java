package org.dataflex.examples.selectfortarget;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dataflex.data.ByteTokens;
import org.dataflex.data.JsonLines;
import org.dataflex.examples.corpus.LabelledText;

/**
 * A file of labelled texts, one JSON object a line.
 *
 * <p>The text is {@code text}, or else {@code instruction}, {@code input} and {@code output}, those
 * that are there, each on a line of its own; the category is {@code category} or else {@code
 * domain}.
 */
public final class LabelledFile {

    private LabelledFile() {}

    /**
     * Reads a file.
     *
     * @param file the file; blank lines are passed over
     * @return its texts, in order
     * @throws IOException if the file cannot be read or has no texts, or a line is not an object
     *     with a text and a category; the message names the line
     */
    public static List<LabelledText> read(Path file) throws IOException {
        return read(file, LabelledFile::labelled);
    }

    /** Reads texts without their categories. */
    static List<String> texts(Path file) throws IOException {
        return read(file, LabelledFile::text);
    }

    private static <T> List<T> read(Path file, Function<JsonNode, T> parse) throws IOException {
        List<T> read = JsonLines.read(file, parse);
        if (read.isEmpty()) {
            throw new IOException(file + " has no texts; write one JSON object a line");
        }
        return read;
    }

    private static LabelledText labelled(JsonNode line) {
        String category = first(line, "category", "domain");
        if (category.isEmpty()) {
            throw new IllegalArgumentException("no category; name it 'category' or 'domain'");
        }
        return new LabelledText(text(line), category);
    }

    /**
     * The text of a line.
     *
     * @throws IllegalArgumentException if there is none
     */
    private static String text(JsonNode line) {
        String text = first(line, "text");
        if (text.isEmpty()) {
            text =
                    Stream.of("instruction", "input", "output")
                            .map(name -> first(line, name))
                            .filter(part -> !part.isEmpty())
                            .collect(Collectors.joining("\n"));
        }
        if (text.isEmpty()) {
            throw new IllegalArgumentException(
                    "no text; name it 'text', or 'instruction', 'input' and 'output'");
        }
        ByteTokens.encode(text); // refuses what has no bytes
        return text;
    }

    /** The first of some fields that holds text, else nothing. */
    private static String first(JsonNode line, String... names) {
        return Stream.of(names)
                .map(name -> line.path(name).asText("").strip())
                .filter(value -> !value.isEmpty())
                .findFirst()
                .orElse("");
    }
}
