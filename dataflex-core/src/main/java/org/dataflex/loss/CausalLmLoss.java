package org.dataflex.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;

/**
 * Next-token cross entropy, one loss a sample: the mean over the sample's own target tokens.
 *
 * <p>l_i = -1/|T_i| sum over t in T_i of log p(y_{i,t} | y before t), in nats a token, where T_i
 * are the positions whose label is not {@link #IGNORED}. A sample without target tokens has loss 0.
 * Predictions: logits of shape [B, T, V]. Labels: int64 of shape [B, T], position by position the
 * tokens of the input (the loss does the shift by one itself, as transformers does), {@link
 * #IGNORED} at prompt and padding.
 *
 * <p>The batch loss is a mean of samples' means. Transformers' default is the mean of all target
 * tokens of the batch; the two differ when samples have different numbers of target tokens. Weights
 * act on samples, hence this choice.
 */
public final class CausalLmLoss extends PerSampleLoss {

    /** The label of a token that is not predicted. */
    public static final long IGNORED = -100;

    /** Makes the loss. */
    public CausalLmLoss() {
        super("CausalLmLoss");
    }

    @Override
    public NDArray perSample(NDList labels, NDList predictions) {
        NDArray logits = predictions.get(0).get(new NDIndex(":, :-1"));
        NDArray next = labels.get(0).get(new NDIndex(":, 1:"));
        NDArray isTarget = next.neq(IGNORED);
        NDArray classes = next.maximum(0).expandDims(2);
        NDArray targets = isTarget.toType(logits.getDataType(), false);
        NDArray nll = logits.logSoftmax(-1).gather(classes, 2).squeeze(2).neg();
        return nll.mul(targets).sum(new int[] {1}).div(targets.sum(new int[] {1}).maximum(1));
    }
}
