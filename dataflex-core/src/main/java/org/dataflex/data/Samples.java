package org.dataflex.data;

import java.util.List;
import java.util.Objects;

/**
 * Samples to look at: positions in a set, be it the pool, a target set or a validation set.
 *
 * @param source where the samples live
 * @param indices which of them, in order
 */
public record Samples(SampleSet source, SampleIndices indices) {

    /** Rejects null. */
    public Samples {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(indices, "indices");
    }

    /**
     * Names every sample of a set.
     *
     * @param source the set
     * @return all its samples, in order
     */
    public static Samples all(SampleSet source) {
        return new Samples(source, SampleIndices.range(0, source.size()));
    }

    /**
     * Returns the number of samples.
     *
     * @return the number of samples
     */
    public int size() {
        return indices.size();
    }

    /**
     * Cuts the samples into pieces that can be handled one at a time.
     *
     * @param chunkSize samples a piece, at least 1
     * @return the pieces, in order
     */
    public List<Samples> chunks(int chunkSize) {
        return indices.chunks(chunkSize).stream().map(chunk -> new Samples(source, chunk)).toList();
    }
}
