package org.dataflex.data.format;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.BufferedReader;
import java.io.IOException;

/** A text file: each line that is not blank is a row with the column {@code text}. */
final class TextLineRows implements Rows {

    private final BufferedReader reader;

    /** Of the line that was read last. */
    private long number;

    TextLineRows(BufferedReader reader, long before) {
        this.reader = reader;
        this.number = before;
    }

    @Override
    public Row next() throws IOException {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            number++;
            if (!line.isBlank()) {
                return new Row(
                        JsonNodeFactory.instance.objectNode().put("text", line), "line " + number);
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
