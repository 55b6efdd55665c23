package org.dataflex.data.template;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import org.dataflex.data.ByteTokens;

/**
 * Encodes texts as {@link ByteTokens}, for experiments that need no tokenizer: a token is a byte of
 * UTF-8, and {@link ByteTokens#END_OF_TEXT}, spelt {@value #END}, ends a text.
 */
public final class ByteEncoder implements TokenEncoder {

    private static final String END = "<|endoftext|>";

    /** Makes an encoder. */
    public ByteEncoder() {}

    @Override
    public int[] encodePlain(String text) {
        return ByteTokens.encode(text);
    }

    @Override
    public Located encodeLocated(String text) {
        int[] ids = ByteTokens.encode(text);
        int[] ends = new int[ids.length];
        int token = 0;
        for (int at = 0; at < text.length(); ) {
            int end = at + Character.charCount(text.codePointAt(at));
            int bytes = ByteTokens.encode(text.substring(at, end)).length;
            Arrays.fill(ends, token, token + bytes, end);
            token += bytes;
            at = end;
        }
        return new Located(ids, ends);
    }

    @Override
    public OptionalInt addedToken(String token) {
        return token.equals(END) ? OptionalInt.of(ByteTokens.END_OF_TEXT) : OptionalInt.empty();
    }

    @Override
    public Optional<String> bosToken() {
        return Optional.empty();
    }

    @Override
    public Optional<String> eosToken() {
        return Optional.of(END);
    }

    @Override
    public boolean addsBos() {
        return false;
    }

    @Override
    public String fingerprint() {
        return "bytes";
    }
}
