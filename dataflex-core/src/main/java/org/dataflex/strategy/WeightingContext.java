package org.dataflex.strategy;

import ai.djl.ndarray.NDArray;
import org.dataflex.data.SampleIndices;
import org.dataflex.model.Pooling;

/**
 * What a {@link Weighter} or {@link TokenWeighter} sees of a batch: what the forward pass that
 * trains has computed anyway.
 */
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

    /**
     * Returns the losses of each sample's target tokens.
     *
     * @return for each of the B samples the losses of its target tokens, in order, in nats, before
     *     weighting; none for a sample without targets; a copy
     * @throws org.dataflex.model.UnsupportedModelException if the run's loss has no per-token form,
     *     as {@link org.dataflex.loss.CausalLmLoss} has
     */
    float[][] tokenLosses();

    /**
     * Embeds the batch by the last hidden states of this pass, dropout and the like included.
     *
     * @param pooling how token states become one vector
     * @return float32 [B, D], without gradient; belongs to this call
     * @throws org.dataflex.model.UnsupportedModelException if the pass shows no hidden states: the
     *     block is no {@link org.dataflex.model.LinearHead}
     */
    NDArray embeddings(Pooling pooling);
}
