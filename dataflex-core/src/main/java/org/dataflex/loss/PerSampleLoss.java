package org.dataflex.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.loss.Loss;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * A DJL loss that also answers per sample; {@link #evaluate} is the mean of {@link #perSample}.
 *
 * <p>Strategies weigh, rank and group samples by their own losses, so a run with strategies needs a
 * loss of this kind. DJL's built-in losses answer one number for the whole batch.
 */
public abstract class PerSampleLoss extends Loss {

    /**
     * Names the loss.
     *
     * @param name as shown in metrics
     */
    protected PerSampleLoss(String name) {
        super(name);
    }

    /**
     * Makes a loss from a function.
     *
     * @param name as shown in metrics
     * @param perSample from labels and predictions to losses of shape [B]
     * @return the loss
     */
    public static PerSampleLoss of(String name, BiFunction<NDList, NDList, NDArray> perSample) {
        Objects.requireNonNull(perSample, "perSample");
        return new PerSampleLoss(name) {
            @Override
            public NDArray perSample(NDList labels, NDList predictions) {
                return perSample.apply(labels, predictions);
            }
        };
    }

    /**
     * Computes one loss per sample, differentiable.
     *
     * @param labels as the batch holds them
     * @param predictions as the block returns them
     * @return the losses, shape [B], on the predictions' manager
     */
    public abstract NDArray perSample(NDList labels, NDList predictions);

    /**
     * Tells how many terms of a step's mean each sample's loss stands for, c_i.
     *
     * <p>A step's objective is sum_i w_i c_i l_i / sum_i c_i over all its samples, those of several
     * micro-batches included.
     *
     * @param labels as the batch holds them
     * @return the numbers, float32 [B]; empty, as by default, if each sample is one term
     */
    public Optional<NDArray> termCounts(NDList labels) {
        return Optional.empty();
    }

    @Override
    public final NDArray evaluate(NDList labels, NDList predictions) {
        NDArray losses = perSample(labels, predictions);
        return termCounts(labels)
                .map(counts -> losses.mul(counts).sum().div(counts.sum().maximum(1)))
                .orElseGet(losses::mean);
    }
}
