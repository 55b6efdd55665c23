package org.dataflex.checkpoint;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A directory that is saved whole or not at all.
 *
 * <p>It is written beside its final name and takes its place when every file is on disk. A save
 * that fails leaves the one before whole; a process killed between the two moves leaves it as
 * {@code .NAME.previous}, and the next save puts it back first.
 */
public final class AtomicDirectory {

    private final Path target;
    private final Path draft;
    private final Path previous;
    private final String kind;
    private final Predicate<String> isReplaceable;

    /**
     * Names a directory; nothing is made yet.
     *
     * @param target the directory; saving replaces it whole
     * @param kind what it holds, such as "a model"
     * @param isReplaceable whether a file of this name may be lost when a save replaces the
     *     directory
     * @throws IOException if its place cannot be found out
     * @throws IllegalArgumentException if it is the root of a file system
     */
    public AtomicDirectory(Path target, String kind, Predicate<String> isReplaceable)
            throws IOException {
        this.target = Files.exists(target) ? target.toRealPath() : target.toAbsolutePath();
        if (this.target.normalize().getNameCount() == 0) {
            throw new IllegalArgumentException(target + " cannot be replaced");
        }
        String name = this.target.normalize().getFileName().toString();
        draft = this.target.resolveSibling("." + name + ".draft");
        previous = this.target.resolveSibling("." + name + ".previous");
        this.kind = kind;
        this.isReplaceable = isReplaceable;
    }

    /** What a directory shall hold. */
    @FunctionalInterface
    public interface Content {

        /**
         * Writes all files.
         *
         * @param draft an empty directory
         * @throws IOException if a file cannot be written
         */
        void writeTo(Path draft) throws IOException;
    }

    /**
     * Returns where it is.
     *
     * @return an absolute path
     */
    public Path path() {
        return target;
    }

    /**
     * Checks that a save can make this directory or replace it, for those who save much later.
     *
     * @throws FileSystemException if it is a file, if the target holds files that would be lost, or
     *     if nothing can be written there
     * @throws IOException if it cannot be read
     */
    public void requireWritable() throws IOException {
        requireReplaceable();
        makeDraft();
        Files.delete(draft);
        if (Files.exists(target)) {
            moveAway();
            Files.move(previous, target, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /**
     * Saves.
     *
     * @param content what the directory shall hold
     * @throws FileSystemException as {@link #requireWritable}
     * @throws IOException if it cannot be written; an earlier save is then as before. What is whole
     *     and cannot take its place stays beside it; the message says where
     */
    public void save(Content content) throws IOException {
        if (Files.exists(previous) && !Files.exists(target)) {
            Files.move(previous, target, StandardCopyOption.ATOMIC_MOVE);
        }
        requireReplaceable();
        makeDraft();
        write(content);
        replace();
        delete(previous);
    }

    private void write(Content content) throws IOException {
        boolean isWhole = false;
        try {
            content.writeTo(draft);
            isWhole = true;
        } finally {
            if (!isWhole) {
                delete(draft);
            }
        }
    }

    private void requireReplaceable() throws IOException {
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.exists(target)) {
            throw new FileSystemException(
                    target.toString(), null, "is a link to nothing; remove it or name its end");
        }
        if (!Files.isDirectory(target)) {
            throw new FileSystemException(target.toString(), null, "is not a directory");
        }
        try (Stream<Path> files = Files.list(target)) {
            String lost =
                    files.map(file -> file.getFileName().toString())
                            .filter(isReplaceable.negate())
                            .sorted()
                            .collect(Collectors.joining(", "));
            if (!lost.isEmpty()) {
                throw new FileSystemException(
                        target.toString(),
                        null,
                        "saving replaces this directory, and it holds what is no part of %s: %s"
                                .formatted(kind, lost));
            }
        }
    }

    private void makeDraft() throws IOException {
        try {
            delete(draft);
            Files.createDirectories(draft);
        } catch (IOException e) {
            throw new FileSystemException(target.toString(), null, "cannot be written: " + e);
        }
    }

    /** Moves the draft to the target's name, which one move cannot do over a full directory. */
    private void replace() throws IOException {
        boolean isReplacing = Files.exists(target);
        try {
            if (isReplacing) {
                moveAway();
            }
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (isReplacing && !Files.exists(target)) {
                Files.move(previous, target, StandardCopyOption.ATOMIC_MOVE);
            }
            throw new FileSystemException(
                    target.toString(),
                    null,
                    "what was saved cannot take its place and stays in " + draft + ": " + e);
        }
    }

    /** Gives the target its name beside; a mount point, for one, does not allow it. */
    private void moveAway() throws IOException {
        delete(previous);
        try {
            Files.move(target, previous, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new FileSystemException(
                    target.toString(),
                    null,
                    "cannot be replaced as a whole; name a directory inside it: " + e);
        }
    }

    /**
     * Deletes a directory and all that is in it, if it is there.
     *
     * @param directory the directory
     * @throws IOException if something cannot be deleted
     */
    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
