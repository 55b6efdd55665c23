package org.dataflex.examples.finetune;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;

/** Sequences that count the tokens read from them, padding left out. */
public final class CountedTokens implements SampleSet {

    private final TokenSequences sequences;
    private long count;

    /**
     * Wraps sequences.
     *
     * @param sequences the sequences
     */
    public CountedTokens(TokenSequences sequences) {
        this.sequences = sequences;
    }

    /**
     * Returns the tokens read since this was last asked.
     *
     * @return their number
     */
    public long takeCount() {
        long taken = count;
        count = 0;
        return taken;
    }

    @Override
    public long size() {
        return sequences.size();
    }

    @Override
    public int length(long index) {
        return sequences.length(index);
    }

    @Override
    public Batch batch(NDManager manager, SampleIndices indices) {
        indices.stream().forEach(i -> count += sequences.length(i));
        return sequences.batch(manager, indices);
    }

    @Override
    public String fingerprint() {
        return sequences.fingerprint();
    }
}
