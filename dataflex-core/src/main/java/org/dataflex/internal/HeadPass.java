package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import org.dataflex.loss.CausalLmLoss.Targets;
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
    public void backward(GradientCollector collector, NDArray weights, int divisor) {
        NDArray tokenWeights = GraphRecording.without(() -> tokenWeights(weights, divisor));
        HeadLoss.Weighted weighted =
                forward == null
                        ? head.weigh(states, weight, targets.labels(), tokenWeights)
                        : head.weigh(forward, states, weight, targets.labels(), tokenWeights);
        losses = targets.mean(weighted.perToken());
        collector.backward(weighted.objective());
        backbone.backward();
    }

    private NDArray tokenWeights(NDArray weights, int divisor) {
        NDArray shares = targets.shares();
        NDArray weighed = weights == null ? shares : shares.mul(weights.reshape(-1, 1));
        return weighed.div(divisor).reshape(new Shape(-1));
    }

    @Override
    public NDList predictions() {
        return GraphRecording.without(
                () ->
                        new NDList(
                                block.block().logits(block.parameters(), backbone.states(), true)));
    }
}
