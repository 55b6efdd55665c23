package org.dataflex.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Text files, read whole and strictly: nothing is replaced, nothing is guessed. */
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
            throw new IOException(
                    String.format(
                            "%s is not UTF-8: byte 0x%02X at offset %d; convert the file",
                            path, bytes.get(bytes.position()), bytes.position()));
        }
        return text.flip().toString();
    }
}
