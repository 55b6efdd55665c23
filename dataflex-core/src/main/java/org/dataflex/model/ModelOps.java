package org.dataflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import org.dataflex.data.Samples;

/**
 * What a strategy may ask of a model: read-only questions about samples.
 *
 * <p>Parameters, their gradients and the optimizer's state are afterwards as before; the model runs
 * in inference mode. Arrays belong to the strategy call that asked for them and are freed when it
 * returns; a strategy that handles many samples asks for {@link Samples#chunks} and closes each
 * array itself.
 *
 * <p>Reading samples may fail; the failure arrives as an {@link java.io.UncheckedIOException}.
 */
public interface ModelOps {

    /**
     * Runs the model.
     *
     * @param samples n samples
     * @return the block's outputs, batch axis first, [n, ...] each
     */
    NDList infer(Samples samples);

    /**
     * Computes the training loss of each sample.
     *
     * @param samples n samples
     * @return n losses in the loss's unit (nats a token for language models), in the order of
     *     {@code samples}
     */
    float[] losses(Samples samples);

    /**
     * Embeds each sample.
     *
     * @param samples n samples
     * @param pooling how token states become one vector
     * @return float32 of shape [n, d]
     * @throws UnsupportedModelException if the block does not implement {@link HiddenStates}
     */
    NDArray embed(Samples samples, Pooling pooling);

    /**
     * Computes the gradient of each sample's loss, one row a sample.
     *
     * <p>Not within a training step: a {@code Weighter} may ask in {@code refresh}, not in {@code
     * weigh}.
     *
     * @param samples n samples
     * @param query which parameters, which projection
     * @return float32 of shape [n, k]; without projection, the parameters in the block's order,
     *     each flattened
     * @throws IllegalStateException within a training step
     * @throws IllegalArgumentException if the query takes no trainable parameter
     */
    NDArray gradients(Samples samples, GradientQuery query);
}
