package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;
import org.dataflex.model.BackbonePass;

/** A pass whose loss is computed from the block's whole output: any block, any loss. */
final class PredictionPass implements LossPass {

    private final NDList predictions;
    private final NDArray recorded;
    private final NDArray losses;
    private final BackbonePass backbone;

    /**
     * Takes what was computed.
     *
     * @param predictions what the block returned
     * @param recorded the losses, recorded for backward
     * @param backbone the way back from the block's head, or null if autograd goes all the way
     */
    PredictionPass(NDList predictions, NDArray recorded, BackbonePass backbone) {
        this.predictions = predictions;
        this.recorded = recorded;
        this.losses = recorded.stopGradient();
        this.backbone = backbone;
    }

    @Override
    public NDArray losses() {
        return losses;
    }

    @Override
    public void backward(GradientCollector collector, NDArray weights, int divisor) {
        NDArray sum = (weights == null ? recorded : recorded.mul(weights)).sum();
        collector.backward(divide(sum, divisor));
        if (backbone != null) {
            backbone.backward();
        }
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
