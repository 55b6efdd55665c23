package org.dataflex.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class ByteTokensTest {

    @Test
    void encode_decoded_isTheText() {
        String all = "plain \u0000 ä é 世界 \uD83D\uDE00 \uFFFF \uFEFF";
        for (String text : List.of("", "a", "Grüße\r\n", all)) {
            assertEquals(text, ByteTokens.decode(ByteTokens.encode(text)));
        }
        assertArrayEquals(new int[] {97, 0xC3, 0xA4}, ByteTokens.encode("aä"));
    }

    @Test
    void vocabulary_size_isOneMoreThanTheLastToken() {
        assertEquals(256, ByteTokens.END_OF_TEXT);
        assertEquals(257, ByteTokens.VOCABULARY_SIZE);
    }

    @Test
    void decode_whatAModelWrites_isMadeReadable() {
        assertEquals("ab", ByteTokens.decode(new int[] {97, 256, 98, 256}));
        assertEquals("a\uFFFDb", ByteTokens.decode(new int[] {97, 0xC3, 98}));
    }

    @Test
    void decode_noToken_saysWhich() {
        for (int id : new int[] {-1, 257}) {
            assertRefused(
                    "id[1] = " + id + ", must be in [0, 256]",
                    () -> ByteTokens.decode(new int[] {97, id}));
        }
    }

    @Test
    void encode_halfASurrogatePair_saysWhere() {
        for (String text : List.of("ab\uD83D", "ab\uDE00c", "ab\uD83Dc")) {
            assertRefused(
                    "the text holds half a surrogate pair at character 2",
                    () -> ByteTokens.encode(text));
        }
    }

    @Test
    void sequences_ofTexts_areWindowsThatEndWithTheText() {
        assertWindows("abcdefg", 4, "97 98 99 100", "101 102 103 256");
        assertWindows("abcdef", 4, "97 98 99 100", "101 102 256");
        assertWindows("abcde", 4, "97 98 99 100", "101 256");
        assertWindows("abcd", 4, "97 98 99 100", "100 256");
        assertWindows("a", 4, "97 256");
        assertWindows("ab", 2, "97 98", "98 256");
        assertWindows("abc", Integer.MAX_VALUE, "97 98 99 256");
    }

    @Test
    void sequences_severalTexts_neverShareAWindow() {
        TokenSequences sequences = ByteTokens.sequences(List.of("ab", "ä"), 8);
        assertEquals(2, sequences.size());
        assertArrayEquals(new int[] {97, 98, 256}, sequences.ids(0));
        assertArrayEquals(new int[] {0xC3, 0xA4, 256}, sequences.ids(1));
        assertArrayEquals(new boolean[] {true, true, true}, sequences.targets(1));
    }

    @Test
    void sequences_badLengthOrText_isRefusedByName() {
        assertRefused(
                "length = 1, must be at least 2", () -> ByteTokens.sequences(List.of("a"), 1));
        assertRefused("text[1] is empty", () -> ByteTokens.sequences(List.of("a", ""), 4));
    }

    private static void assertWindows(String text, int length, String... expected) {
        TokenSequences sequences = ByteTokens.sequences(List.of(text), length);
        assertEquals(expected.length, sequences.size());
        for (int i = 0; i < expected.length; i++) {
            int[] ids =
                    List.of(expected[i].split(" ")).stream().mapToInt(Integer::parseInt).toArray();
            assertArrayEquals(ids, sequences.ids(i));
        }
    }

    private static void assertRefused(String message, Runnable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
