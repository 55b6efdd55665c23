package org.dataflex.selectors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.math.Sha256;
import org.dataflex.strategy.Settings;

/**
 * Prompts in files that settings name, {@code name:path,name:path}: a JSON object a line, with a
 * text {@code prompt} and perhaps a text or number {@code reference}.
 */
final class PromptFiles {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DIGITS = 16;

    private PromptFiles() {}

    /**
     * Reads the files of the setting {@code prompts}.
     *
     * @param settings the settings
     * @param tokenizer makes the prompts' tokens
     * @return the prompts by subtask, in order
     * @throws IllegalArgumentException if there are none, or one cannot be read
     */
    static Map<String, List<Prompt>> read(Settings settings, Tokenizer tokenizer) {
        String value = settings.text("prompts", null);
        Map<String, List<Prompt>> subtasks = new LinkedHashMap<>();
        for (String entry : (value == null ? "" : value).split(",")) {
            int colon = entry.indexOf(':');
            if (colon < 1 || colon == entry.length() - 1) {
                throw new IllegalArgumentException(
                        "prompts = "
                                + (value == null ? null : "'" + value + "'")
                                + ", must be name:path,name:path of JSON Lines files with a prompt"
                                + " each line");
            }
            String name = entry.substring(0, colon).strip();
            Path path = Path.of(entry.substring(colon + 1).strip());
            if (subtasks.put(name, read(path, tokenizer)) != null) {
                throw new IllegalArgumentException(
                        "prompts = '" + value + "' names '" + name + "' twice");
            }
        }
        return subtasks;
    }

    private static List<Prompt> read(Path path, Tokenizer tokenizer) {
        List<String> lines;
        try {
            lines = Files.readAllLines(path);
        } catch (IOException e) {
            throw new IllegalArgumentException("prompts: " + path + " cannot be read: " + e, e);
        }
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                prompts.add(parse(lines.get(i), path + " line " + (i + 1), tokenizer));
            }
        }
        return prompts;
    }

    private static Prompt parse(String line, String where, Tokenizer tokenizer) {
        JsonNode prompt = null;
        JsonNode reference = null;
        try {
            JsonNode object = JSON.readTree(line);
            prompt = object.path("prompt");
            reference = object.path("reference");
        } catch (JsonProcessingException e) {
            throw malformed(where, e);
        }
        boolean noReference = reference.isMissingNode() || reference.isNull();
        if (!prompt.isTextual() || !(noReference || reference.isValueNode())) {
            throw malformed(where, null);
        }
        String text = prompt.asText();
        return new Prompt(text, tokenizer.encode(text), noReference ? null : reference.asText());
    }

    private static IllegalArgumentException malformed(String where, Exception cause) {
        return new IllegalArgumentException(
                "prompts: " + where + " is not like {\"prompt\": \"2+3=\", \"reference\": \"5\"}",
                cause);
    }

    /** Tells sets of prompts apart: their number, and the start of a digest. */
    static String fingerprint(List<Prompt> prompts) {
        Sha256 sha = new Sha256();
        for (Prompt prompt : prompts) {
            int[] ids = prompt.tokenIds();
            ByteBuffer tokens = ByteBuffer.allocate(Integer.BYTES * (1 + ids.length));
            tokens.putInt(ids.length).asIntBuffer().put(ids);
            sha.update(tokens.array());
            for (String text : new String[] {prompt.text(), prompt.reference()}) {
                byte[] bytes = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
                int length = bytes == null ? -1 : bytes.length;
                sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(length).flip());
                sha.update(bytes == null ? new byte[0] : bytes);
            }
        }
        return prompts.size() + " prompts " + sha.hex().substring(0, DIGITS);
    }
}
