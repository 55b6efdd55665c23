package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.loss.CausalLmLoss.TokenLosses;
import org.dataflex.loss.PerSampleLoss;
import org.dataflex.torch.GraphRecording;

/** Asks a loss about a batch and refuses an answer that is not one number a sample. */
final class BatchLosses {

    private BatchLosses() {}

    /** Runs a block in inference mode and returns the losses, not recorded. */
    static NDArray inferred(
            Block block, ParameterStore parameters, PerSampleLoss loss, Batch batch) {
        if (loss instanceof CausalLmLoss causal) {
            return GraphRecording.without(
                    () -> inferredTokens(block, parameters, causal, batch).mean());
        }
        return GraphRecording.without(() -> of(loss, batch, infer(block, parameters, batch)));
    }

    /** Runs a block in inference mode and returns the losses of the tokens, not recorded. */
    static TokenLosses inferredTokens(
            Block block, ParameterStore parameters, CausalLmLoss loss, Batch batch) {
        return GraphRecording.without(
                () ->
                        ChunkedHead.of(block, loss, parameters)
                                .flatMap(head -> head.losses(batch))
                                .orElseGet(
                                        () ->
                                                loss.perToken(
                                                        batch.getLabels(),
                                                        infer(block, parameters, batch))));
    }

    private static NDList infer(Block block, ParameterStore parameters, Batch batch) {
        return block.forward(parameters, batch.getData(), false, null);
    }

    static NDArray of(PerSampleLoss loss, Batch batch, NDList predictions) {
        NDArray losses = loss.perSample(batch.getLabels(), predictions);
        Shape wanted = new Shape(batch.getSize());
        if (!losses.getShape().equals(wanted)) {
            throw new IllegalStateException(
                    "the loss "
                            + loss.getName()
                            + " gave an array of shape "
                            + losses.getShape()
                            + " for a batch of "
                            + batch.getSize()
                            + " samples; perSample must give "
                            + wanted);
        }
        return losses;
    }
}
