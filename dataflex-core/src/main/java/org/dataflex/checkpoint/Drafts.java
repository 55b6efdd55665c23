package org.dataflex.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Files that come into a directory together: written as drafts, moved when all are on disk. */
public final class Drafts {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;
    private final Opener opener;
    private final Map<String, Content> contents = new LinkedHashMap<>();

    /**
     * Starts without files.
     *
     * @param directory where they come; made if it does not exist
     * @param opener what opens them, usually {@link #open}
     */
    public Drafts(Path directory, Opener opener) {
        this.directory = directory;
        this.opener = opener;
    }

    /** Opens files to write to; where the disk is full, a write throws. */
    @FunctionalInterface
    public interface Opener {

        /**
         * Makes a new file, or an existing one empty.
         *
         * @param file the file
         * @return what writes to it
         * @throws IOException if it cannot be made
         */
        WritableByteChannel open(Path file) throws IOException;
    }

    /** What a file shall hold. */
    @FunctionalInterface
    public interface Content {

        /**
         * Writes all bytes.
         *
         * @param channel where to; not closed
         * @throws IOException if it cannot be written to
         */
        void writeTo(WritableByteChannel channel) throws IOException;
    }

    /**
     * Opens a file of the file system.
     *
     * @param file the file; made, or made empty
     * @return what writes to it
     * @throws IOException if it cannot be made
     */
    public static WritableByteChannel open(Path file) throws IOException {
        return FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
    }

    /**
     * Adds a file; the last is moved last.
     *
     * @param name its name
     * @param content what it shall hold
     * @return this
     */
    public Drafts add(String name, Content content) {
        contents.put(name, content);
        return this;
    }

    /**
     * Adds a file of bytes; the last is moved last.
     *
     * @param name its name
     * @param bytes what it shall hold
     * @return this
     */
    public Drafts add(String name, byte[] bytes) {
        return add(name, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
    }

    /**
     * Adds a file of JSON, one value a line; the last is moved last.
     *
     * @param name its name
     * @param value what it shall hold
     * @return this
     * @throws IOException if the value has no JSON
     */
    public Drafts addJson(String name, Object value) throws IOException {
        return add(name, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(value));
    }

    static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /**
     * Writes all files.
     *
     * @throws IOException if one cannot be written; the directory's files are then as before, and
     *     no draft is left
     */
    public void save() throws IOException {
        requireDirectory();
        try {
            for (Map.Entry<String, Content> file : contents.entrySet()) {
                write(file.getKey(), file.getValue());
            }
            for (String name : contents.keySet()) {
                Files.move(draft(name), directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            }
        } finally {
            for (String name : contents.keySet()) {
                Files.deleteIfExists(draft(name));
            }
        }
    }

    private void requireDirectory() throws IOException {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new FileSystemException(directory.toString(), null, "is not a directory");
        }
        Files.createDirectories(directory);
    }

    private void write(String name, Content content) throws IOException {
        try {
            try (WritableByteChannel channel = opener.open(draft(name))) {
                content.writeTo(channel);
            }
            try (FileChannel written = FileChannel.open(draft(name), StandardOpenOption.WRITE)) {
                written.force(true);
            }
        } catch (IOException e) {
            throw new IOException(
                    "cannot save %s: %s; what was saved before is unchanged"
                            .formatted(directory.resolve(name), e.getMessage()),
                    e);
        }
    }

    private Path draft(String name) {
        return directory.resolve("." + name + ".draft");
    }

    /**
     * Deletes what an earlier save left, in descending order of names: an index before its shards.
     *
     * @param pattern a regular expression of names; files of this save stay
     * @throws IOException if a file cannot be deleted
     */
    public void deleteOthers(String pattern) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> others =
                    files.filter(f -> f.getFileName().toString().matches(pattern))
                            .filter(f -> !contents.containsKey(f.getFileName().toString()))
                            .sorted((a, b) -> b.compareTo(a)) // ".index.json" sorts after "-00001"
                            .toList();
            for (Path other : others) {
                Files.delete(other);
            }
        }
    }
}
