package org.dataflex.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import org.dataflex.torch.HeadLoss;

/**
 * Next-token cross entropy, one loss a sample: the mean over the sample's own target tokens.
 *
 * <p>l_i = -1/|T_i| sum over t in T_i of log p(y_{i,t} | y before t), in nats a token, where T_i
 * are the positions whose label is not {@link #IGNORED}. A sample without target tokens has loss 0.
 * Predictions: logits of shape [B, T, V]. Labels: int64 of shape [B, T], position by position the
 * tokens of the input (the loss does the shift by one itself, as transformers does), {@link
 * #IGNORED} at prompt and padding.
 *
 * <p>A step's objective is the mean over its samples, sum_i w_i l_i / B, since weights act on
 * samples. {@link #byToken} makes it the mean over its target tokens, as transformers does: sum_i
 * w_i |T_i| l_i / sum_i |T_i|, over the whole accumulation window. The two differ when samples have
 * different numbers of target tokens.
 *
 * <p>With a {@link org.dataflex.model.LinearHead} a trainer computes this loss from some tokens'
 * logits at a time.
 */
public final class CausalLmLoss extends PerSampleLoss {

    /** The label of a token that is not predicted. */
    public static final long IGNORED = HeadLoss.IGNORED;

    private final boolean byToken;

    /** Makes the loss; a step's objective is the mean over samples. */
    public CausalLmLoss() {
        this(false);
    }

    private CausalLmLoss(boolean byToken) {
        super(byToken ? "CausalLmLoss by token" : "CausalLmLoss");
        this.byToken = byToken;
    }

    /**
     * Makes the loss with the mean over target tokens as a step's objective.
     *
     * @return the loss
     */
    public static CausalLmLoss byToken() {
        return new CausalLmLoss(true);
    }

    @Override
    public NDArray perSample(NDList labels, NDList predictions) {
        return perToken(labels, predictions).mean();
    }

    /**
     * Computes one loss per token, differentiable.
     *
     * @param labels as for {@link #perSample}
     * @param predictions as for {@link #perSample}
     * @return the losses, [B, T - 1]: the first is that of the second token
     */
    public TokenLosses perToken(NDList labels, NDList predictions) {
        NDArray logits = predictions.get(0).get(new NDIndex(":, :-1"));
        NDArray next = labels.get(0).get(new NDIndex(":, 1:"));
        NDArray isTarget = next.neq(IGNORED);
        NDArray classes = next.maximum(0).expandDims(2);
        NDArray targets = isTarget.toType(logits.getDataType(), false);
        NDArray nll = logits.logSoftmax(-1).gather(classes, 2).squeeze(2).neg();
        return new TokenLosses(nll.mul(targets), targets);
    }

    /** Returns the numbers of target tokens if the loss is {@link #byToken}. */
    @Override
    public Optional<NDArray> termCounts(NDList labels) {
        return byToken ? Optional.of(Targets.of(labels).counts()) : Optional.empty();
    }

    /**
     * The losses of a batch's tokens.
     *
     * @param values nats, 0 where there is no target, [B, C]
     * @param isTarget 1 where there is a target, else 0, of the same type, [B, C]
     */
    public record TokenLosses(NDArray values, NDArray isTarget) {

        /**
         * Averages over each sample's target tokens.
         *
         * @return losses, [B]; 0 where a sample has no targets
         */
        public NDArray mean() {
            int[] tokens = {1};
            return values.sum(tokens).div(isTarget.sum(tokens).maximum(1));
        }
    }

    /**
     * What the tokens of a batch should be, each at the position that predicts it.
     *
     * @param labels the next token's label, int64 [B * T]; {@link #IGNORED} at each sample's last
     *     position
     * @param isTarget 1 where there is a label to predict, float32 [B, T]
     * @param counts |T_i|, float32 [B]
     */
    public record Targets(NDArray labels, NDArray isTarget, NDArray counts) {

        /**
         * Shifts labels by one.
         *
         * @param labels as for {@link #perSample}
         * @return the targets, on the labels' manager
         */
        public static Targets of(NDList labels) {
            NDArray own = labels.get(0);
            NDArray end =
                    own.getManager()
                            .full(new Shape(own.getShape().get(0), 1), IGNORED, DataType.INT64);
            NDArray next = own.get(new NDIndex(":, 1:")).concat(end, 1);
            NDArray isTarget = next.neq(IGNORED).toType(DataType.FLOAT32, false);
            return new Targets(next.reshape(-1), isTarget, isTarget.sum(new int[] {1}));
        }

        /**
         * Averages over each sample's target tokens.
         *
         * @param perToken losses, [B * T], 0 where there is no target
         * @return losses, [B]; 0 where a sample has no targets
         */
        public NDArray mean(NDArray perToken) {
            NDArray sums = perToken.reshape(isTarget.getShape()).sum(new int[] {1});
            return sums.div(counts.maximum(1));
        }

        /**
         * Tells losses and targets apart.
         *
         * @param perToken losses, [B * T], 0 where there is no target
         * @return the same, [B, T]
         */
        public TokenLosses losses(NDArray perToken) {
            return new TokenLosses(perToken.reshape(isTarget.getShape()), isTarget);
        }

        /**
         * Returns what a token's loss counts in its sample's.
         *
         * @return 1 / |T_i| at targets, else 0; [B, T]
         */
        public NDArray shares() {
            return isTarget.div(counts.maximum(1).expandDims(1));
        }
    }
}
