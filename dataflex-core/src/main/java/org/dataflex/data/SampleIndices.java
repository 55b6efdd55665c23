package org.dataflex.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * An immutable, ordered list of positions in a {@link SampleSet}; repeats are allowed.
 *
 * <p>A range of positions takes no memory, so that a whole pool is as cheap to name as one sample.
 */
public final class SampleIndices {

    private final long first;
    private final int size;

    /** The positions, or null for the range [first, first + size). */
    private final long[] values;

    private SampleIndices(long first, int size, long[] values) {
        this.first = first;
        this.size = size;
        this.values = values;
    }

    /**
     * Copies positions.
     *
     * @param values positions, each {@code >= 0}
     * @return the indices
     * @throws IllegalArgumentException if a position is negative
     */
    public static SampleIndices of(long... values) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] < 0) {
                throw new IllegalArgumentException("index[" + i + "] is negative: " + values[i]);
            }
        }
        return new SampleIndices(0, values.length, values.clone());
    }

    /**
     * Names the positions from one to another.
     *
     * @param from the first position, {@code >= 0}
     * @param to the position after the last, {@code >= from}, at most 2^31 - 1 more
     * @return the indices
     * @throws IllegalArgumentException if the range is not one
     */
    public static SampleIndices range(long from, long to) {
        if (from < 0 || to < from || to - from > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("range [" + from + ", " + to + ")");
        }
        return new SampleIndices(from, (int) (to - from), null);
    }

    /**
     * Returns the number of positions.
     *
     * @return the number of positions
     */
    public int size() {
        return size;
    }

    /**
     * Returns one position.
     *
     * @param i which, in [0, size)
     * @return the position
     * @throws IndexOutOfBoundsException if there is no such
     */
    public long get(int i) {
        if (i < 0 || i >= size) {
            throw new IndexOutOfBoundsException(i + " of " + size);
        }
        return values == null ? first + i : values[i];
    }

    /**
     * Returns some of the positions, in order.
     *
     * @param from the first, inclusive
     * @param to the last, exclusive
     * @return positions {@code from} to {@code to}
     * @throws IndexOutOfBoundsException if there are no such
     */
    public SampleIndices slice(int from, int to) {
        if (from < 0 || to < from || to > size) {
            throw new IndexOutOfBoundsException("[" + from + ", " + to + ") of " + size);
        }
        return values == null
                ? new SampleIndices(first + from, to - from, null)
                : new SampleIndices(0, to - from, Arrays.copyOfRange(values, from, to));
    }

    /**
     * Cuts the positions into pieces.
     *
     * @param chunkSize positions a piece, at least 1; the last piece may have fewer
     * @return the pieces, in order
     * @throws IllegalArgumentException if {@code chunkSize} is less than 1
     */
    public List<SampleIndices> chunks(int chunkSize) {
        if (chunkSize < 1) {
            throw new IllegalArgumentException("chunkSize = " + chunkSize + ", must be at least 1");
        }
        List<SampleIndices> chunks = new ArrayList<>();
        for (long from = 0; from < size; from += chunkSize) {
            chunks.add(slice((int) from, (int) Math.min(size, from + chunkSize)));
        }
        return chunks;
    }

    /**
     * Returns the positions in order.
     *
     * @return the positions in order
     */
    public LongStream stream() {
        return values == null ? LongStream.range(first, first + size) : Arrays.stream(values);
    }

    /**
     * Returns the positions as an array.
     *
     * @return a copy
     */
    public long[] toArray() {
        return stream().toArray();
    }

    /**
     * Returns the form that DJL's {@code Sampler} wants.
     *
     * @return an unmodifiable boxed copy
     */
    public List<Long> asList() {
        return stream().boxed().toList();
    }

    /** Rejects what a set of so many samples cannot answer with a batch. */
    void requireBatchOf(long setSize) {
        if (size == 0) {
            throw new IllegalArgumentException("a batch needs at least one sample");
        }
        long last = stream().max().getAsLong();
        if (last >= setSize) {
            throw new IndexOutOfBoundsException("position " + last + " of " + setSize);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SampleIndices that
                && size == that.size
                && IntStream.range(0, size).allMatch(i -> get(i) == that.get(i));
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = 0; i < size; i++) {
            hash = 31 * hash + Long.hashCode(get(i));
        }
        return hash;
    }

    @Override
    public String toString() {
        return values == null
                ? "SampleIndices[" + first + " .. " + (first + size) + ")"
                : "SampleIndices" + Arrays.toString(values);
    }
}
