package org.dataflex.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Locale;
import org.dataflex.data.TextFiles;

/** The rows of one file, one after another. */
interface Rows extends Closeable {

    /**
     * One row.
     *
     * @param fields its columns
     * @param where such as "line 3"
     */
    record Row(JsonNode fields, String where) {}

    /** The next row, or null after the last. */
    Row next() throws IOException;

    /** Reads a file by what its name ends with; JSON is told from JSON lines by how it starts. */
    static Rows open(Path file, InputStream bytes) throws IOException {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        BufferedReader reader = TextFiles.reader(file, bytes);
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "txt" -> new TextLineRows(reader, 0);
            case "json", "jsonl" ->
                    firstCharacter(reader) == '['
                            ? new JsonArrayRows(file, reader)
                            : new JsonLineRows(file, reader, 0);
            default ->
                    throw new IOException(
                            file + " is not a .json, .jsonl or .txt file; convert it to one");
        };
    }

    /**
     * Reads whole lines of a file, JSON objects or texts by what its name ends with.
     *
     * @param bytes the lines
     * @param offset where they start in the file
     * @param before how many lines are before them
     */
    static Rows openLines(Path file, InputStream bytes, long offset, long before) {
        BufferedReader reader = TextFiles.reader(file, bytes, offset);
        return file.getFileName().toString().endsWith(".txt")
                ? new TextLineRows(reader, before)
                : new JsonLineRows(file, reader, before);
    }

    /** The first character that is not white space; the reader is left at the start. */
    private static int firstCharacter(BufferedReader reader) throws IOException {
        reader.mark(1 << 12);
        int character;
        do {
            character = reader.read();
        } while (character >= 0 && Character.isWhitespace(character));
        reader.reset();
        return character;
    }
}
