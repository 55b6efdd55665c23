package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Optional;
import org.dataflex.loss.CausalLmLoss.Targets;
import org.dataflex.loss.CausalLmLoss.TokenLosses;
import org.dataflex.model.BackbonePass;
import org.dataflex.torch.GraphRecording;
import org.dataflex.torch.HeadLoss;

/** A pass whose loss takes the logits of some tokens at a time; never holds all. */
final class HeadPass implements LossPass {

    private final ChunkedHead block;
    private final BackbonePass backbone;
    private final NDArray weight;
    private final Targets targets;
    private final HeadLoss head;
    private final NDArray states;
    private HeadLoss.Forward forward;
    private NDArray losses;

    /**
     * Takes the pass up to the head.
     *
     * @param block the block
     * @param backbone the pass
     * @param weight the head's matrix, [V, D]
     * @param targets what the tokens should be
     */
    HeadPass(ChunkedHead block, BackbonePass backbone, NDArray weight, Targets targets) {
        this.block = block;
        this.backbone = backbone;
        this.weight = weight;
        this.targets = targets;
        head = block.loss(weight);
        states = rows(backbone.states());
    }

    /** Puts the tokens of all samples one below the other: [B, T, D] to [B * T, D]. */
    static NDArray rows(NDArray states) {
        return states.reshape(-1, states.getShape().get(2));
    }

    @Override
    public NDArray losses() {
        if (losses == null) {
            forward = head.forward(states, weight, targets.labels());
            losses = targets.mean(forward.perToken());
        }
        return losses;
    }

    @Override
    public Optional<TokenLosses> tokenLosses() {
        losses();
        return Optional.of(targets.losses(forward.perToken()));
    }

    @Override
    public Optional<NDArray> states() {
        return Optional.of(backbone.states());
    }

    @Override
    public void backward(
            GradientCollector collector, NDArray weights, NDArray tokenWeights, int divisor) {
        NDArray factors = GraphRecording.without(() -> factors(weights, tokenWeights, divisor));
        HeadLoss.Weighted weighted =
                forward == null
                        ? head.weigh(states, weight, targets.labels(), factors)
                        : head.weigh(forward, states, weight, targets.labels(), factors);
        losses = targets.mean(weighted.perToken());
        collector.backward(weighted.objective());
        backbone.backward();
    }

    /** What each token's loss counts in the objective, [B * T]. */
    private NDArray factors(NDArray weights, NDArray tokenWeights, int divisor) {
        NDArray shares = targets.shares();
        NDArray weighed = weights == null ? shares : shares.mul(weights.reshape(-1, 1));
        NDArray chosen = tokenWeights == null ? weighed : weighed.mul(tokenWeights);
        return chosen.div(divisor).reshape(new Shape(-1));
    }

    @Override
    public NDList predictions() {
        return GraphRecording.without(
                () ->
                        new NDList(
                                block.block().logits(block.parameters(), backbone.states(), true)));
    }
}
