package org.dataflex.data.store;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.dataflex.math.Sha256;

/**
 * The SHA-256 of files, remembered with their size and time of change: a file of which both are as
 * they were is not read again.
 *
 * <p>A time of change less than two seconds before the hashing is not trusted: the file may have
 * been changed again within the same tick of the file system's clock.
 */
final class SourceHashes {

    private static final long TRUSTED_AFTER_MILLISECONDS = 2_000;
    private static final int BUFFER_BYTES = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * What is known of a file.
     *
     * @param size bytes
     * @param modified when it was changed last, to the nanosecond
     * @param hashedAt when it was hashed, milliseconds since the epoch
     * @param sha256 the hash of its content
     */
    record Known(long size, String modified, long hashedAt, String sha256) {

        boolean isOf(BasicFileAttributes file) {
            return size == file.size()
                    && modified.equals(file.lastModifiedTime().toInstant().toString());
        }

        private boolean isTrusted() {
            return Instant.parse(modified).toEpochMilli() + TRUSTED_AFTER_MILLISECONDS < hashedAt;
        }
    }

    private final Path file;
    private final Map<String, Known> known;

    private SourceHashes(Path file, Map<String, Known> known) {
        this.file = file;
        this.known = known;
    }

    static SourceHashes open(Path file) throws IOException {
        Map<String, Known> known = new TreeMap<>();
        if (Files.exists(file)) {
            known.putAll(JSON.readValue(file.toFile(), new TypeReference<Map<String, Known>>() {}));
        }
        return new SourceHashes(file, known);
    }

    /** The hash of a file, of its content now. */
    Known of(Path source) throws IOException {
        Path path = source.toRealPath();
        BasicFileAttributes attributes = attributes(path);
        Known before = known.get(path.toString());
        if (before != null && before.isOf(attributes) && before.isTrusted()) {
            return before;
        }
        long now = System.currentTimeMillis();
        String modified = attributes.lastModifiedTime().toInstant().toString();
        Known after = new Known(attributes.size(), modified, now, hash(path));
        known.put(path.toString(), after);
        return after;
    }

    static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class);
    }

    private static String hash(Path path) throws IOException {
        Sha256 sha256 = new Sha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(path)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sha256.update(ByteBuffer.wrap(buffer, 0, n));
            }
        }
        return sha256.hex();
    }

    void save() throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            JSON.writerWithDefaultPrettyPrinter().writeValue(draft.toFile(), known);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
