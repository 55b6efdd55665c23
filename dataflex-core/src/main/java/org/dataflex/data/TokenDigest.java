package org.dataflex.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.dataflex.math.Sha256;

/** SHA-256 of sequences as they come: of each its length, then its codes, int32 little endian. */
final class TokenDigest {

    private static final int FINGERPRINT_DIGITS = 16;

    private final Sha256 sha256 = new Sha256();

    void update(int[] codes) {
        byte[] bytes = new byte[Math.multiplyExact(Integer.BYTES, codes.length)];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(codes);
        ByteBuffer length = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        sha256.update(length.putInt(codes.length).flip()).update(bytes);
    }

    /** The hash of all that came, 64 hexadecimal digits; nothing may come after. */
    String hash() {
        return sha256.hex();
    }

    static String fingerprint(String hash, long numSequences) {
        return hash.substring(0, FINGERPRINT_DIGITS) + "-" + numSequences;
    }
}
