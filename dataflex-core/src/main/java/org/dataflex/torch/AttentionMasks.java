package org.dataflex.torch;

import static org.dataflex.torch.ShapeCheck.isRank;
import static org.dataflex.torch.ShapeCheck.require;

import ai.djl.ndarray.NDArray;

/**
 * Says which keys a query may see, for {@link TorchOps#attention}.
 *
 * <p>Masks are BOOLEAN, true where a key may be seen; combine two with {@code logicalAnd}. Causal
 * attention over samples padded on the right needs none: no token of a sample comes after its
 * padding. Make one mask for all layers of a forward pass.
 */
public final class AttentionMasks {

    private AttentionMasks() {}

    /**
     * Hides the keys after each sample's end.
     *
     * @param lengths the samples' lengths, [B], INT32 or INT64, from 0 to S
     * @param numKeys S
     * @return [B, 1, 1, S]; belongs to the manager of the lengths
     */
    public static NDArray ofLengths(NDArray lengths, long numKeys) {
        require(isRank(1, lengths), "ofLengths: lengths must be [B]", lengths);
        OperatorCall call = OperatorCall.of("length_mask", lengths.getManager());
        return call.with(lengths).with(numKeys).array();
    }

    /**
     * Hides what is after a query, and what is too long before it.
     *
     * @param q the queries, [B, H, T, K], read for their number only
     * @param k the keys, [B, G, S, K], read for their number only
     * @param window how many keys a query sees, its own included, positive
     * @return [T, S]; belongs to the manager of the queries
     */
    public static NDArray slidingWindow(NDArray q, NDArray k, long window) {
        require(isRank(4, q, k) && window > 0, "slidingWindow: window = " + window, q, k);
        OperatorCall call = OperatorCall.of("window_mask", q.getManager());
        return call.with(q).with(k).with(window).array();
    }
}
