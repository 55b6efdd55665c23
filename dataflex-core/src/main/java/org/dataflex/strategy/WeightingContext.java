package org.dataflex.strategy;

import org.dataflex.data.SampleIndices;

/** What a {@link Weighter} sees of a batch. */
public interface WeightingContext extends StrategyContext {

    /**
     * Returns the batch.
     *
     * @return B positions of the pool
     */
    SampleIndices batch();

    /**
     * Returns the loss of each sample of the batch, from the forward pass that trains.
     *
     * @return B finite losses, a copy
     */
    float[] losses();
}
