package org.dataflex.checkpoint;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Files made by hand, sound or not, and those that Python made. */
public final class SafetensorsFiles {

    private static final String FROM_PYTHON = "/org/dataflex/lm/weight-files/";

    private SafetensorsFiles() {}

    /** Writes a header, with single quotes for double ones, and that many bytes 0, 1, 2... */
    public static Path write(Path file, String header, int dataSize) throws IOException {
        byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + json.length + dataSize).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        for (int i = 0; i < dataSize; i++) {
            bytes.put((byte) i);
        }
        return Files.write(file, bytes.array());
    }

    /** Writes tensors as they are. */
    public static Path write(Path file, Map<String, Tensor> tensors) throws IOException {
        try (WritableByteChannel channel = Drafts.open(file)) {
            SafetensorsWriter.write(channel, tensors);
        }
        return file;
    }

    /** Writes to disk until that many bytes, then fails as a full disk does. */
    public static Drafts.Opener diskOf(long bytes) {
        long[] left = {bytes};
        return file -> {
            WritableByteChannel channel = Drafts.open(file);
            return new WritableByteChannel() {
                @Override
                public int write(ByteBuffer source) throws IOException {
                    left[0] -= source.remaining();
                    if (left[0] < 0) {
                        throw new IOException("no space left");
                    }
                    return channel.write(source);
                }

                @Override
                public boolean isOpen() {
                    return channel.isOpen();
                }

                @Override
                public void close() throws IOException {
                    channel.close();
                }
            };
        };
    }

    /** One entry of a header. */
    public static String entry(String name, String type, String shape, long from, long to) {
        return "'%s':{'dtype':'%s','shape':%s,'data_offsets':[%d,%d]}"
                .formatted(name, type, shape, from, to);
    }

    /** What weight-files.py made. */
    public static Path fromPython(String name) {
        try {
            return Path.of(SafetensorsFiles.class.getResource(FROM_PYTHON + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
