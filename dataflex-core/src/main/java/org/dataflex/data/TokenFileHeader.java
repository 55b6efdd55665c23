package org.dataflex.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The first 64 bytes of a token file.
 *
 * @param sequences how many
 * @param tokens how many in all sequences
 * @param hash the content's, 64 hexadecimal digits
 */
record TokenFileHeader(long sequences, long tokens, String hash) {

    /*
     * A token file, all numbers little endian:
     *
     *   0  8 bytes  "DFTOKENS"
     *   8  int32    version
     *  12  int32    0
     *  16  int64    S, the number of sequences
     *  24  int64    T, the number of tokens
     *  32  32 bytes SHA-256 of the content, see TokenDigest
     *  64  T int32  the tokens, see TokenCode; one more int32 of 0 if T is odd
     *   .  S + 1 int64  offsets: sequence i is the tokens from offset i to offset i + 1
     *
     * The offsets stand last because a writer knows them last.
     */

    static final int BYTES = 64;

    private static final byte[] MAGIC = "DFTOKENS".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int HASH_BYTES = 32;

    /** Where the offsets start, in bytes. */
    long offsetsAt() {
        return BYTES + Integer.BYTES * (tokens + tokens % 2);
    }

    ByteBuffer toBytes() {
        return ByteBuffer.allocate(BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .putInt(VERSION)
                .putInt(0)
                .putLong(sequences)
                .putLong(tokens)
                .put(HexFormat.of().parseHex(hash))
                .flip();
    }

    /** Reads the header and holds its counts against the file's length. */
    static TokenFileHeader read(Path path, FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) >= 0) {
            // a read may bring fewer bytes than there are
        }
        bytes.flip();
        requireMagic(path, bytes);
        requireVersion(path, bytes.getInt());
        bytes.getInt();
        long sequences = bytes.getLong();
        long tokens = bytes.getLong();
        byte[] hash = new byte[HASH_BYTES];
        bytes.get(hash);
        TokenFileHeader header =
                new TokenFileHeader(sequences, tokens, HexFormat.of().formatHex(hash));
        header.requireLength(path, channel.size());
        return header;
    }

    private static void requireMagic(Path path, ByteBuffer bytes) throws IOException {
        byte[] magic = new byte[Math.min(MAGIC.length, bytes.remaining())];
        bytes.get(magic);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new IOException(path + " is not a token file");
        }
        if (bytes.limit() < BYTES) {
            throw new IOException(
                    path
                            + " is truncated: "
                            + bytes.limit()
                            + " bytes, its header alone takes "
                            + BYTES);
        }
    }

    private static void requireVersion(Path path, int version) throws IOException {
        if (version != VERSION) {
            throw new IOException(
                    path
                            + " has version "
                            + version
                            + " of the token format; this library reads version "
                            + VERSION
                            + ": write the file anew");
        }
    }

    private void requireLength(Path path, long bytes) throws IOException {
        String counts = sequences + " sequences with " + tokens + " tokens";
        if (sequences < 0 || tokens < 0) {
            throw new IOException(path + " is damaged: its header counts " + counts);
        }
        // first without arithmetic on the counts, which may be anything
        boolean tooShort = sequences > bytes / Long.BYTES || tokens > bytes / Integer.BYTES;
        long expected = tooShort ? 0 : offsetsAt() + Long.BYTES * (sequences + 1);
        if (tooShort || bytes < expected) {
            throw new IOException(
                    path + " is truncated: " + bytes + " bytes, its header promises " + counts);
        }
        if (bytes > expected) {
            throw new IOException(
                    path
                            + " is damaged: "
                            + bytes
                            + " bytes, but its header's "
                            + counts
                            + " take "
                            + expected);
        }
    }
}
