package org.dataflex.data;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.List;

/**
 * Samples at the positions 0 to size - 1, read as batches.
 *
 * <p>A position names the same sample for the whole life of a run and of its resumes. {@link
 * TokenSequences} and, through {@link #of}, every DJL dataset are sample sets.
 */
public interface SampleSet {

    /**
     * Wraps a DJL dataset.
     *
     * @param dataset the samples, already prepared; its size must not change. Its own sampler is
     *     not used
     * @return the sample set
     */
    static SampleSet of(RandomAccessDataset dataset) {
        return new DatasetSamples(dataset);
    }

    /**
     * Returns the number of samples.
     *
     * @return the number of samples
     */
    long size();

    /**
     * Returns how many tokens a sample has, so that samples of similar lengths can share a batch.
     *
     * @param index its position
     * @return its tokens, at least 1; by default 1, where samples have no length
     */
    default int length(long index) {
        return 1;
    }

    /**
     * Returns the largest token id of a sample, so that a model that does not know it is told of
     * before training.
     *
     * @param index its position
     * @return the id, or -1, the default, where samples are no tokens
     */
    default int largestToken(long index) {
        return -1;
    }

    /**
     * Tells whether there is anything in a sample that a model is trained to predict: without, its
     * loss and its gradient are 0.
     *
     * @param index its position
     * @return by default true
     */
    default boolean hasTarget(long index) {
        return true;
    }

    /**
     * Reads samples.
     *
     * @param manager the parent of the batch's own manager, on the device that the arrays go to
     * @param indices which samples, at least one
     * @return data and labels, batch axis first, in the order of {@code indices}; the caller closes
     *     it
     * @throws IOException if a sample cannot be read
     * @throws TranslateException if a sample cannot be processed
     */
    Batch batch(NDManager manager, SampleIndices indices) throws IOException, TranslateException;

    /**
     * Identifies the samples: a resume refuses a set whose fingerprint has changed.
     *
     * @return a short text that depends on the samples as far as they can be told apart cheaply
     */
    String fingerprint();

    /**
     * Appends other sets to this one.
     *
     * @param others what follows, in order
     * @return a set whose positions run through this one first, then through each other
     */
    default SampleSet join(List<SampleSet> others) {
        return ConcatenatedSamples.of(this, others);
    }
}
