package org.dataflex.model;

import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;

/**
 * A block with layers that send each token to some of their experts: a mixture of experts.
 *
 * <p>A block that implements this can answer {@link ModelOps#expertLoads}.
 */
public interface RoutedBlock {

    /**
     * Runs the block in inference mode and counts which experts its tokens go to.
     *
     * @param parameters where the parameters' values are
     * @param inputs as for {@code Block.forward}
     * @return by layer with experts, from the first, and by expert, how many real tokens were sent
     *     to it; padding is not counted
     * @throws UnsupportedModelException if no layer of the block has experts
     */
    double[][] expertLoads(ParameterStore parameters, NDList inputs);

    /**
     * Tells whether any layer of the block has experts.
     *
     * @return by default true
     */
    default boolean hasExperts() {
        return true;
    }
}
