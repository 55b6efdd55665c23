package org.dataflex.model;

import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;

/**
 * A block that tells how its parameters enter its output, so that one backward pass gives the
 * gradient of every sample of a batch.
 *
 * <p>{@link ModelOps} then asks for the gradients of the outputs told instead of the parameters':
 * with a layer's input a and output gradient d, a sample's gradient of the layer's matrix is the
 * sum of d a' over the sample's positions.
 */
public interface TracedBlock {

    /**
     * Runs the block in inference mode and tells every use of every parameter that requires a
     * gradient.
     *
     * @param parameters where the parameters' values are
     * @param inputs as for {@code Block.forward}
     * @param trace what to tell
     * @return what {@code Block.forward} returns in inference mode
     */
    NDList forward(ParameterStore parameters, NDList inputs, ParameterTrace trace);
}
