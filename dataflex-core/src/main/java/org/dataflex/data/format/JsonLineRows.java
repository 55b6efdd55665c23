package org.dataflex.data.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;

/** JSON lines: each line that is not blank is an object. */
final class JsonLineRows implements Rows {

    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final Path file;
    private final BufferedReader reader;

    /** Of the line that was read last. */
    private long number;

    JsonLineRows(Path file, BufferedReader reader, long before) {
        this.file = file;
        this.reader = reader;
        this.number = before;
    }

    @Override
    public Row next() throws IOException {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            number++;
            if (!line.isBlank()) {
                return new Row(parse(line), "line " + number);
            }
        }
        return null;
    }

    private JsonNode parse(String line) throws IOException {
        try {
            JsonNode fields = JSON.readTree(line);
            if (!fields.isObject()) {
                throw new IOException(file + " line " + number + " is not a JSON object");
            }
            return fields;
        } catch (JsonProcessingException e) {
            throw JsonErrors.broken(file, number, e);
        }
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
