package org.dataflex.data;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Opens token files. */
final class TokenFile {

    /** One mapping is at most 2^31 - 1 bytes long; a power of two keeps numbers in one piece. */
    static final int SEGMENT_BITS = 30;

    private TokenFile() {}

    /** Maps a file in segments of {@code 2^segmentBits} bytes, at least 8. */
    static MappedTokens open(Path path, int segmentBits) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString(), null, "there is no such token file");
        }
        if (!Files.isRegularFile(path)) {
            throw new IOException(path + " is not a token file");
        }
        try (FileChannel channel = FileChannel.open(path)) {
            TokenFileHeader header = TokenFileHeader.read(path, channel);
            MappedTokens tokens =
                    new MappedTokens(path, header, map(channel, segmentBits), segmentBits);
            tokens.checkOffsets();
            return tokens;
        }
    }

    private static MappedByteBuffer[] map(FileChannel channel, int segmentBits) throws IOException {
        long size = 1L << segmentBits;
        long left = channel.size();
        MappedByteBuffer[] segments = new MappedByteBuffer[(int) ((left + size - 1) / size)];
        for (int i = 0; i < segments.length; i++) {
            segments[i] = channel.map(MapMode.READ_ONLY, i * size, Math.min(left, size));
            segments[i].order(ByteOrder.LITTLE_ENDIAN);
            left -= size;
        }
        return segments;
    }
}
