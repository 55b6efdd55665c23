package org.dataflex.testing;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;

/**
 * Samples that count how often a batch of them is read.
 *
 * @param samples the samples
 * @param reads the count
 */
public record CountedSamples(SampleSet samples, AtomicInteger reads) implements SampleSet {

    /** Counts from 0. */
    public CountedSamples(SampleSet samples) {
        this(samples, new AtomicInteger());
    }

    @Override
    public long size() {
        return samples.size();
    }

    @Override
    public Batch batch(NDManager manager, SampleIndices indices)
            throws IOException, TranslateException {
        reads.incrementAndGet();
        return samples.batch(manager, indices);
    }

    @Override
    public String fingerprint() {
        return samples.fingerprint();
    }
}
