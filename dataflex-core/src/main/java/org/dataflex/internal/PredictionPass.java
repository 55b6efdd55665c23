package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;
import java.util.Optional;
import org.dataflex.loss.CausalLmLoss.TokenLosses;
import org.dataflex.model.BackbonePass;

/** A pass whose loss is computed from the block's whole output: any block, any loss. */
final class PredictionPass implements LossPass {

    private final NDList predictions;
    private final NDArray recorded;
    private final TokenLosses tokens;
    private final NDArray losses;
    private final BackbonePass backbone;

    /**
     * Takes what was computed.
     *
     * @param predictions what the block returned
     * @param recorded the losses, recorded for backward
     * @param backbone the way back from the block's head, or null if autograd goes all the way
     */
    PredictionPass(NDList predictions, Recorded recorded, BackbonePass backbone) {
        this.predictions = predictions;
        this.recorded = recorded.losses();
        this.tokens = recorded.tokens();
        this.losses = this.recorded.stopGradient();
        this.backbone = backbone;
    }

    /**
     * Losses that are recorded for backward.
     *
     * @param losses [B], or [] if the loss is not per sample
     * @param tokens what they are the means of, or null if the loss has no per-token form
     */
    record Recorded(NDArray losses, TokenLosses tokens) {}

    @Override
    public NDArray losses() {
        return losses;
    }

    @Override
    public Optional<TokenLosses> tokenLosses() {
        return Optional.ofNullable(tokens)
                .map(t -> new TokenLosses(t.values().stopGradient(), t.isTarget()));
    }

    @Override
    public Optional<NDArray> states() {
        return Optional.ofNullable(backbone).map(BackbonePass::states);
    }

    @Override
    public void backward(
            GradientCollector collector, NDArray weights, NDArray tokenWeights, int divisor) {
        NDArray chosen = tokenWeights == null ? recorded : weighed(tokenWeights);
        NDArray sum = (weights == null ? chosen : chosen.mul(weights)).sum();
        collector.backward(divide(sum, divisor));
        if (backbone != null) {
            backbone.backward();
        }
    }

    private NDArray weighed(NDArray tokenWeights) {
        return new TokenLosses(tokens.values().mul(tokenWeights), tokens.isTarget()).mean();
    }

    /**
     * Divides within the graph. DJL's {@code div(Number)} would do it with an array that it closes
     * at once, though the backward pass still reads it.
     */
    private static NDArray divide(NDArray scalar, int divisor) {
        return scalar.div(
                scalar.getManager().full(scalar.getShape(), divisor, scalar.getDataType()));
    }

    @Override
    public NDList predictions() {
        return predictions;
    }
}
