package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;
import java.util.Optional;
import org.dataflex.loss.CausalLmLoss.TokenLosses;

/** The forward pass of a batch up to its losses, and the way back. */
interface LossPass {

    /**
     * Returns the losses; asked before {@link #backward} only if the weights depend on them.
     *
     * @return [B], or [] if the loss is not per sample; not recorded
     */
    NDArray losses();

    /**
     * Returns the losses of the tokens; asked before {@link #backward} only.
     *
     * @return not recorded; empty if the loss has no per-token form
     */
    Optional<TokenLosses> tokenLosses();

    /**
     * Returns the states before the head.
     *
     * @return [B, T, D], recorded; empty if the block shows none
     */
    Optional<NDArray> states();

    /**
     * Adds the gradient of sum(weights * losses) / divisor to the parameters'.
     *
     * @param collector the collector in which the pass was made
     * @param weights [B], or null for 1 each
     * @param tokenWeights what each token's loss counts within its sample's, of the shape of {@link
     *     #tokenLosses}, or null for 1 each
     * @param divisor positive
     */
    void backward(GradientCollector collector, NDArray weights, NDArray tokenWeights, int divisor);

    /** What the block returned, for listeners; computed only when asked for. */
    NDList predictions();
}
