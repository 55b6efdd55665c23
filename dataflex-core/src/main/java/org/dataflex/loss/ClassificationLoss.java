package org.dataflex.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;

/**
 * Cross entropy of class scores, one loss a sample.
 *
 * <p>l_i = -log softmax(z_i)[y_i], in nats. Predictions: scores (logits, not probabilities) of
 * shape [B, C]. Labels: class numbers of shape [B] or [B, 1], of any numeric type.
 */
public final class ClassificationLoss extends PerSampleLoss {

    /** Makes the loss. */
    public ClassificationLoss() {
        super("ClassificationLoss");
    }

    @Override
    public NDArray perSample(NDList labels, NDList predictions) {
        NDArray logProbabilities = predictions.singletonOrThrow().logSoftmax(-1);
        NDArray classes = labels.singletonOrThrow().toType(DataType.INT64, false).reshape(-1, 1);
        return logProbabilities.gather(classes, 1).squeeze(1).neg();
    }
}
