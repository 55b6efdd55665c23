package org.dataflex.lm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dataflex.checkpoint.JsonFault;

/**
 * The tokens of a tokenizer that are no pieces of text.
 *
 * @param added the ids of all added tokens by their text
 * @param bos the token that begins a text, or null
 * @param eos the token that ends a text, or null
 */
record SpecialTokens(Map<String, Integer> added, String bos, String eos) {

    private static final List<String> NAMES =
            List.of("tokenizer_config.json", "special_tokens_map.json");

    /** Reads what a model directory says; what its tokenizer says of itself is given. */
    static SpecialTokens read(Path directory, JsonNode tokenizer) throws IOException {
        Map<String, Integer> added = new HashMap<>();
        for (JsonNode token : tokenizer.path("added_tokens")) {
            added.put(token.path("content").asText(), token.path("id").asInt());
        }
        return new SpecialTokens(
                added,
                named(directory, "bos", added).orElse(null),
                named(directory, "eos", added).orElse(null));
    }

    private static Optional<String> named(Path directory, String name, Map<String, Integer> added)
            throws IOException {
        for (String file : NAMES) {
            JsonNode token = json(directory.resolve(file)).path(name + "_token");
            JsonNode text = token.isObject() ? token.path("content") : token;
            if (text.isTextual()) {
                return Optional.of(text.textValue());
            }
        }
        JsonNode id = json(directory.resolve("config.json")).path(name + "_token_id");
        int first = (id.isArray() ? id.path(0) : id).asInt(-1);
        return added.entrySet().stream()
                .filter(entry -> entry.getValue() == first)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private static JsonNode json(Path file) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        try {
            return Files.isRegularFile(file)
                    ? mapper.readTree(file.toFile())
                    : mapper.missingNode();
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is no JSON: " + JsonFault.withLine(e), e);
        }
    }
}
