package org.dataflex.selectors;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.dataflex.data.Samples;

/**
 * What is computed of samples, chunk by chunk, in a file that a killed pass goes on from.
 *
 * <p>The file is named by a key: a digest of everything that the content depends on, but for the
 * model. Whether the model is the one that the file was made with, the content itself tells: the
 * first chunk is computed in every pass, and unless all its bytes are those of the file, the file
 * starts anew. That also notices what no digest of weights would: other moments of the optimizer,
 * another device, another version of the engine. A chunk that would be the same for every model,
 * such as one of zeros, tells nothing, and the next is computed too.
 *
 * <p>Format: the key's 64 hexadecimal digits; then a record a chunk: its length and its CRC-32,
 * int32 little endian, and its bytes. A record that is not whole ends the file, and is overwritten.
 */
final class RowFile implements Closeable {

    private static final int KEY_BYTES = 64;
    private static final int PREFIX_BYTES = 2 * Integer.BYTES;
    private static final int NAME_DIGITS = 16;

    /** What is kept of a chunk; bytes are little endian, from position 0 to the limit. */
    interface ChunkRows {

        /** Computes the bytes of a chunk. */
        ByteBuffer compute(Samples chunk);

        /** Takes the bytes of the next chunk, and does not change them. */
        void read(ByteBuffer bytes);

        /** Whether another model would have given other bytes. */
        boolean tellsModels(ByteBuffer bytes);
    }

    /** Where a whole record's bytes are. */
    private record Record(long position, int length) {}

    private final Path path;
    private final FileChannel channel;
    private final List<Record> records = new ArrayList<>();

    /** Where the next record goes. */
    private long end = KEY_BYTES;

    private RowFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Opens the file of a key, or makes it.
     *
     * @param directory made if it does not exist
     * @param method the name of the method whose pass it is, which the file's begins with
     * @param key 64 hexadecimal digits
     * @return the file; the caller closes it
     * @throws IOException if it cannot be read or written, or another process has it open
     */
    static RowFile open(Path directory, String method, String key) throws IOException {
        Path path = directory.resolve(method + "-" + key.substring(0, NAME_DIGITS) + ".rows");
        FileChannel channel = OwnFile.open(path, "give each run a directory of its own");
        try {
            RowFile file = new RowFile(path, channel);
            file.scan(ByteBuffer.wrap(key.getBytes(StandardCharsets.US_ASCII)));
            return file;
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    /** Finds the whole records; a file of another key has none. */
    private void scan(ByteBuffer key) throws IOException {
        if (!read(0, KEY_BYTES).equals(key)) {
            channel.truncate(0);
            channel.write(key, 0);
            return;
        }
        while (true) {
            ByteBuffer prefix = read(end, PREFIX_BYTES);
            if (prefix.remaining() < PREFIX_BYTES) {
                return;
            }
            int length = prefix.getInt();
            long start = end + PREFIX_BYTES;
            if (length < 1 || length > channel.size() - start) {
                return;
            }
            if (checksum(read(start, length)) != prefix.getInt()) {
                return;
            }
            records.add(new Record(start, length));
            end = start + length;
        }
    }

    /**
     * Shows what is computed of each chunk, from the file where that is known.
     *
     * @param chunks at least one
     * @param chunkRows computes and reads them
     */
    void forEach(List<Samples> chunks, ChunkRows chunkRows) {
        boolean isOfThisModel = false;
        try {
            for (int i = 0; i < chunks.size(); i++) {
                if (!isOfThisModel || i >= records.size()) {
                    ByteBuffer bytes = chunkRows.compute(chunks.get(i));
                    if (i < records.size() && !stored(i).equals(bytes)) {
                        truncate(i);
                    }
                    if (i >= records.size()) {
                        append(bytes);
                    }
                    isOfThisModel |= chunkRows.tellsModels(stored(i));
                }
                chunkRows.read(stored(i));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ByteBuffer stored(int chunk) throws IOException {
        Record record = records.get(chunk);
        return read(record.position(), record.length());
    }

    /** Forgets a record and all after it. */
    private void truncate(int from) throws IOException {
        end = records.get(from).position() - PREFIX_BYTES;
        records.subList(from, records.size()).clear();
        channel.truncate(end);
    }

    private void append(ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        ByteBuffer prefix = ByteBuffer.allocate(PREFIX_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        prefix.putInt(length).putInt(checksum(bytes)).flip();
        write(bytes.duplicate(), end + PREFIX_BYTES);
        write(prefix, end);
        channel.force(false);
        records.add(new Record(end + PREFIX_BYTES, length));
        end += PREFIX_BYTES + length;
    }

    private void write(ByteBuffer bytes, long position) throws IOException {
        for (long at = position; bytes.hasRemaining(); ) {
            at += channel.write(bytes, at);
        }
    }

    private ByteBuffer read(long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        for (int n = 0; n >= 0 && bytes.hasRemaining(); ) {
            n = channel.read(bytes, position + bytes.position());
        }
        return bytes.flip();
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public String toString() {
        return path + " with " + records.size() + " chunks";
    }
}
