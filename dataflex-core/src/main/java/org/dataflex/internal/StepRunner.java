package org.dataflex.internal;

import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.dataflex.data.SampleIndices;
import org.dataflex.loss.PerSampleLoss;
import org.dataflex.math.Seeds;
import org.dataflex.optim.AdamW;

/**
 * Makes one optimizer update: forward and backward over the micro-batches, clip, step.
 *
 * <p>The objective is sum(w_i l_i) / B over all rows of the step, w_i = 1 without a weighter, l_i
 * of weighed tokens with a token weighter, or sum(w_i c_i l_i) / sum(c_i) if the loss counts terms
 * ({@link PerSampleLoss#termCounts}); the mean of the micro-batches' losses if the loss is not per
 * sample.
 */
final class StepRunner {

    private static final long DROPOUT = Seeds.of("engine randomness of a step");

    private final RunSettings settings;
    private final Trainer trainer;
    private final StrategyRunner strategies;
    private final LossPasses passes;
    private final PerSampleLoss perSampleLoss;
    private final List<Parameter> trainable;

    StepRunner(RunSettings settings, Trainer trainer, StrategyRunner strategies) {
        this.settings = settings;
        this.trainer = trainer;
        this.strategies = strategies;
        this.passes = new LossPasses(trainer);
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
            StepLosses losses = new StepLosses(scope);
            List<SampleIndices> batches = settings.batches(settings.pool, rows);
            for (SampleIndices some : batches) {
                try (Batch batch = settings.pool.batch(scope, some)) {
                    backward(
                            new MicroBatch(batch, some, step, losses.size(), batches.size()),
                            losses);
                }
            }
            StepResult result = losses.read(joined(batches), perSampleLoss != null);
            requireFinite(result, step);
            GradientScaling.apply(scope, trainable, losses.numTerms(), settings.clipNorm);
            update();
            return result;
        }
    }

    private static SampleIndices joined(List<SampleIndices> batches) {
        return SampleIndices.of(batches.stream().flatMapToLong(SampleIndices::stream).toArray());
    }

    private void update() {
        if (settings.config.getOptimizer() instanceof AdamW adamW) {
            long begin = System.nanoTime();
            adamW.updateAll(trainable);
            trainer.addMetric("step", begin);
        } else {
            trainer.step();
        }
    }

    /** Some rows of a step that go through the model together, one of several such batches. */
    private record MicroBatch(
            Batch batch, SampleIndices rows, long step, int number, int batches) {}

    /** Adds a micro-batch's gradients to the parameters' and its losses to the step's. */
    private void backward(MicroBatch micro, StepLosses losses) {
        LossPass pass;
        NDArray counts =
                perSampleLoss == null
                        ? null
                        : perSampleLoss.termCounts(micro.batch().getLabels()).orElse(null);
        try (GradientCollector collector = trainer.newGradientCollector()) {
            pass = passes.forward(micro.batch());
            BatchWeights weights = weights(pass, micro);
            NDManager scope = micro.batch().getManager();
            pass.backward(
                    collector,
                    factors(weights, counts, scope),
                    weights == null ? null : weights.ofTokens(scope),
                    divisor(counts));
            losses.add(pass.losses(), counts, weights);
        }
        notifyListeners(micro, pass);
    }

    /** The weighters' answers, or null if nobody weighs. */
    private BatchWeights weights(LossPass pass, MicroBatch micro) {
        if (perSampleLoss == null || !strategies.weighs(micro.step())) {
            return null;
        }
        ShownBatch shown = ShownBatch.of(pass, micro.batch(), settings);
        requireFinite(shown.losses(), micro.step(), micro.rows());
        return strategies.weigh(micro.rows(), shown, micro.step(), micro.number());
    }

    /** What each loss is multiplied by, w_i c_i, or null for 1. */
    private static NDArray factors(BatchWeights weights, NDArray counts, NDManager scope) {
        NDArray w = weights == null ? null : weights.ofSamples(scope);
        if (w == null) {
            return counts;
        }
        return counts == null ? w : w.mul(counts);
    }

    /** What is known of the normaliser before the last micro-batch has been seen. */
    private int divisor(NDArray counts) {
        if (perSampleLoss == null) {
            return settings.accumulation;
        }
        return counts == null ? settings.rowsPerStep() : 1;
    }

    private void requireFinite(StepResult result, long step) {
        if (result.losses() != null) {
            requireFinite(result.losses(), step, result.rows());
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

    private void notifyListeners(MicroBatch micro, LossPass pass) {
        if (settings.config.getTrainingListeners().isEmpty()) {
            return;
        }
        Batch batch = micro.batch();
        Batch shown =
                new Batch(
                        batch.getManager(),
                        batch.getData(),
                        batch.getLabels(),
                        batch.getSize(),
                        null,
                        null,
                        micro.step() * settings.accumulation
                                + (long) micro.number() * settings.accumulation / micro.batches(),
                        settings.steps * settings.accumulation,
                        batch.getIndices());
        BatchData data = batchData(shown, pass.predictions());
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
