package org.dataflex.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Text files, read strictly: nothing is replaced, nothing is guessed. */
public final class TextFiles {

    private static final long LARGEST = 1L << 30;

    private TextFiles() {}

    /**
     * Reads a UTF-8 file; a byte order mark at its start is left out.
     *
     * @param path the file, of at most 1 GiB
     * @return its text, at least one character
     * @throws IOException if the file is missing, unreadable, empty, too large or not UTF-8; the
     *     message names the file and, in the last case, the first bad byte and its offset
     */
    public static String read(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString(), null, "there is no such text file");
        }
        if (!Files.isRegularFile(path)) {
            throw new IOException(path + " is not a file");
        }
        long size = Files.size(path);
        if (size > LARGEST) {
            throw new IOException(
                    path + " has " + size + " bytes, more than 1 GiB; cut it into several files");
        }
        ByteBuffer bytes = withoutByteOrderMark(ByteBuffer.wrap(Files.readAllBytes(path)));
        if (!bytes.hasRemaining()) {
            throw new IOException(path + " is empty");
        }
        return decode(path, bytes);
    }

    /**
     * Reads a UTF-8 stream of any length bit by bit, as strictly as {@link #read}.
     *
     * @param path the file that the stream comes from, for messages
     * @param bytes the stream; a byte order mark at its start is left out
     * @return its text; reading throws an {@link IOException} as {@link #read} does
     */
    public static BufferedReader reader(Path path, InputStream bytes) {
        return reader(path, bytes, 0);
    }

    /**
     * Reads the rest of a UTF-8 file.
     *
     * @param path the file that the stream comes from, for messages
     * @param bytes what stands in the file from an offset on
     * @param offset where that is; only at 0 a byte order mark is left out
     * @return its text; reading throws an {@link IOException} as {@link #read} does
     */
    public static BufferedReader reader(Path path, InputStream bytes, long offset) {
        return new BufferedReader(new Utf8Reader(path, bytes, offset));
    }

    private static ByteBuffer withoutByteOrderMark(ByteBuffer bytes) {
        boolean marked =
                bytes.limit() >= 3
                        && bytes.get(0) == (byte) 0xEF
                        && bytes.get(1) == (byte) 0xBB
                        && bytes.get(2) == (byte) 0xBF;
        return bytes.position(marked ? 3 : 0);
    }

    private static String decode(Path path, ByteBuffer bytes) throws IOException {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder(); // reports what is malformed
        CharBuffer text = CharBuffer.allocate(bytes.remaining()); // a byte is at most one char
        CoderResult result = decoder.decode(bytes, text, true);
        if (result.isError()) {
            throw notUtf8(path, bytes.get(bytes.position()), bytes.position());
        }
        return text.flip().toString();
    }

    static IOException notUtf8(Path path, byte bad, long offset) {
        return new IOException(
                String.format(
                        "%s is not UTF-8: byte 0x%02X at offset %d; convert the file",
                        path, bad, offset));
    }
}
