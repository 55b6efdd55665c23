package org.dataflex.examples.quickstart;

import ai.djl.Model;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.training.util.ProgressBar;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.ByteTokens;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.mixers.OnlineDataMixingMixer;
import org.dataflex.selectors.LossSelector;
import org.dataflex.weighters.LossBasedWeighter;

/**
 * One training run of a small decoder on the corpus.
 *
 * @param data the corpus
 * @param steps optimizer updates
 * @param seed of everything random
 */
public record TextRun(TextData data, long steps, long seed) {

    private static final int BATCH_SIZE = 16;

    /** Windows scored for each window chosen; scoring the whole pool would take minutes. */
    private static final long CANDIDATES_PER_CHOSEN = 2;

    private static final float LEARNING_RATE = 3e-3f;

    /**
     * Trains without strategies: rows are drawn from the whole pool, each domain by its size.
     *
     * @param directory the run directory
     * @return what happened
     * @throws IOException if the directory cannot be written
     * @throws TranslateException never, tokens need no processing
     */
    public History trainPlainly(Path directory) throws IOException, TranslateException {
        return train("plain", directory, builder -> {});
    }

    /**
     * Trains with a mixer, a selector and a weighter at work.
     *
     * @param directory the run directory
     * @return what happened
     * @throws IOException if the directory cannot be written
     * @throws TranslateException never, tokens need no processing
     */
    public History trainDynamically(Path directory) throws IOException, TranslateException {
        return train("dynamic", directory, this::addStrategies);
    }

    private void addStrategies(DynamicTrainer.Builder builder) {
        long warmUp = Math.max(1, steps / 10);
        long interval = Math.max(1, steps / 3);
        builder.optMixer(
                        OnlineDataMixingMixer.builder().build(),
                        UpdateSchedule.every(1).afterWarmUp(warmUp))
                .optSelector(
                        LossSelector.builder().optFocus(LossSelector.Focus.MEDIUM).build(),
                        UpdateSchedule.every(interval).afterWarmUp(warmUp))
                .optCandidateLimit(Math.toIntExact(CANDIDATES_PER_CHOSEN * interval * BATCH_SIZE))
                .optWeighter(
                        LossBasedWeighter.builder().build(),
                        UpdateSchedule.every(1).afterWarmUp(warmUp));
    }

    private History train(String name, Path directory, Consumer<DynamicTrainer.Builder> strategies)
            throws IOException, TranslateException {
        History history = new History();
        ProgressBar bar = new ProgressBar(name, steps);
        try (Model model = Model.newInstance("decoder")) {
            model.setBlock(new CausalLm(DecoderConfig.small(ByteTokens.VOCABULARY_SIZE), seed));
            DynamicTrainer.Builder builder =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(config())
                            .setPool(data.pool())
                            .setSteps(steps)
                            .setBatchSize(BATCH_SIZE)
                            .optClipNorm(1)
                            .optSeed(seed)
                            .optValidationInterval(Math.max(1, steps / 5))
                            .optRunDirectory(directory)
                            .on(
                                    StepCompleted.class,
                                    e ->
                                            bar.update(
                                                    e.step() - 1,
                                                    String.format(
                                                            Locale.ROOT,
                                                            "step %d, loss %.3f",
                                                            e.step(),
                                                            e.loss())));
            data.heldOut().forEach(builder::addValidationSet);
            strategies.accept(builder);
            history.listen(builder, data.pool()::domainOf);
            try (DynamicTrainer trainer = builder.build()) {
                history.finish(trainer.fit());
            }
        }
        return history;
    }

    private DefaultTrainingConfig config() {
        Tracker cosine =
                Tracker.cosine()
                        .setBaseValue(LEARNING_RATE)
                        .optFinalValue(LEARNING_RATE / 10)
                        .setMaxUpdates(Math.toIntExact(steps))
                        .build();
        return new DefaultTrainingConfig(new CausalLmLoss())
                .optOptimizer(Optimizer.adam().optLearningRateTracker(cosine).build());
    }
}
