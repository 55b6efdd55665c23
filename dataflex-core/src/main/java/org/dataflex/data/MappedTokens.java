package org.dataflex.data;

import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.MappedByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/** Sequences in a token file that is mapped into memory, in segments of 2^segmentBits bytes. */
final class MappedTokens implements TokenStorage {

    private static final int LONGEST = Integer.MAX_VALUE - 8;

    /** The same bytes twice: all but the last segment are full. */
    private record Mapping(IntBuffer[] ints, LongBuffer[] longs) {}

    private final Path path;
    private final TokenFileHeader header;
    private final int segmentBits;

    /** Null once closed; the garbage collector does the unmapping. */
    private volatile Mapping mapping;

    MappedTokens(Path path, TokenFileHeader header, MappedByteBuffer[] segments, int segmentBits) {
        this.path = path;
        this.header = header;
        this.segmentBits = segmentBits;
        this.mapping =
                new Mapping(
                        Arrays.stream(segments)
                                .map(MappedByteBuffer::asIntBuffer)
                                .toArray(IntBuffer[]::new),
                        Arrays.stream(segments)
                                .map(MappedByteBuffer::asLongBuffer)
                                .toArray(LongBuffer[]::new));
    }

    /** Looks at every offset once, so that no later read can go astray. */
    void checkOffsets() throws IOException {
        Mapping map = mapping();
        long end = 0;
        for (long i = 0; i <= size(); i++) {
            long start = end;
            end = offset(map, i);
            boolean sound = i == 0 ? end == 0 : end > start && end - start <= LONGEST;
            if (!sound || end > header.tokens() || i == size() && end != header.tokens()) {
                throw new IOException(
                        path
                                + " is damaged: offset "
                                + i
                                + " is "
                                + end
                                + ", after "
                                + start
                                + ", of "
                                + header.tokens()
                                + " tokens");
            }
        }
    }

    @Override
    public long size() {
        return header.sequences();
    }

    @Override
    public int length(long index) {
        Mapping map = mapping();
        return (int) (offset(map, index + 1) - offset(map, index));
    }

    @Override
    public void read(long index, int[] target) {
        Mapping map = mapping();
        int bits = segmentBits - 2;
        long from = TokenFileHeader.BYTES / Integer.BYTES + offset(map, index);
        int length = (int) (offset(map, index + 1) - offset(map, index));
        for (int done = 0; done < length; ) {
            IntBuffer segment = map.ints[(int) ((from + done) >>> bits)];
            int position = (int) ((from + done) & ((1L << bits) - 1));
            int n = Math.min(length - done, segment.capacity() - position);
            segment.get(position, target, done, n);
            done += n;
        }
    }

    @Override
    public String fingerprint() {
        return TokenDigest.fingerprint(header.hash(), size());
    }

    @Override
    public void close() {
        mapping = null;
    }

    private long offset(Mapping map, long index) {
        int bits = segmentBits - 3;
        long at = header.offsetsAt() / Long.BYTES + index;
        return map.longs[(int) (at >>> bits)].get((int) (at & ((1L << bits) - 1)));
    }

    private Mapping mapping() {
        Mapping map = mapping;
        if (map == null) {
            throw new IllegalStateException(path + " is closed");
        }
        return map;
    }
}
