package org.dataflex.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.dataflex.data.SampleIndices;

/** Digests the plain values that a strategy was given, in the order in which it asked. */
final class InputDigest {

    private static final int SHOWN_BYTES = 8;

    private final MessageDigest sha;

    InputDigest() {
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    InputDigest add(String text) {
        sha.update(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    InputDigest add(long number) {
        sha.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
        return this;
    }

    InputDigest add(SampleIndices indices) {
        add(indices.size());
        for (int i = 0; i < indices.size(); i++) {
            add(indices.get(i));
        }
        return this;
    }

    InputDigest add(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
        bytes.asFloatBuffer().put(values);
        sha.update(bytes);
        return this;
    }

    /** Returns the digest of what has been added; then nothing more may be. */
    String hex() {
        return HexFormat.of().formatHex(sha.digest(), 0, SHOWN_BYTES);
    }
}
