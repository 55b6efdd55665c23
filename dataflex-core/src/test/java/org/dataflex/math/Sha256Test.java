package org.dataflex.math;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Sha256Test {

    /** The examples of NIST for FIPS 180-4: one block, two blocks; and of no bytes. */
    @Test
    void of_examplesOfTheStandard_areTheirDigests() {
        assertEquals(
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", digest("abc"));
        assertEquals(
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
                digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"));
        assertEquals(
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", digest(""));
    }

    @Test
    void update_piecesOfBothKinds_areDigestedAsOne_andHexStartsAgain() {
        Sha256 digest = new Sha256();
        for (int i = 0; i < 2; i++) {
            digest.update(new byte[] {'a'});
            ByteBuffer rest = ByteBuffer.wrap(new byte[] {'x', 'b', 'c', 'x'}, 1, 2);
            digest.update(rest);
            assertEquals(0, rest.remaining());
            assertEquals(digest("abc"), digest.hex());
        }
    }

    private static String digest(String text) {
        return Sha256.of(text.getBytes(StandardCharsets.US_ASCII));
    }
}
