package org.dataflex.internal;

import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.dataflex.data.SampleIndices;
import org.dataflex.loss.PerSampleLoss;
import org.dataflex.math.Seeds;
import org.dataflex.strategy.SampleWeights;

/**
 * Makes one optimizer update: forward and backward over the micro-batches, clip, step.
 *
 * <p>The objective is sum(w_i l_i) / B over all rows of the step, w_i = 1 without a weighter; the
 * mean of the micro-batches' losses if the loss is not per sample.
 */
final class StepRunner {

    private static final long DROPOUT = Seeds.of("engine randomness of a step");

    private final RunSettings settings;
    private final Trainer trainer;
    private final StrategyRunner strategies;
    private final PerSampleLoss perSampleLoss;
    private final List<Parameter> trainable;

    StepRunner(RunSettings settings, Trainer trainer, StrategyRunner strategies) {
        this.settings = settings;
        this.trainer = trainer;
        this.strategies = strategies;
        this.perSampleLoss = settings.perSampleLoss();
        this.trainable =
                settings.model.getBlock().getParameters().values().stream()
                        .filter(Parameter::requiresGradient)
                        .toList();
    }

    /**
     * Makes the update after {@code step} ones.
     *
     * @throws TrainingDivergedException if a loss is not finite; the parameters are then as before
     */
    StepResult run(long step, SampleIndices rows) throws IOException, TranslateException {
        trainer.getManager()
                .getEngine()
                .setRandomSeed((int) Seeds.mix(settings.seed, DROPOUT, step));
        try (NDManager scope = trainer.getManager().newSubManager()) {
            NDList losses = new NDList();
            List<SampleWeights> weights = new ArrayList<>();
            for (SampleIndices rowsOfBatch : rows.chunks(settings.batchSize)) {
                try (Batch batch = settings.pool.batch(scope, rowsOfBatch)) {
                    MicroBatch micro = new MicroBatch(batch, rowsOfBatch, step, losses.size());
                    NDArray loss = backward(micro, weights);
                    loss.attach(scope);
                    losses.add(loss);
                }
            }
            StepResult result = read(losses, weights);
            requireFinite(result, step, rows);
            GradientClipping.clip(scope, trainable, settings.clipNorm);
            trainer.step();
            return result;
        }
    }

    /** Some rows of a step that go through the model together. */
    private record MicroBatch(Batch batch, SampleIndices rows, long step, int number) {}

    /** Adds a micro-batch's gradients; returns its losses, [b] or a scalar, without the graph. */
    private NDArray backward(MicroBatch micro, List<SampleWeights> weights) {
        NDList labels = micro.batch().getLabels();
        NDList predictions;
        NDArray losses;
        try (GradientCollector collector = trainer.newGradientCollector()) {
            predictions = trainer.forward(micro.batch().getData(), labels);
            NDArray graph =
                    perSampleLoss == null
                            ? trainer.getLoss().evaluate(labels, predictions)
                            : BatchLosses.of(perSampleLoss, micro.batch(), predictions);
            losses = graph.stopGradient();
            collector.backward(objective(graph, losses, micro, weights));
        }
        notifyListeners(micro, predictions);
        return losses;
    }

    private NDArray objective(
            NDArray graph, NDArray losses, MicroBatch micro, List<SampleWeights> weights) {
        if (perSampleLoss == null) {
            return settings.accumulation == 1 ? graph : divide(graph, settings.accumulation);
        }
        if (!strategies.weighs(micro.step())) {
            return divide(graph.sum(), settings.rowsPerStep());
        }
        float[] values = losses.toFloatArray();
        requireFinite(values, micro.step(), micro.rows());
        SampleWeights w = strategies.weigh(micro.rows(), values, micro.step(), micro.number());
        weights.add(w);
        NDArray weighted = graph.mul(losses.getManager().create(w.toArray()));
        return divide(weighted.sum(), settings.rowsPerStep());
    }

    /**
     * Divides within the graph. DJL's {@code div(Number)} would do it with an array that it closes
     * at once, though the backward pass still reads it.
     */
    private static NDArray divide(NDArray scalar, int divisor) {
        return scalar.div(
                scalar.getManager().full(scalar.getShape(), divisor, scalar.getDataType()));
    }

    /** The step's one look at the device. */
    private StepResult read(NDList losses, List<SampleWeights> weights) {
        if (perSampleLoss == null) {
            float[] values = NDArrays.stack(losses).toFloatArray();
            double sum = 0;
            for (float value : values) {
                sum += value;
            }
            return new StepResult(sum / values.length, null);
        }
        float[] values =
                (losses.size() == 1 ? losses.get(0) : NDArrays.concat(losses)).toFloatArray();
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            float weight =
                    weights.isEmpty()
                            ? 1
                            : weights.get(i / settings.batchSize).get(i % settings.batchSize);
            sum += (double) weight * values[i];
        }
        return new StepResult(sum / values.length, values);
    }

    private void requireFinite(StepResult result, long step, SampleIndices rows) {
        if (result.losses() != null) {
            requireFinite(result.losses(), step, rows);
        } else if (!Double.isFinite(result.loss())) {
            throw new TrainingDivergedException(
                    "the loss of step " + (step + 1) + " is " + result.loss());
        }
    }

    private static void requireFinite(float[] losses, long step, SampleIndices rows) {
        for (int i = 0; i < losses.length; i++) {
            if (!Float.isFinite(losses[i])) {
                throw new TrainingDivergedException(
                        "the loss of sample "
                                + rows.get(i)
                                + " in step "
                                + (step + 1)
                                + " is "
                                + losses[i]);
            }
        }
    }

    private void notifyListeners(MicroBatch micro, NDList predictions) {
        Batch batch = micro.batch();
        Batch shown =
                new Batch(
                        batch.getManager(),
                        batch.getData(),
                        batch.getLabels(),
                        batch.getSize(),
                        null,
                        null,
                        micro.step() * settings.accumulation + micro.number(),
                        settings.steps * settings.accumulation,
                        batch.getIndices());
        BatchData data = batchData(shown, predictions);
        trainer.notifyListeners(listener -> listener.onTrainingBatch(trainer, data));
    }

    /** What DJL's listeners are told of a batch. */
    static BatchData batchData(Batch batch, NDList predictions) {
        return new BatchData(
                batch,
                new ConcurrentHashMap<>(
                        Map.of(batch.getLabels().head().getDevice(), batch.getLabels())),
                new ConcurrentHashMap<>(Map.of(predictions.head().getDevice(), predictions)));
    }
}
