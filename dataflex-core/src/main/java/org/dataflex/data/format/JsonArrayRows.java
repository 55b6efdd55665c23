package org.dataflex.data.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Path;

/** One JSON array of objects, of which one is in memory at a time. */
final class JsonArrayRows implements Rows {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final JsonParser parser;
    private long number;

    JsonArrayRows(Path file, Reader reader) throws IOException {
        this.file = file;
        this.parser = JSON.createParser(reader);
        parser.nextToken(); // the bracket that told an array from lines
    }

    @Override
    public Row next() throws IOException {
        try {
            JsonToken token = parser.nextToken();
            if (token == JsonToken.END_ARRAY) {
                requireEnd();
                return null;
            }
            if (token == null) {
                return null;
            }
            number++;
            String where = "row " + number + " (line " + parser.currentLocation().getLineNr() + ")";
            if (token != JsonToken.START_OBJECT) {
                throw new IOException(file + " " + where + " is not a JSON object");
            }
            JsonNode fields = JSON.readTree(parser);
            return new Row(fields, where);
        } catch (JsonProcessingException e) {
            throw JsonErrors.broken(file, e);
        }
    }

    private void requireEnd() throws IOException {
        if (parser.nextToken() != null) {
            throw new IOException(
                    file
                            + " goes on after the end of its array at line "
                            + parser.currentLocation().getLineNr()
                            + "; one file holds one array");
        }
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
