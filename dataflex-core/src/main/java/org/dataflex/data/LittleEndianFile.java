package org.dataflex.data;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** A new file that numbers are appended to through a buffer. */
final class LittleEndianFile implements Closeable {

    private static final int BUFFER_BYTES = 1 << 16;

    private final FileChannel channel;
    private final ByteBuffer buffer =
            ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    private LittleEndianFile(FileChannel channel) {
        this.channel = channel;
    }

    /** Makes a file that starts with unwritten bytes. */
    static LittleEndianFile create(Path path, long start) throws IOException {
        return create(path, start, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
    }

    /** Makes a file that goes away when it is closed. */
    static LittleEndianFile createTemporary(Path path) throws IOException {
        return create(
                path,
                0,
                Set.of(
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.DELETE_ON_CLOSE));
    }

    private static LittleEndianFile create(Path path, long start, Set<OpenOption> options)
            throws IOException {
        LittleEndianFile file = new LittleEndianFile(FileChannel.open(path, options));
        file.channel.position(start);
        return file;
    }

    void putInt(int value) throws IOException {
        reserve(Integer.BYTES);
        buffer.putInt(value);
    }

    void putLong(long value) throws IOException {
        reserve(Long.BYTES);
        buffer.putLong(value);
    }

    /** Appends all that was put into another file. */
    void append(LittleEndianFile other) throws IOException {
        flush();
        other.flush();
        long size = other.channel.size();
        for (long done = 0; done < size; ) {
            done += other.channel.transferTo(done, size - done, channel);
        }
    }

    /** Writes the unwritten bytes at the start, and everything to the disk. */
    void complete(ByteBuffer start) throws IOException {
        flush();
        while (start.hasRemaining()) {
            channel.write(start, start.position());
        }
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void reserve(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flush();
        }
    }

    private void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }
}
