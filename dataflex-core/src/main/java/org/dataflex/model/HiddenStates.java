package org.dataflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;

/**
 * What a block offers beyond its outputs if its samples can be embedded: one state a token.
 *
 * <p>A block that implements this can answer {@link ModelOps#embed}. Shapes: B samples, T tokens, D
 * features.
 */
public interface HiddenStates {

    /**
     * Runs the block up to its last hidden layer, without the head.
     *
     * @param parameters where the parameters' values are
     * @param inputs as for {@code Block.forward}
     * @param training whether dropout and the like are active
     * @return the states, [B, T, D]
     */
    NDArray hiddenStates(ParameterStore parameters, NDList inputs, boolean training);

    /**
     * Tells real tokens from padding.
     *
     * @param inputs as for {@code Block.forward}
     * @return float32 [B, T], 1 at a real token and 0 at padding
     */
    NDArray tokenMask(NDList inputs);
}
