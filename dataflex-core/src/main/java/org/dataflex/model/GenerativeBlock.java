package org.dataflex.model;

import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.util.List;

/** A block that continues sequences of tokens. */
public interface GenerativeBlock {

    /**
     * Continues each prompt, in inference mode.
     *
     * <p>An answer depends on its prompt and, where tokens are drawn, on the seed and the prompt's
     * index; not on the other prompts. (Sums of a batch of another size may differ in their last
     * bits, so that of two tokens that are as likely the other may be taken.)
     *
     * @param parameters where the parameters' values are
     * @param manager what arrays on the way belong to, on the device to run on; none is left
     * @param prompts token ids, at least one each
     * @param options how
     * @return the new tokens of each prompt, in the order of the prompts
     * @throws IllegalArgumentException before anything is computed, if a prompt is empty, too long
     *     or has an unknown token; the message has a line for each
     * @throws IllegalStateException if the model's outputs are not finite
     */
    List<int[]> generate(
            ParameterStore parameters,
            NDManager manager,
            List<int[]> prompts,
            GenerationOptions options);
}
