package org.dataflex.torch;

import static org.dataflex.torch.ShapeCheck.isRank;
import static org.dataflex.torch.ShapeCheck.last;
import static org.dataflex.torch.ShapeCheck.require;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * Causal attention of heads that are turned by their positions first, one native call forward and
 * one back.
 *
 * <p>What {@link TorchOps#rotary} and {@link TorchOps#attention} compute, with plain products for
 * short texts on a CPU: the probabilities of all pairs of tokens are kept for the way back. Of
 * shapes B batch, H query heads, G key heads, T tokens, K head size.
 */
public final class TurnedAttention {

    /** How many tokens a text may have: with more, the probabilities would take too much memory. */
    public static final int MAX_TOKENS = 512;

    private final NDArray cosines;
    private final NDArray sines;
    private final int headSize;

    /** Turned queries and keys, values, and probabilities. */
    private NDList kept;

    private long keyHeads;

    /**
     * Makes an attention that computes once.
     *
     * @param cosines [T, K], equal in both halves of K
     * @param sines likewise
     * @param headSize K, even
     */
    public TurnedAttention(NDArray cosines, NDArray sines, int headSize) {
        this.cosines = cosines;
        this.sines = sines;
        this.headSize = headSize;
    }

    /**
     * Gathers.
     *
     * @param queryKeyValue queries [B, T, H K], keys and values [B, T, G K], of one type
     * @return what was gathered, [B, T, H K], recorded for backward
     */
    public NDArray forward(NDList queryKeyValue) {
        NDArray q = queryKeyValue.get(0);
        NDArray k = queryKeyValue.get(1);
        NDArray v = queryKeyValue.get(2);
        require(
                isRank(3, q, k, v)
                        && k.getShape().equals(v.getShape())
                        && last(q) % headSize == 0
                        && last(k) % headSize == 0
                        && last(q) % last(k) == 0,
                "attention: q must be [B, T, H * K], k and v [B, T, G * K] with K of " + headSize,
                q,
                k,
                v);
        OperatorCall call = OperatorCall.of("attend_turned", q.getManager());
        call.with(q).with(k).with(v).with(cosines).with(sines).with(headSize);
        NDList results = call.arrays();
        kept = results.subNDList(1);
        keyHeads = last(k) / headSize;
        return results.head();
    }

    /**
     * Goes back, once: what was kept is freed.
     *
     * @param d the gradient of what was gathered, [B, T, H K]
     * @return those of queries, keys and values, of their shapes; not recorded
     */
    public NDList backward(NDArray d) {
        OperatorCall call = OperatorCall.of("attend_turned_back", d.getManager());
        call.with(d).with(cosines).with(sines).withAll(kept).with(keyHeads);
        NDList gradients = call.withoutGraph().arrays();
        kept.close();
        return gradients;
    }
}
