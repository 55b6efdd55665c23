package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import org.dataflex.torch.AttentionMasks;

/** Says which of the tokens before it a token does not see. */
final class VisibleTokens {

    private VisibleTokens() {}

    /**
     * Makes the mask of all layers of a forward pass, if one is needed.
     *
     * <p>None is needed for padding on the right, since no token sees what is after it. Where
     * padding is, is read from the device: once a pass, and only if there is an attention_mask.
     *
     * @param inputs as for {@link CausalLm#forward}
     * @param window how many tokens a token sees, its own included, or 0 for all
     * @return null, or true where a token may be seen if it is not later: [T, T], [B, 1, 1, T] or
     *     [B, 1, T, T]; belongs to the manager of input_ids
     */
    static NDArray mask(NDList inputs, int window) {
        Shape shape = inputs.get(0).getShape();
        long numTokens = shape.get(1);
        NDArray near = null;
        if (window > 0 && window < numTokens) {
            NDArray tokens = inputs.get(0).reshape(shape.get(0), 1, numTokens, 1);
            near = AttentionMasks.slidingWindow(tokens, tokens, window);
        }
        if (inputs.size() == 1 || isPaddedOnTheRight(inputs.get(1))) {
            return near;
        }
        NDArray isReal = real(inputs.get(1));
        isReal.attach(inputs.get(0).getManager());
        return near == null ? isReal : near.logicalAnd(isReal);
    }

    /**
     * Makes the mask that hides padding alone.
     *
     * @param mask [B, S], 1 at a real token and 0 at padding
     * @return true at a real token, [B, 1, 1, S]; belongs to the manager of the argument
     */
    static NDArray real(NDArray mask) {
        return mask.gt(0).expandDims(1).expandDims(1);
    }

    private static boolean isPaddedOnTheRight(NDArray mask) {
        NDArray before = mask.get(new NDIndex(":, :-1"));
        NDArray after = mask.get(new NDIndex(":, 1:"));
        return !after.gt(before).any().getBoolean();
    }
}
