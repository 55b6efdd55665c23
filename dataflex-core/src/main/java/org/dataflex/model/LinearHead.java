package org.dataflex.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;
import java.util.Optional;
import org.dataflex.torch.Precision;

/**
 * A block whose last operation is a matrix product: logits = states W', without a bias.
 *
 * <p>A loss can then take the logits of some tokens at a time, and training never holds all of
 * them. Shapes: B samples, T tokens, D features, V logits.
 */
public interface LinearHead extends HiddenStates, TracedBlock {

    /**
     * Runs the block up to its head, recorded for backward, dropout and the like active.
     *
     * @param parameters where the parameters' values are
     * @param inputs as for {@code Block.forward}
     * @return the pass
     */
    BackbonePass backbone(ParameterStore parameters, NDList inputs);

    /**
     * Runs the block up to its head in inference mode and tells every use of every parameter that
     * requires a gradient, as {@link TracedBlock} does of the whole block.
     *
     * @param parameters where the parameters' values are
     * @param inputs as for {@code Block.forward}
     * @param trace what to tell
     * @return the states, [B, T, D], recorded for backward
     */
    NDArray hiddenStates(ParameterStore parameters, NDList inputs, ParameterTrace trace);

    /**
     * Runs the head.
     *
     * @param parameters where the parameters' values are
     * @param states [B, T, D]
     * @param training whether dropout and the like are active
     * @return the logits, [B, T, V]
     */
    NDArray logits(ParameterStore parameters, NDArray states, boolean training);

    /**
     * Returns W.
     *
     * @param parameters where the parameters' values are
     * @param device where
     * @param training whether it is to get a gradient
     * @return [V, D]; empty while the head is more than one matrix, as with an adapter
     */
    Optional<NDArray> headWeight(ParameterStore parameters, Device device, boolean training);

    /**
     * Returns the type in which the head multiplies.
     *
     * @return the type
     */
    Precision precision();
}
