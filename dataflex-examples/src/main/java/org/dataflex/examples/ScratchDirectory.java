package org.dataflex.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A new directory for what is of no use afterwards; closing deletes it.
 *
 * @param path the directory
 */
public record ScratchDirectory(Path path) implements AutoCloseable {

    /**
     * Makes a directory where the system keeps such things.
     *
     * @param name how its name begins
     * @return the directory
     * @throws IOException if it cannot be made
     */
    public static ScratchDirectory create(String name) throws IOException {
        return new ScratchDirectory(Files.createTempDirectory(name));
    }

    /**
     * Deletes what is in it.
     *
     * @throws IOException if something cannot be deleted
     */
    public void empty() throws IOException {
        close();
        Files.createDirectories(path);
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
