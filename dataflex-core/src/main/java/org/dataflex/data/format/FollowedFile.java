package org.dataflex.data.format;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.dataflex.math.Sha256;

/**
 * One file that lines are appended to.
 *
 * @param path where it is
 */
record FollowedFile(Path path) {

    /** How much before a place tells whether the file is still the one that was read. */
    static final int TAIL_BYTES = 1 << 16;

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int LONGEST_LINE = 1 << 26;

    /**
     * How far a file was read.
     *
     * @param bytes where its next line begins
     * @param lines how many lines are before it
     * @param tail the hash of the {@link #TAIL_BYTES} bytes before it, or of as many as there are
     */
    record Place(long bytes, long lines, String tail) {

        static final Place START = new Place(0, 0, Sha256.of(new byte[0]));
    }

    /**
     * Whole lines.
     *
     * @param bytes the lines, with their ends
     * @param end the place behind them
     */
    record Lines(byte[] bytes, Place end) {}

    /** Reads whole lines behind a place; blank ones do not count. */
    Lines read(Place place, int limit) throws IOException {
        if (!Files.exists(path)) {
            throw new IOException(path + " is gone; put it back, with all that it held");
        }
        try (FileChannel channel = FileChannel.open(path)) {
            requireUnchanged(channel, place);
            LineScan scan = new LineScan(place, limit);
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
            long at = place.bytes();
            while (!scan.isDone() && channel.read(buffer.clear(), at) > 0) {
                at += buffer.position();
                scan.take(buffer.flip());
            }
            byte[] lines = scan.wholeLines();
            long end = place.bytes() + lines.length;
            return lines.length == 0
                    ? new Lines(lines, place)
                    : new Lines(
                            lines, new Place(end, place.lines() + scan.lines, tail(channel, end)));
        }
    }

    private void requireUnchanged(FileChannel channel, Place place) throws IOException {
        if (channel.size() < place.bytes()) {
            throw new IOException(
                    "%s was cut: it has %d bytes, and %d were read before; append to it, and put new text into a new file"
                            .formatted(path, channel.size(), place.bytes()));
        }
        if (!tail(channel, place.bytes()).equals(place.tail())) {
            throw new IOException(
                    "%s was changed before byte %d, up to which it was read; append to it, and put new text into a new file"
                            .formatted(path, place.bytes()));
        }
    }

    private static String tail(FileChannel channel, long end) throws IOException {
        long start = Math.max(0, end - TAIL_BYTES);
        ByteBuffer bytes = ByteBuffer.allocate((int) (end - start));
        while (bytes.hasRemaining() && channel.read(bytes, start + bytes.position()) > 0) {
            // a read may bring fewer bytes than there are
        }
        return new Sha256().update(bytes.flip()).hex();
    }

    /** Finds the ends of lines as bytes come. */
    private final class LineScan {

        private final Place start;
        private final int limit;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        /** How many of the bytes are whole lines. */
        private int whole;

        private long lines;
        private int filled;
        private boolean isBlank = true;

        LineScan(Place start, int limit) {
            this.start = start;
            this.limit = limit;
        }

        boolean isDone() {
            return filled >= limit;
        }

        void take(ByteBuffer more) throws IOException {
            while (more.hasRemaining() && !isDone()) {
                byte next = more.get();
                bytes.write(next);
                if (next == '\n') {
                    filled += isBlank ? 0 : 1;
                    lines++;
                    isBlank = true;
                    whole = bytes.size();
                } else if (next < 0 || next > ' ') {
                    isBlank = false;
                }
            }
            if (bytes.size() - whole > LONGEST_LINE) {
                throw new IOException(
                        "%s line %d, from byte %d of the file on, is longer than 64 MiB; cut it into several"
                                .formatted(path, start.lines() + lines + 1, start.bytes() + whole));
            }
        }

        byte[] wholeLines() {
            return Arrays.copyOf(bytes.toByteArray(), whole);
        }
    }
}
