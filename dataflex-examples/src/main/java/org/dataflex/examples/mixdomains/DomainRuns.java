package org.dataflex.examples.mixdomains;

import ai.djl.Model;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.util.ProgressBar;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;
import org.dataflex.DynamicTrainer;
import org.dataflex.TrainingReport;
import org.dataflex.data.ByteTokens;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.examples.quickstart.TextData;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.optim.AdamW;
import org.dataflex.optim.LearningRateSchedule;

/**
 * Trains small decoders of one size on the same data for the same number of steps.
 *
 * @param data what to train on
 * @param width features of a token, a multiple of 32
 * @param layers decoder layers
 * @param steps optimizer updates of a run
 */
public record DomainRuns(TextData data, int width, int layers, int steps) {

    /** Windows of a step. */
    public static final int BATCH_SIZE = 16;

    private static final int HEAD_SIZE = 32;
    private static final float LEARNING_RATE = 3e-3f;
    private static final int CHECKPOINTS = 4;

    /**
     * A run that has made all its steps, and its model.
     *
     * @param model the trained model
     * @param report what happened
     */
    public record Trained(Model model, TrainingReport report) implements AutoCloseable {

        /**
         * Returns the loss of a domain's held-out windows at the end.
         *
         * @param domain the domain's name
         * @return nats a byte
         */
        public double finalLoss(String domain) {
            return report.validationLosses().get(domain).lastEntry().getValue();
        }

        @Override
        public void close() {
            model.close();
        }
    }

    /**
     * Trains on other data.
     *
     * @param other the data
     * @return runs of the same size and length
     */
    public DomainRuns on(TextData other) {
        return new DomainRuns(other, width, layers, steps);
    }

    /**
     * Trains; goes on where a run in the directory was killed, and only loads one that is finished.
     *
     * @param directory the run directory
     * @param seed of everything random
     * @param strategies adds them
     * @return the model; the caller closes it
     * @throws IOException if the directory cannot be read or written
     * @throws TranslateException never, tokens need no processing
     */
    public Trained train(Path directory, long seed, Consumer<DynamicTrainer.Builder> strategies)
            throws IOException, TranslateException {
        Model model = Model.newInstance("decoder");
        try {
            model.setBlock(new CausalLm(decoder(), seed));
            DynamicTrainer.Builder builder = builder(model, directory, seed);
            strategies.accept(builder);
            try (DynamicTrainer trainer = builder.build()) {
                return new Trained(model, trainer.fit());
            }
        } catch (IOException | TranslateException | RuntimeException e) {
            model.close();
            throw e;
        }
    }

    private DynamicTrainer.Builder builder(Model model, Path directory, long seed) {
        LearningRateSchedule cosine =
                LearningRateSchedule.cosine(
                        LEARNING_RATE, LEARNING_RATE / 10, Math.max(1, steps / 10), steps);
        AdamW adamW = AdamW.builder().optLearningRateTracker(cosine).build();
        ProgressBar bar =
                new ProgressBar(directory.getParent().relativize(directory).toString(), steps);
        DynamicTrainer.Builder builder =
                DynamicTrainer.builder()
                        .setModel(model)
                        .setTrainingConfig(
                                new DefaultTrainingConfig(CausalLmLoss.byToken())
                                        .optOptimizer(adamW))
                        .setPool(data.pool())
                        .setSteps(steps)
                        .setBatchSize(BATCH_SIZE)
                        .optClipNorm(1)
                        .optSeed(seed)
                        .optRunDirectory(directory)
                        .optCheckpointInterval(Math.max(1, steps / CHECKPOINTS))
                        .optCheckpointsKept(1)
                        .on(
                                StepCompleted.class,
                                e ->
                                        bar.update(
                                                e.step() - 1,
                                                String.format(Locale.ROOT, "loss %.3f", e.loss())));
        data.heldOut().forEach(builder::addValidationSet);
        return builder;
    }

    /**
     * Returns the size of the models.
     *
     * @return the configuration
     */
    public DecoderConfig decoder() {
        int heads = width / HEAD_SIZE;
        return DecoderConfig.builder()
                .setVocabularySize(ByteTokens.VOCABULARY_SIZE)
                .setHiddenSize(width)
                .setNumLayers(layers)
                .setNumHeads(heads)
                .optIntermediateSize(5 * width / 2)
                .optNumKeyValueHeads(heads % 2 == 0 ? 2 : 1)
                .optMaxPositions(TextData.WINDOW)
                .optTieWordEmbeddings(true)
                .build();
    }
}
