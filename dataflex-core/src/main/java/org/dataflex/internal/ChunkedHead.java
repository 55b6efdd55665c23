package org.dataflex.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import java.util.Optional;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.loss.CausalLmLoss.Targets;
import org.dataflex.loss.CausalLmLoss.TokenLosses;
import org.dataflex.model.LinearHead;
import org.dataflex.model.ParameterTrace;
import org.dataflex.torch.HeadLoss;

/** A block with a {@link LinearHead} and {@link CausalLmLoss}, which never needs all its logits. */
record ChunkedHead(LinearHead block, ParameterStore parameters) {

    /** Returns the block as one whose loss takes some logits at a time, if it is one. */
    static Optional<ChunkedHead> of(Block block, Loss loss, ParameterStore parameters) {
        return block instanceof LinearHead head && loss instanceof CausalLmLoss
                ? Optional.of(new ChunkedHead(head, parameters))
                : Optional.empty();
    }

    /** The head's matrix, if there is one and it is float32. */
    Optional<NDArray> weight(Batch batch, boolean training) {
        return weight(batch.getData().head().getDevice(), training);
    }

    private Optional<NDArray> weight(Device device, boolean training) {
        return block.headWeight(parameters, device, training)
                .filter(weight -> weight.getDataType() == DataType.FLOAT32);
    }

    private Optional<NDArray> frozenWeight(Device device) {
        return weight(device, false).filter(weight -> !weight.hasGradient());
    }

    /** Whether {@link #tracedSum} is there. */
    boolean hasTracedSum(Device device) {
        return frozenWeight(device).isPresent();
    }

    /**
     * Returns the losses in inference mode, [B, T], not recorded; empty if the head is more than a
     * matrix.
     */
    Optional<TokenLosses> losses(Batch batch) {
        return weight(batch, false)
                .map(
                        weight -> {
                            NDArray states = block.hiddenStates(parameters, batch.getData(), false);
                            Targets targets = Targets.of(batch.getLabels());
                            return targets.losses(
                                    loss(weight)
                                            .perToken(
                                                    HeadPass.rows(states),
                                                    weight,
                                                    targets.labels()));
                        });
    }

    /**
     * Returns the sum of the losses, [], recorded from the head down and told to a trace.
     *
     * <p>Empty if the head itself is trained: its use would have to be told too.
     */
    Optional<NDArray> tracedSum(Batch batch, ParameterTrace trace) {
        return frozenWeight(batch.getData().head().getDevice())
                .map(
                        weight -> {
                            NDArray states = block.hiddenStates(parameters, batch.getData(), trace);
                            Targets targets = Targets.of(batch.getLabels());
                            NDArray shares = targets.shares().reshape(-1);
                            return loss(weight)
                                    .weigh(HeadPass.rows(states), weight, targets.labels(), shares)
                                    .objective();
                        });
    }

    /** The loss over the head's matrix. */
    HeadLoss loss(NDArray weight) {
        return HeadLoss.of(weight.getShape().get(0), block.precision());
    }
}
