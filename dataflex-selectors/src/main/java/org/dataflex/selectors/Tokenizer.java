package org.dataflex.selectors;

import java.util.Objects;
import java.util.function.Function;

/** Turns text into the token ids of a model and back. */
public interface Tokenizer {

    /**
     * Makes a tokenizer of two functions.
     *
     * @param encoder encodes
     * @param decoder decodes
     * @return the tokenizer
     */
    static Tokenizer of(Function<String, int[]> encoder, Function<int[], String> decoder) {
        Objects.requireNonNull(encoder, "encoder");
        Objects.requireNonNull(decoder, "decoder");
        return new Tokenizer() {
            @Override
            public int[] encode(String text) {
                return encoder.apply(text);
            }

            @Override
            public String decode(int[] ids) {
                return decoder.apply(ids);
            }
        };
    }

    /**
     * Encodes a text.
     *
     * @param text any text
     * @return its token ids
     */
    int[] encode(String text);

    /**
     * Decodes token ids.
     *
     * @param ids token ids
     * @return the text
     */
    String decode(int[] ids);
}
