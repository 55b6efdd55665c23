package org.dataflex.data.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.dataflex.math.Sha256;

/** One sample as it stands in a file, before it is tokens: a conversation or a plain text. */
public sealed interface TextSample permits Conversation, PlainText {

    /**
     * Returns the texts that make up the sample, in order.
     *
     * @return the texts; samples are equal by content where these are equal
     */
    List<String> texts();

    /**
     * Returns a hash of the content, by which equal samples of different files are found.
     *
     * @return the first 8 bytes of the SHA-256 of the texts, each after its length
     */
    default long contentHash() {
        Sha256 sha256 = new Sha256();
        for (String text : texts()) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
            sha256.update(bytes);
        }
        return HexFormat.fromHexDigitsToLong(sha256.hex().substring(0, Long.BYTES * 2));
    }
}
