package org.dataflex.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.dataflex.checkpoint.JsonFault;

/**
 * Files of one JSON object a line. Numbers keep the digits that they are written with; a name that
 * is twice in an object, or anything behind the object, is an error.
 */
public final class JsonLines {

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build();

    private static final String MEND = "write one JSON object a line";

    private JsonLines() {}

    /**
     * Reads a file.
     *
     * @param file the file; blank lines are passed over
     * @param parse makes something of a line, or throws {@link IllegalArgumentException}
     * @param <T> what is made
     * @return what was made of the lines, in order
     * @throws IOException if the file cannot be read or a line cannot be parsed; the message names
     *     the line
     */
    public static <T> List<T> read(Path file, Function<JsonNode, T> parse) throws IOException {
        List<T> parsed = new ArrayList<>();
        int number = 0;
        for (String line : TextFiles.read(file).lines().toList()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            try {
                parsed.add(parse.apply(JSON.readTree(line)));
            } catch (JsonProcessingException e) {
                throw refused(file, number, JsonFault.of(e) + "; " + MEND, e);
            } catch (IllegalArgumentException e) {
                throw refused(file, number, e.getMessage(), e);
            }
        }
        return parsed;
    }

    private static IOException refused(Path file, int line, String why, Exception cause) {
        return new IOException(file + " line " + line + ": " + why, cause);
    }
}
