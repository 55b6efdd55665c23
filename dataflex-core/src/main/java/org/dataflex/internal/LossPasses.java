package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import java.util.Optional;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.loss.PerSampleLoss;
import org.dataflex.model.BackbonePass;
import org.dataflex.model.LinearHead;

/** Makes the training passes of a trainer's model, in the leanest way that it allows. */
final class LossPasses {

    private final Trainer trainer;
    private final Block block;
    private final Loss loss;
    private final ParameterStore parameters;

    LossPasses(Trainer trainer) {
        this.trainer = trainer;
        this.block = trainer.getModel().getBlock();
        this.loss = trainer.getLoss();
        this.parameters = new ParameterStore(trainer.getManager(), false);
    }

    /** Runs the model forward, within a gradient collector. */
    LossPass forward(Batch batch) {
        if (block instanceof LinearHead head) {
            long begin = System.nanoTime();
            BackbonePass backbone = head.backbone(parameters, batch.getData());
            trainer.addMetric("forward", begin);
            return onTopOf(backbone, head, batch);
        }
        NDList predictions = trainer.forward(batch.getData(), batch.getLabels());
        return new PredictionPass(predictions, evaluate(batch, predictions), null);
    }

    private LossPass onTopOf(BackbonePass backbone, LinearHead head, Batch batch) {
        Optional<ChunkedHead> chunked = ChunkedHead.of(block, loss, parameters);
        Optional<NDArray> weight = chunked.flatMap(c -> c.weight(batch, true));
        if (weight.isPresent()) {
            CausalLmLoss.Targets targets = CausalLmLoss.Targets.of(batch.getLabels());
            return new HeadPass(chunked.get(), backbone, weight.get(), targets);
        }
        NDList predictions = new NDList(head.logits(parameters, backbone.states(), true));
        return new PredictionPass(predictions, evaluate(batch, predictions), backbone);
    }

    private PredictionPass.Recorded evaluate(Batch batch, NDList predictions) {
        if (loss instanceof CausalLmLoss causal) {
            CausalLmLoss.TokenLosses tokens = causal.perToken(batch.getLabels(), predictions);
            return new PredictionPass.Recorded(tokens.mean(), tokens);
        }
        NDArray losses =
                loss instanceof PerSampleLoss perSample
                        ? BatchLosses.of(perSample, batch, predictions)
                        : loss.evaluate(batch.getLabels(), predictions);
        return new PredictionPass.Recorded(losses, null);
    }
}
