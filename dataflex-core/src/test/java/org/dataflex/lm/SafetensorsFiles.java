package org.dataflex.lm;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files made by hand, sound or not, and those that Python made. */
final class SafetensorsFiles {

    private SafetensorsFiles() {}

    /** Writes a header, with single quotes for double ones, and that many bytes 0, 1, 2... */
    static Path write(Path file, String header, int dataSize) throws IOException {
        byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + json.length + dataSize).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        for (int i = 0; i < dataSize; i++) {
            bytes.put((byte) i);
        }
        return Files.write(file, bytes.array());
    }

    /** One entry of a header. */
    static String entry(String name, String type, String shape, long from, long to) {
        return "'%s':{'dtype':'%s','shape':%s,'data_offsets':[%d,%d]}"
                .formatted(name, type, shape, from, to);
    }

    /** What weight-files.py made. */
    static Path fromPython(String name) {
        try {
            return Path.of(SafetensorsFiles.class.getResource("weight-files/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
