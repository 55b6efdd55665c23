package org.dataflex.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of sequences as they come: of each its length, then its codes, int32 little endian. */
final class TokenDigest {

    private static final int FINGERPRINT_DIGITS = 16;

    private final MessageDigest sha256;

    TokenDigest() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    void update(int[] codes) {
        byte[] bytes = new byte[Math.multiplyExact(Integer.BYTES, codes.length)];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(codes);
        ByteBuffer length = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        sha256.update(length.putInt(codes.length).flip());
        sha256.update(bytes);
    }

    /** The hash of all that came, 64 hexadecimal digits; nothing may come after. */
    String hash() {
        return HexFormat.of().formatHex(sha256.digest());
    }

    static String fingerprint(String hash, long numSequences) {
        return hash.substring(0, FINGERPRINT_DIGITS) + "-" + numSequences;
    }
}
