package org.dataflex.examples.selectfortarget;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.util.ProgressBar;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.dataflex.DynamicTrainer;
import org.dataflex.TrainingReport;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.data.ByteTokens;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.lm.WeightFiles;
import org.dataflex.lm.WeightFilesWriter;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.optim.AdamW;
import org.dataflex.optim.LearningRateSchedule;

/**
 * Trains a small decoder: once on texts at large, and from there with each selector.
 *
 * <p>A run begins with a warm-up on random candidates, which gives the optimizer its moments.
 *
 * @param data the samples
 * @param steps of training on what a selector chose
 * @param pretrained the directory of the weights that every run starts from
 */
record TargetRun(TargetData data, int steps, Path pretrained) {

    static final int BATCH_SIZE = 16;
    static final float LEARNING_RATE = 1e-3f;

    private static final float PRETRAINING_RATE = 3e-3f;
    private static final int VALIDATIONS = 5;

    /** Steps on random candidates before a selector is asked. */
    int warmUp() {
        return Math.max(1, steps / 5);
    }

    /** Samples that a selector chooses in a run. */
    int budget() {
        return steps * BATCH_SIZE;
    }

    /** Trains on random samples and saves the weights. */
    void pretrain(Pretraining pretraining, long seed) throws IOException, TranslateException {
        int length = pretraining.steps();
        ProgressBar bar = new ProgressBar("pretraining", length);
        try (Model model = Model.newInstance("decoder")) {
            CausalLm decoder = new CausalLm(decoder(), seed);
            model.setBlock(decoder);
            LearningRateSchedule schedule =
                    LearningRateSchedule.cosine(PRETRAINING_RATE, 0, length / 10, length);
            fit(builder(model, schedule, length, seed).setPool(pretraining.pool()), bar);
            WeightFilesWriter.of(SafetensorsType.F32).write(pretrained, decoder);
        }
    }

    /** Trains from the saved weights with a selector. */
    Outcome train(Contender contender, int seed) throws IOException, TranslateException {
        int length = warmUp() + steps;
        ProgressBar bar = new ProgressBar(contender.name() + " " + (seed + 1), length);
        int[] found = new int[steps + 1];
        try (Model model = Model.newInstance("decoder")) {
            CausalLm decoder = new CausalLm(decoder(), seed);
            model.setBlock(decoder);
            WeightFiles.open(pretrained).load(decoder, model.getNDManager());
            decoder.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, data.length()));
            DynamicTrainer.Builder builder =
                    builder(model, LearningRateSchedule.constant(LEARNING_RATE, 0), length, seed)
                            .setPool(data.pool())
                            .optSelector(
                                    contender.selector().apply(data.targets().get(seed)),
                                    contender.schedule())
                            .optSelectionBudget(contender.budget())
                            .addValidationSet("held-out", data.heldOut())
                            .optValidationInterval(Math.max(1, length / VALIDATIONS))
                            .on(StepCompleted.class, e -> count(e, found));
            contender.candidates().ifPresent(builder::optCandidateLimit);
            TrainingReport report = fit(builder, bar);
            return new Outcome(
                    budget(),
                    found,
                    report.validationLosses().get("held-out"),
                    report.strategyTime().toNanos() / 1e9);
        }
    }

    private void count(StepCompleted event, int[] found) {
        int step = Math.toIntExact(event.step()) - warmUp();
        if (step > 0) {
            found[step] =
                    found[step - 1]
                            + event.rows().entrySet().stream()
                                    .filter(rows -> data.isTarget(rows.getKey()))
                                    .mapToInt(rows -> rows.getValue())
                                    .sum();
        }
    }

    private static DynamicTrainer.Builder builder(
            Model model, LearningRateSchedule schedule, int length, long seed) {
        AdamW adamW = AdamW.builder().optLearningRateTracker(schedule).build();
        return DynamicTrainer.builder()
                .setModel(model)
                .setTrainingConfig(
                        new DefaultTrainingConfig(new CausalLmLoss()).optOptimizer(adamW))
                .setSteps(length)
                .setBatchSize(BATCH_SIZE)
                .optClipNorm(1)
                .optSeed(seed);
    }

    private static TrainingReport fit(DynamicTrainer.Builder builder, ProgressBar bar)
            throws IOException, TranslateException {
        builder.on(
                StepCompleted.class,
                e -> bar.update(e.step() - 1, String.format(Locale.ROOT, "loss %.3f", e.loss())));
        try (DynamicTrainer trainer = builder.build()) {
            return trainer.fit();
        }
    }

    private DecoderConfig decoder() {
        return DecoderConfig.builder()
                .setVocabularySize(ByteTokens.VOCABULARY_SIZE)
                .setHiddenSize(96)
                .setNumLayers(2)
                .setNumHeads(3)
                .optIntermediateSize(240)
                .optNumKeyValueHeads(1)
                .optMaxPositions(data.length())
                .optTieWordEmbeddings(true)
                .build();
    }
}
