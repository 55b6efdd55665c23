package org.dataflex.selectors;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.dataflex.data.JsonLines;
import org.dataflex.math.Sha256;
import org.dataflex.strategy.Settings;

/**
 * Prompts in files that settings name, {@code name:path,name:path}: a JSON object a line, with a
 * text {@code prompt} and perhaps a text or number {@code reference}.
 */
final class PromptFiles {

    private static final Set<String> FIELDS = Set.of("prompt", "reference");
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
        Map<String, List<Prompt>> subtasks = new LinkedHashMap<>();
        settings.paths("prompts", "JSON Lines files with a prompt each line")
                .forEach((name, path) -> subtasks.put(name, read(path, tokenizer)));
        return subtasks;
    }

    private static List<Prompt> read(Path path, Tokenizer tokenizer) {
        try {
            return JsonLines.read(path, line -> prompt(line, tokenizer));
        } catch (IOException e) {
            throw new IllegalArgumentException("prompts: " + e.getMessage(), e);
        }
    }

    private static Prompt prompt(JsonNode line, Tokenizer tokenizer) {
        JsonNode prompt = line.path("prompt");
        JsonNode reference = line.path("reference");
        Set<String> others = new TreeSet<>();
        line.fieldNames().forEachRemaining(others::add);
        others.removeAll(FIELDS);
        if (!prompt.isTextual() || reference.isContainerNode() || !others.isEmpty()) {
            throw new IllegalArgumentException(
                    (others.isEmpty() ? "it" : others + " is neither prompt nor reference; a line")
                            + " must be like {\"prompt\": \"2+3=\", \"reference\": \"5\"}");
        }
        String text = prompt.asText();
        if (text.isBlank()) {
            throw new IllegalArgumentException("its prompt is blank; give a text to answer");
        }
        return new Prompt(text, tokenizer.encode(text), reference(reference));
    }

    /** A number with the digits that it is written with. */
    private static String reference(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return null;
        }
        return node.isNumber() ? node.decimalValue().toPlainString() : node.asText();
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
