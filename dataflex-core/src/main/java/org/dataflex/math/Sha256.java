package org.dataflex.math;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Computes the SHA-256 digest of bytes as they come.
 *
 * @see <a href="https://doi.org/10.6028/NIST.FIPS.180-4">Secure Hash Standard</a>
 */
public final class Sha256 {

    private final MessageDigest digest;

    /** Starts without bytes. */
    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /**
     * Digests bytes at once.
     *
     * @param bytes the bytes
     * @return the digest, 64 hexadecimal digits in lower case
     */
    public static String of(byte[] bytes) {
        return new Sha256().update(bytes).hex();
    }

    /**
     * Takes more bytes.
     *
     * @param bytes the bytes
     * @return this
     */
    public Sha256 update(byte[] bytes) {
        digest.update(bytes);
        return this;
    }

    /**
     * Takes more bytes.
     *
     * @param bytes what is taken, from the buffer's position, which moves, to its limit
     * @return this
     */
    public Sha256 update(ByteBuffer bytes) {
        digest.update(bytes);
        return this;
    }

    /**
     * Returns the digest of all bytes since the start, and starts again.
     *
     * @return 64 hexadecimal digits in lower case
     */
    public String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
