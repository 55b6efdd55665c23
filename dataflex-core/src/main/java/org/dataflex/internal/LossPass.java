package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;

/** The forward pass of a batch up to its losses, and the way back. */
interface LossPass {

    /**
     * Returns the losses; asked before {@link #backward} only if the weights depend on them.
     *
     * @return [B], or [] if the loss is not per sample; not recorded
     */
    NDArray losses();

    /**
     * Adds the gradient of sum(weights * losses) / divisor to the parameters'.
     *
     * @param collector the collector in which the pass was made
     * @param weights [B], or null for 1 each
     * @param divisor positive
     */
    void backward(GradientCollector collector, NDArray weights, int divisor);

    /** What the block returned, for listeners; computed only when asked for. */
    NDList predictions();
}
