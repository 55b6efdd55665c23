package org.dataflex.data.template;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Optional;
import java.util.OptionalInt;
import org.dataflex.data.ByteTokens;
import org.junit.jupiter.api.Test;

class ByteEncoderTest {

    private final ByteEncoder encoder = new ByteEncoder();

    @Test
    void located_endsAreThoseOfTheCharacters() {
        TokenEncoder.Located located = encoder.encodeLocated("a\u20AC\uD83D\uDE00b");
        assertArrayEquals(encoder.encodePlain("a\u20AC\uD83D\uDE00b"), located.ids());
        assertArrayEquals(new int[] {1, 2, 2, 2, 4, 4, 4, 4, 5}, located.ends());
    }

    @Test
    void text_isEndedByTheToken_thatByteTokensLeavesOut() {
        assertEquals(
                OptionalInt.of(ByteTokens.END_OF_TEXT),
                encoder.addedToken(encoder.eosToken().orElseThrow()));
        assertEquals(OptionalInt.empty(), encoder.addedToken("<s>"));
        assertEquals(Optional.empty(), encoder.bosToken());
        assertFalse(encoder.addsBos());
    }
}
