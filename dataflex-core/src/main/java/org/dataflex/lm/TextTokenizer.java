package org.dataflex.lm;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.dataflex.checkpoint.JsonFault;
import org.dataflex.data.template.TokenEncoder;
import org.dataflex.math.Sha256;

/**
 * Turns text into the token ids of a model and back, by the {@code tokenizer.json} of its
 * directory.
 *
 * <p>Never truncates and never pads, whatever the file says: DJL's tokenizer left to itself cuts at
 * 512 tokens. May be used by several threads at once.
 */
public final class TextTokenizer implements TokenEncoder, AutoCloseable {

    private static final String FILE = "tokenizer.json";
    private static final TokenizersLibrary NATIVE = TokenizersLibrary.LIB;

    private final HuggingFaceTokenizer tokenizer;
    private final int vocabularySize;
    private final SpecialTokens special;
    private final String fingerprint;
    private final boolean addsBos;

    private TextTokenizer(
            HuggingFaceTokenizer tokenizer,
            int vocabularySize,
            SpecialTokens special,
            String fingerprint) {
        this.tokenizer = tokenizer;
        this.vocabularySize = vocabularySize;
        this.special = special;
        this.fingerprint = fingerprint;
        this.addsBos = beginsWithBos(encode(""));
    }

    private boolean beginsWithBos(int[] ids) {
        return ids.length > 0
                && bosToken().isPresent()
                && addedToken(special.bos()).equals(OptionalInt.of(ids[0]));
    }

    /**
     * Opens the tokenizer of a model directory.
     *
     * @param directory holds {@code tokenizer.json}; its {@code tokenizer_config.json}, {@code
     *     special_tokens_map.json} or {@code config.json} tell which tokens begin and end a text
     * @return the tokenizer; the caller closes it
     * @throws IOException if there is no such file, or it is not a tokenizer; the message names it
     */
    public static TextTokenizer open(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new IOException(
                    file + " is missing; a model directory needs the tokenizer in this form");
        }
        byte[] bytes = Files.readAllBytes(file);
        try {
            JsonNode json = new ObjectMapper().readTree(bytes);
            SpecialTokens special = SpecialTokens.read(directory, json);
            return new TextTokenizer(
                    HuggingFaceTokenizer.builder()
                            .optTokenizerPath(file)
                            .optTruncation(false)
                            .optPadding(false)
                            .build(),
                    vocabularySize(json),
                    special,
                    Sha256.of(bytes) + " " + special.bos() + " " + special.eos());
        } catch (JsonProcessingException e) {
            throw new IOException(
                    file
                            + " is not a tokenizer: it is no JSON: "
                            + JsonFault.withLine(e)
                            + "; get the file anew",
                    e);
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

    @Override
    public int[] encodePlain(String text) {
        return ids(text, false);
    }

    /**
     * Asks the native library for the ids alone: {@link HuggingFaceTokenizer#encode} would build
     * the tokens' texts, spans and masks too.
     */
    private int[] ids(String text, boolean addSpecialTokens) {
        long encoding = encoding(text, addSpecialTokens);
        try {
            return ints(NATIVE.getTokenIds(encoding));
        } finally {
            NATIVE.deleteEncoding(encoding);
        }
    }

    /** Returns the handle of a native encoding; who asks for it deletes it. */
    private long encoding(String text, boolean addSpecialTokens) {
        Objects.requireNonNull(text, "text");
        return NATIVE.encode(tokenizer.getHandle(), text, addSpecialTokens);
    }

    private static int[] ints(long[] ids) {
        int[] ints = new int[ids.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = Math.toIntExact(ids[i]);
        }
        return ints;
    }

    @Override
    public Located encodeLocated(String text) {
        long encoding = encoding(text, false);
        try {
            CharSpan[] spans = NATIVE.getTokenCharSpans(encoding);
            return new Located(ints(NATIVE.getTokenIds(encoding)), ends(text, spans));
        } finally {
            NATIVE.deleteEncoding(encoding);
        }
    }

    /** Spans count code points; a token without one ends where that before it does. */
    private static int[] ends(String text, CharSpan[] spans) {
        int[] ends = new int[spans.length];
        int codePoints = 0;
        int chars = 0;
        for (int i = 0; i < ends.length; i++) {
            int end = spans[i] == null ? codePoints : Math.max(codePoints, spans[i].getEnd());
            chars = text.offsetByCodePoints(chars, end - codePoints);
            codePoints = end;
            ends[i] = chars;
        }
        return ends;
    }

    @Override
    public OptionalInt addedToken(String token) {
        Integer id = special.added().get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    @Override
    public Optional<String> bosToken() {
        return Optional.ofNullable(special.bos());
    }

    @Override
    public Optional<String> eosToken() {
        return Optional.ofNullable(special.eos());
    }

    @Override
    public boolean addsBos() {
        return addsBos;
    }

    @Override
    public String fingerprint() {
        return fingerprint;
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
