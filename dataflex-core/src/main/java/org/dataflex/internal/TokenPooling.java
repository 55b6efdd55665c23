package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import org.dataflex.model.Pooling;

/** Makes one vector a sample of its token states. */
final class TokenPooling {

    private TokenPooling() {}

    /**
     * Pools token states.
     *
     * @param hidden [B, T, D]
     * @param mask [B, T], 1 at real tokens
     * @return [B, D]; zero for a sample without real tokens
     */
    static NDArray pool(NDArray hidden, NDArray mask, Pooling pooling) {
        NDArray rank = mask.cumSum(1).mul(mask); // 1, 2, ... over the real tokens, 0 at padding
        NDArray weight =
                switch (pooling) {
                    case MEAN -> mask;
                    case LAST -> rank.eq(rank.max(new int[] {1}, true)).mul(mask);
                    case POSITION_WEIGHTED_MEAN -> rank;
                };
        NDArray total = weight.sum(new int[] {1}, true).maximum(1);
        return hidden.mul(weight.div(total).expandDims(2)).sum(new int[] {1});
    }
}
