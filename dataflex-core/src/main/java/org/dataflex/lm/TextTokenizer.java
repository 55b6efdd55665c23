package org.dataflex.lm;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Turns text into the token ids of a model and back, by the {@code tokenizer.json} of its
 * directory.
 *
 * <p>Never truncates and never pads, whatever the file says: DJL's tokenizer left to itself cuts at
 * 512 tokens. May be used by several threads at once.
 */
public final class TextTokenizer implements AutoCloseable {

    private static final String FILE = "tokenizer.json";

    private final HuggingFaceTokenizer tokenizer;
    private final int vocabularySize;

    private TextTokenizer(HuggingFaceTokenizer tokenizer, int vocabularySize) {
        this.tokenizer = tokenizer;
        this.vocabularySize = vocabularySize;
    }

    /**
     * Opens the tokenizer of a model directory.
     *
     * @param directory holds {@code tokenizer.json}
     * @return the tokenizer; the caller closes it
     * @throws IOException if there is no such file, or it is not a tokenizer; the message names it
     */
    public static TextTokenizer open(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new IOException(
                    file + " is missing; a model directory needs the tokenizer in this form");
        }
        try {
            JsonNode json = new ObjectMapper().readTree(file.toFile());
            return new TextTokenizer(
                    HuggingFaceTokenizer.builder()
                            .optTokenizerPath(file)
                            .optTruncation(false)
                            .optPadding(false)
                            .build(),
                    vocabularySize(json));
        } catch (IOException | RuntimeException e) {
            throw new IOException(file + " is not a tokenizer: " + e.getMessage(), e);
        }
    }

    /** One more than the largest id; a unigram model lists its tokens, others map them to ids. */
    private static int vocabularySize(JsonNode json) {
        JsonNode vocabulary = json.path("model").path("vocab");
        int size = vocabulary.isArray() ? vocabulary.size() : 0;
        if (vocabulary.isObject()) {
            for (JsonNode id : vocabulary) {
                size = Math.max(size, id.asInt() + 1);
            }
        }
        for (JsonNode added : json.path("added_tokens")) {
            size = Math.max(size, added.path("id").asInt() + 1);
        }
        return size;
    }

    /**
     * Encodes a text with the special tokens that the model expects around it.
     *
     * @param text any text
     * @return its token ids, all of them
     */
    public int[] encode(String text) {
        return ids(text, true);
    }

    /**
     * Encodes a piece of a text: no special tokens are added.
     *
     * @param text any text
     * @return its token ids, all of them
     */
    public int[] encodePlain(String text) {
        return ids(text, false);
    }

    private int[] ids(String text, boolean addSpecialTokens) {
        return Arrays.stream(tokenizer.encode(text, addSpecialTokens, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    /**
     * Decodes token ids; special tokens are left out.
     *
     * @param ids token ids
     * @return the text
     */
    public String decode(int[] ids) {
        return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), true);
    }

    /**
     * Returns how many token ids there are, added tokens included; a model's vocabulary must be at
     * least as large.
     *
     * @return one more than the largest id
     */
    public int vocabularySize() {
        return vocabularySize;
    }

    /** Frees the tokenizer's native memory. */
    @Override
    public void close() {
        tokenizer.close();
    }
}
