package org.dataflex.lm;

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
final class SafetensorsDrafts {

    private final Path directory;
    private final Opener opener;
    private final Map<String, SafetensorsTensor.Content> contents = new LinkedHashMap<>();

    SafetensorsDrafts(Path directory, Opener opener) {
        this.directory = directory;
        this.opener = opener;
    }

    /** Where a draft's bytes go. */
    interface Sink extends WritableByteChannel {

        /** Waits until the disk has what was written. */
        void force() throws IOException;
    }

    /** Opens files; a test may open failing ones. */
    @FunctionalInterface
    interface Opener {

        /** Makes a new file, or an existing one empty. */
        Sink open(Path file) throws IOException;
    }

    /** Opens a file of the file system. */
    static Sink open(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING);
        return new Sink() {
            @Override
            public int write(ByteBuffer bytes) throws IOException {
                return channel.write(bytes);
            }

            @Override
            public void force() throws IOException {
                channel.force(true);
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
    }

    /** Adds a file; the last is moved last. */
    void add(String name, SafetensorsTensor.Content content) {
        contents.put(name, content);
    }

    /** Writes all files; where one fails, the directory's files are as before. */
    void save() throws IOException {
        requireWritable(directory);
        try {
            for (Map.Entry<String, SafetensorsTensor.Content> file : contents.entrySet()) {
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

    /**
     * Makes a directory if there is none.
     *
     * @param directory the directory
     * @throws FileSystemException if it is a file, or may not be written to
     * @throws IOException if it cannot be made
     */
    static void requireWritable(Path directory) throws IOException {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new FileSystemException(directory.toString(), null, "is not a directory");
        }
        Files.createDirectories(directory);
        if (!Files.isWritable(directory)) {
            throw new FileSystemException(directory.toString(), null, "may not be written to");
        }
    }

    private void write(String name, SafetensorsTensor.Content content) throws IOException {
        try (Sink sink = opener.open(draft(name))) {
            content.writeTo(sink);
            sink.force();
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

    /** Deletes what an earlier save left, the index before its shards. */
    void deleteOthers(String pattern) throws IOException {
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
