package org.dataflex.data;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Byte-level tokens, for experiments that need no tokenizer: the ids 0 to 255 are the bytes of
 * UTF-8, 256 is the end of a text.
 */
public final class ByteTokens {

    /** The token that ends a text. */
    public static final int END_OF_TEXT = 256;

    /** The number of different tokens: 256 bytes and {@link #END_OF_TEXT}. */
    public static final int VOCABULARY_SIZE = 257;

    private ByteTokens() {}

    /**
     * Turns a text into tokens, without {@link #END_OF_TEXT}.
     *
     * @param text any text of whole characters
     * @return one id a UTF-8 byte, in [0, 255]
     * @throws IllegalArgumentException if the text holds half a surrogate pair, which has no UTF-8
     */
    public static int[] encode(String text) {
        ByteBuffer bytes = utf8(text);
        int[] ids = new int[bytes.remaining()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Byte.toUnsignedInt(bytes.get());
        }
        return ids;
    }

    /**
     * Turns tokens into a text, leaving out {@link #END_OF_TEXT}.
     *
     * @param ids tokens, such as a model generates them; bytes that are no UTF-8 become U+FFFD
     * @return the text
     * @throws IllegalArgumentException if an id is not in [0, 256]
     */
    public static String decode(int[] ids) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(ids.length);
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= VOCABULARY_SIZE) {
                throw new IllegalArgumentException(
                        "id[" + i + "] = " + ids[i] + ", must be in [0, " + END_OF_TEXT + "]");
            }
            if (ids[i] != END_OF_TEXT) {
                bytes.write(ids[i]);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /**
     * Cuts texts into sequences of which every token is a target.
     *
     * <p>Each text is closed by {@link #END_OF_TEXT} and cut into windows of {@code length} tokens;
     * its last window may be shorter. Where one token would be left over, the last window starts
     * one token earlier, so that each has something to predict.
     *
     * @param texts the texts, none empty
     * @param length tokens a window, at least 2
     * @return the windows, in the order of the texts
     * @throws IllegalArgumentException if the length is less than 2, or a text is empty or not
     *     whole characters
     */
    public static TokenSequences sequences(List<String> texts, int length) {
        if (length < 2) {
            throw new IllegalArgumentException("length = " + length + ", must be at least 2");
        }
        TokenSequences.Builder sequences = TokenSequences.builder();
        for (int t = 0; t < texts.size(); t++) {
            if (texts.get(t).isEmpty()) {
                throw new IllegalArgumentException("text[" + t + "] is empty");
            }
            int[] bytes = encode(texts.get(t));
            int[] ids = Arrays.copyOf(bytes, bytes.length + 1);
            ids[bytes.length] = END_OF_TEXT;
            for (long from = 0; from < ids.length; from += length) {
                int to = (int) Math.min(from + length, ids.length);
                sequences.add(Arrays.copyOfRange(ids, (int) Math.min(from, to - 2), to));
            }
        }
        return sequences.build();
    }

    private static ByteBuffer utf8(String text) {
        CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder(); // reports half pairs
        CharBuffer chars = CharBuffer.wrap(text);
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(3, text.length()));
        CoderResult result = encoder.encode(chars, bytes, true);
        if (result.isError()) {
            throw new IllegalArgumentException(
                    "the text holds half a surrogate pair at character " + chars.position());
        }
        return bytes.flip();
    }
}
