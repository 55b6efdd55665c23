package org.dataflex.data;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Token sequences with a target mask each: the samples of a language model.
 *
 * <p>A target is a token that the model is trained to predict; the tokens of a prompt are none. A
 * batch of B sequences, the longest of T tokens, is
 *
 * <ul>
 *   <li>data 0: token ids, int64 [B, T], padded on the right with 0
 *   <li>data 1: attention mask, float32 [B, T], 1 at tokens and 0 at padding
 *   <li>labels 0: int64 [B, T], the id at targets and -100 ({@link
 *       org.dataflex.loss.CausalLmLoss#IGNORED}) elsewhere
 * </ul>
 *
 * <p>Sequences live in memory ({@link #builder}) at 4 bytes a token, or in a file ({@link #open})
 * that is mapped and so may be larger than memory; the two behave alike, fingerprint included.
 * Reading is safe from several threads.
 *
 * <p>Whoever opens a file closes it, after the last run that reads it. A {@linkplain #join joined}
 * set shares the files of its parts: closing it closes them.
 */
public final class TokenSequences implements SampleSet, AutoCloseable {

    private final TokenStorage storage;

    TokenSequences(TokenStorage storage) {
        this.storage = storage;
    }

    /**
     * Starts a set in memory.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Opens a file that {@link #save} or a {@link TokenFileWriter} wrote.
     *
     * <p>The header and the offsets are checked, the tokens are not read. The file must not be
     * changed in place while it is open; to replace it by another is safe.
     *
     * @param path the file
     * @return its sequences; close them after use
     * @throws IOException if the file cannot be read, or is not a sound token file of this version
     */
    public static TokenSequences open(Path path) throws IOException {
        return new TokenSequences(TokenFile.open(path, TokenFile.SEGMENT_BITS));
    }

    /**
     * Writes all sequences to a token file, which then is there whole or, after a crash, not at
     * all.
     *
     * @param path the file; missing directories are made, and a file that is there is replaced
     * @throws IOException if it cannot be written
     */
    public void save(Path path) throws IOException {
        try (TokenFileWriter writer = TokenFileWriter.create(path)) {
            for (long i = 0; i < size(); i++) {
                writer.append(codes(i));
            }
            writer.finish();
        }
    }

    @Override
    public long size() {
        return storage.size();
    }

    /**
     * Returns the length of a sequence.
     *
     * @param index its position
     * @return its tokens, at least 1
     * @throws IndexOutOfBoundsException if there is no such position
     */
    @Override
    public int length(long index) {
        requirePosition(index);
        return storage.length(index);
    }

    @Override
    public int largestToken(long index) {
        int largest = 0;
        for (int code : codes(index)) {
            largest = Math.max(largest, TokenCode.id(code));
        }
        return largest;
    }

    /** Tells whether a token after the first, before which there is nothing, is a target. */
    @Override
    public boolean hasTarget(long index) {
        return Arrays.stream(codes(index)).skip(1).anyMatch(TokenCode::isTarget);
    }

    /**
     * Returns the tokens of a sequence.
     *
     * @param index its position
     * @return a copy of its token ids
     * @throws IndexOutOfBoundsException if there is no such position
     */
    public int[] ids(long index) {
        int[] ids = codes(index);
        for (int i = 0; i < ids.length; i++) {
            ids[i] = TokenCode.id(ids[i]);
        }
        return ids;
    }

    /**
     * Returns the target mask of a sequence.
     *
     * @param index its position
     * @return for each token whether it is a target
     * @throws IndexOutOfBoundsException if there is no such position
     */
    public boolean[] targets(long index) {
        int[] codes = codes(index);
        boolean[] targets = new boolean[codes.length];
        for (int i = 0; i < codes.length; i++) {
            targets[i] = TokenCode.isTarget(codes[i]);
        }
        return targets;
    }

    /**
     * Reads sequences; the class comment says what a batch holds.
     *
     * @throws IndexOutOfBoundsException if there is no such position
     * @throws IllegalArgumentException if there are no indices, or an array of the batch would
     *     exceed 2 GB
     */
    @Override
    public Batch batch(NDManager manager, SampleIndices indices) {
        indices.requireBatchOf(size());
        return TokenBatch.read(storage, manager, indices);
    }

    /**
     * Returns the start of the SHA-256 of all tokens and masks, and the number of sequences.
     *
     * @return such as {@code 0123456789abcdef-1000}; of a joined set, its parts' with {@code " + "}
     *     between
     */
    @Override
    public String fingerprint() {
        return storage.fingerprint();
    }

    /**
     * Appends other sets; where all are token sequences, so is the result, and its batches pad
     * across them.
     */
    @Override
    public SampleSet join(List<SampleSet> others) {
        List<TokenStorage> parts = new ArrayList<>(List.of(storage));
        for (SampleSet other : others) {
            if (!(other instanceof TokenSequences tokens)) {
                return SampleSet.super.join(others);
            }
            parts.add(tokens.storage);
        }
        return others.isEmpty() ? this : new TokenSequences(new JoinedTokens(parts));
    }

    /**
     * Picks sequences of this set.
     *
     * @param positions which, in the order that they are to have; 8 bytes each stay in memory
     * @return the sequences, sharing the files of this set: closing one closes them
     * @throws IndexOutOfBoundsException if there is no such position
     */
    public TokenSequences pick(long[] positions) {
        for (long position : positions) {
            requirePosition(position);
        }
        return new TokenSequences(new PickedTokens(storage, positions));
    }

    /**
     * Closes the files of this set, after which reading throws {@link IllegalStateException}; does
     * nothing for sequences in memory. The address space of a file is freed by the garbage
     * collector.
     */
    @Override
    public void close() {
        storage.close();
    }

    private int[] codes(long index) {
        int[] codes = new int[length(index)];
        storage.read(index, codes);
        return codes;
    }

    private void requirePosition(long index) {
        if (index < 0 || index >= size()) {
            throw new IndexOutOfBoundsException("position " + index + " of " + size());
        }
    }

    /** Collects sequences in memory. */
    public static final class Builder {

        /** Null once built. */
        private HeapTokens tokens = new HeapTokens();

        private Builder() {}

        /**
         * Adds a sequence of which every token is a target.
         *
         * @param ids token ids, each {@code >= 0}, at least one
         * @return this
         * @throws IllegalArgumentException if an id is negative or there is none
         */
        public Builder add(int[] ids) {
            return add(ids, 0);
        }

        /**
         * Adds a sequence that starts with a prompt.
         *
         * @param ids token ids, each {@code >= 0}, at least one
         * @param promptLength how many tokens at the start are no targets, in [0, ids.length]
         * @return this
         * @throws IllegalArgumentException if an id is negative, there is none, or the prompt is
         *     longer
         */
        public Builder add(int[] ids, int promptLength) {
            HeapTokens open = open();
            open.append(TokenCode.encode(open.size(), ids, promptLength));
            return this;
        }

        /**
         * Adds a sequence.
         *
         * @param ids token ids, each {@code >= 0}, at least one
         * @param isTarget for each token whether it is a target
         * @return this
         * @throws IllegalArgumentException if an id is negative, there is none, or the lengths
         *     differ
         */
        public Builder add(int[] ids, boolean[] isTarget) {
            HeapTokens open = open();
            open.append(TokenCode.encode(open.size(), ids, isTarget));
            return this;
        }

        /**
         * Makes the set; the builder is of no use after.
         *
         * @return the sequences, in the order in which they were added
         */
        public TokenSequences build() {
            TokenSequences built = new TokenSequences(open().seal());
            tokens = null;
            return built;
        }

        private HeapTokens open() {
            if (tokens == null) {
                throw new IllegalStateException("this builder has built its token sequences");
            }
            return tokens;
        }
    }
}
