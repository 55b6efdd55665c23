package org.dataflex.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.dataflex.data.SampleIndices;
import org.dataflex.math.Sha256;

/** Digests the plain values that a strategy was given, in the order in which it asked. */
final class InputDigest {

    private static final int SHOWN_DIGITS = 16;

    private final Sha256 sha = new Sha256();

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

    InputDigest add(int[] tokens) {
        add(tokens.length);
        for (int token : tokens) {
            add((long) token);
        }
        return this;
    }

    InputDigest add(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
        bytes.asFloatBuffer().put(values);
        sha.update(bytes);
        return this;
    }

    InputDigest add(double[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Double.BYTES);
        bytes.asDoubleBuffer().put(values);
        sha.update(bytes);
        return this;
    }

    /** Returns the digest of what has been added; then nothing more may be. */
    String hex() {
        return sha.hex().substring(0, SHOWN_DIGITS);
    }
}
