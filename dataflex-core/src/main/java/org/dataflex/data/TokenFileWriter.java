package org.dataflex.data;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/**
 * Writes token sequences, one after another, to a file that {@link TokenSequences#open} reads.
 *
 * <p>Sequences go to the disk as they come, so that a pool may be larger than memory. They are
 * written beside the file's final name; {@link #finish} moves them into place. Until then, and
 * after a crash at any time, the path holds what it held before.
 *
 * <pre>{@code
 * try (TokenFileWriter writer = TokenFileWriter.create(path)) {
 *     for (int[] ids : texts) {
 *         writer.add(ids);
 *     }
 *     writer.finish();
 * }
 * }</pre>
 */
public final class TokenFileWriter implements Closeable {

    private final Path path;
    private final Path unfinished;
    private final LittleEndianFile offsets;
    private final LittleEndianFile tokens;
    private final TokenDigest digest = new TokenDigest();
    private long numSequences;
    private long numTokens;
    private State state = State.OPEN;

    private enum State {
        OPEN("open"),
        BROKEN("broken: an earlier write failed"),
        FINISHED("finished"),
        CLOSED("closed");

        private final String text;

        State(String text) {
            this.text = text;
        }
    }

    private TokenFileWriter(Path path) throws IOException {
        this.path = path;
        String name = path.getFileName() + "." + UUID.randomUUID();
        this.unfinished = path.resolveSibling(name + ".part");
        this.offsets = LittleEndianFile.createTemporary(path.resolveSibling(name + ".offsets"));
        try {
            this.tokens = LittleEndianFile.create(unfinished, TokenFileHeader.BYTES);
        } catch (IOException e) {
            offsets.close();
            throw e;
        }
    }

    /**
     * Starts a file.
     *
     * @param path its final name; missing directories are made, and a file that is there is
     *     replaced at {@link #finish}
     * @return a writer without sequences
     * @throws IOException if nothing can be written there
     */
    public static TokenFileWriter create(Path path) throws IOException {
        Path absolute = path.toAbsolutePath();
        if (Files.isDirectory(absolute)) {
            throw new IOException(absolute + " is a directory");
        }
        Files.createDirectories(absolute.getParent());
        return new TokenFileWriter(absolute);
    }

    /**
     * Adds a sequence of which every token is a target.
     *
     * @param ids token ids, each {@code >= 0}, at least one
     * @throws IllegalArgumentException if an id is negative or there is none
     * @throws IllegalStateException if the file is finished, closed, or an earlier write failed
     * @throws IOException if the disk refuses
     */
    public void add(int[] ids) throws IOException {
        add(ids, 0);
    }

    /**
     * Adds a sequence that starts with a prompt.
     *
     * @param ids token ids, each {@code >= 0}, at least one
     * @param promptLength how many tokens at the start are no targets, in [0, ids.length]
     * @throws IllegalArgumentException if an id is negative, there is none, or the prompt is longer
     * @throws IllegalStateException if the file is finished, closed, or an earlier write failed
     * @throws IOException if the disk refuses
     */
    public void add(int[] ids, int promptLength) throws IOException {
        append(TokenCode.encode(numSequences, ids, promptLength));
    }

    /**
     * Adds a sequence.
     *
     * @param ids token ids, each {@code >= 0}, at least one
     * @param isTarget for each token whether it is a target
     * @throws IllegalArgumentException if an id is negative, there is none, or the lengths differ
     * @throws IllegalStateException if the file is finished, closed, or an earlier write failed
     * @throws IOException if the disk refuses
     */
    public void add(int[] ids, boolean[] isTarget) throws IOException {
        append(TokenCode.encode(numSequences, ids, isTarget));
    }

    /**
     * Completes the file and moves it into place; it is on the disk when this returns.
     *
     * @throws IllegalStateException if the file is finished, closed, or an earlier write failed
     * @throws IOException if the disk refuses
     */
    public void finish() throws IOException {
        requireOpen();
        state = State.BROKEN;
        offsets.putLong(numTokens);
        if (numTokens % 2 == 1) {
            tokens.putInt(0);
        }
        tokens.append(offsets);
        tokens.complete(new TokenFileHeader(numSequences, numTokens, digest.hash()).toBytes());
        tokens.close();
        Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
        state = State.FINISHED;
    }

    /**
     * Ends the writing; what was not finished is dropped.
     *
     * @throws IOException if what was written cannot be removed
     */
    @Override
    public void close() throws IOException {
        try (offsets;
                tokens) {
            state = State.CLOSED;
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    /** Adds a sequence in the form of {@link TokenCode}. */
    void append(int[] codes) throws IOException {
        requireOpen();
        state = State.BROKEN; // unless all of the following succeeds
        offsets.putLong(numTokens);
        for (int code : codes) {
            tokens.putInt(code);
        }
        digest.update(codes);
        numSequences++;
        numTokens += codes.length;
        state = State.OPEN;
    }

    private void requireOpen() {
        if (state != State.OPEN) {
            throw new IllegalStateException("the token file " + path + " is " + state.text);
        }
    }
}
