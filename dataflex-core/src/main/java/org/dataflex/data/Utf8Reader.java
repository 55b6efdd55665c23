package org.dataflex.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Decodes UTF-8 as it is read; what is not UTF-8 is an error that tells where. */
final class Utf8Reader extends Reader {

    private static final int BUFFER_BYTES = 1 << 16;

    private final Path path;
    private final InputStream in;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();

    /** Bytes that are read and not decoded yet, from position to limit. */
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES).flip();

    /** Where in the file the buffer starts. */
    private long offset;

    private boolean atEnd;
    private boolean atStart;

    Utf8Reader(Path path, InputStream in, long offset) {
        this.path = path;
        this.in = in;
        this.offset = offset;
        this.atStart = offset == 0;
    }

    @Override
    public int read(char[] target, int from, int length) throws IOException {
        CharBuffer chars = CharBuffer.wrap(target, from, length);
        int start = chars.position();
        while (chars.position() == start) {
            CoderResult result = decoder.decode(bytes, chars, atEnd);
            if (result.isError()) {
                throw TextFiles.notUtf8(
                        path, bytes.get(bytes.position()), offset + bytes.position());
            }
            if (chars.position() == start && result.isUnderflow()) {
                if (atEnd) {
                    return -1;
                }
                fill();
            } else if (result.isOverflow() && chars.position() == start) {
                throw new IllegalArgumentException("no room for a character: " + length);
            }
        }
        if (atStart) {
            atStart = false;
            if (target[from] == '\uFEFF') { // the byte order mark
                int rest = chars.position() - start - 1;
                System.arraycopy(target, from + 1, target, from, rest);
                return rest == 0 ? read(target, from, length) : rest;
            }
        }
        return chars.position() - start;
    }

    private void fill() throws IOException {
        offset += bytes.position();
        bytes.compact();
        int read = in.read(bytes.array(), bytes.position(), bytes.remaining());
        atEnd = read < 0;
        bytes.position(bytes.position() + Math.max(read, 0));
        bytes.flip();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
