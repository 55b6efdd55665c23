package org.dataflex.examples.cli;

import ai.djl.Model;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.dataflex.DynamicTrainer;
import org.dataflex.TrainingReport;
import org.dataflex.data.store.PreparedData;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.examples.config.ModelKeys;
import org.dataflex.examples.config.NamedStrategy;
import org.dataflex.examples.config.TrainConfig;
import org.dataflex.lm.AdapterDirectory;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.Freezing;
import org.dataflex.lm.Lora;
import org.dataflex.lm.ModelDirectory;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.torch.Precision;

/**
 * A run as a configuration asks for it.
 *
 * <p>What it leaves in its output directory: {@code run/} with events, selections and checkpoints,
 * {@code tokens/} with what was tokenized, {@code references/} with the losses of a reference model
 * if there is one, and at the end {@code model/} or, with LoRA, {@code adapter/}.
 */
final class TrainingRun implements AutoCloseable {

    private final TrainConfig config;
    private final ModelSource source;
    private final PreparedData data;
    private final long steps;
    private final RunStrategies strategies;

    private TrainingRun(TrainConfig config, ModelSource source, PreparedData data)
            throws IOException {
        this.config = config;
        this.source = source;
        this.data = data;
        steps = config.totalSteps(data.pool().size());
        strategies = new RunStrategies(config, data, source);
        strategies.requireFit(withoutValues());
    }

    /** The decoder with what is frozen frozen, before it takes memory. */
    CausalLm withoutValues() {
        CausalLm decoder = new CausalLm(source.config().decoder(), 0);
        tune(decoder);
        return decoder;
    }

    /**
     * Opens model and data, and makes the strategies that need nothing computed but tokens.
     *
     * @param config the configuration
     * @return the run
     * @throws IOException if something cannot be read or does not fit
     */
    static TrainingRun open(TrainConfig config) throws IOException {
        ModelKeys model = config.model();
        ModelSource source = ModelSource.open(model.directory(), !model.fromScratch());
        try {
            requirePositions(config, source.config().decoder().maxPositions());
            requireLayers(model, source.config().decoder().numLayers());
            Path tokens = config.output().directory().resolve("tokens");
            PreparedData data = RunData.open(config.data(), source, tokens, config.output().seed());
            try {
                new DatasetFiles(config.output().directory()).requireUnchanged(data.sources());
                return new TrainingRun(config, source, data);
            } catch (IOException | RuntimeException e) {
                data.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            source.close();
            throw e;
        }
    }

    private static void requirePositions(TrainConfig config, int positions) throws IOException {
        if (config.data().cutoff() > positions) {
            throw new IOException(
                    "cutoff_len = "
                            + config.data().cutoff()
                            + " exceeds the model's "
                            + positions
                            + " positions; lower it");
        }
    }

    private static void requireLayers(ModelKeys model, int layers) throws IOException {
        if (model.tuning() == ModelKeys.Tuning.FREEZE && model.trainedLayers() > layers) {
            throw new IOException(
                    "freeze_trainable_layers = "
                            + model.trainedLayers()
                            + " exceeds the model's "
                            + layers
                            + " layers; lower it, or set finetuning_type: full");
        }
    }

    TrainConfig config() {
        return config;
    }

    ModelSource source() {
        return source;
    }

    PreparedData data() {
        return data;
    }

    long steps() {
        return steps;
    }

    /** Returns the strategies that there are, by kind. */
    Map<String, NamedStrategy> strategies() {
        return strategies.named();
    }

    /**
     * Trains and writes the model.
     *
     * @param progress is told of each step
     * @return what happened
     * @throws IOException if something cannot be read or written
     * @throws TranslateException never: samples are token ids
     */
    TrainingReport train(Progress progress) throws IOException, TranslateException {
        Result result = result();
        strategies.complete(config.output().directory().resolve("references"));
        try (Model model = Model.newInstance(config.model().directory().getFileName().toString())) {
            CausalLm decoder = source.load(model, config.output().seed());
            decoder.setPrecision(config.model().bf16() ? Precision.BFLOAT16 : Precision.FLOAT32);
            decoder.setPacking(config.optimizer().packing());
            decoder.setActivationCheckpointing(config.model().checkpointing());
            Lora lora = tune(decoder);
            try (DynamicTrainer trainer = trainer(model, progress)) {
                TrainingReport report = trainer.fit();
                if (report.completed()) {
                    result.save(decoder, lora);
                }
                return report;
            }
        }
    }

    /** Is told of each step. */
    @FunctionalInterface
    interface Progress {
        void show(StepCompleted event);
    }

    /** Freezes what is not trained; returns the adapters, or null if there are none. */
    private Lora tune(CausalLm decoder) {
        switch (config.model().tuning()) {
            case LORA:
                return Lora.attach(
                        decoder, config.model().lora().orElseThrow(), config.output().seed());
            case FREEZE:
                Freezing.allButLastLayers(decoder, config.model().trainedLayers());
                return null;
            default:
                return null;
        }
    }

    /** Where the result goes; found to be writable before training starts. */
    private interface Result {
        void save(CausalLm decoder, Lora lora) throws IOException;
    }

    private Result result() throws IOException {
        Path output = Files.createDirectories(config.output().directory());
        if (config.model().tuning() == ModelKeys.Tuning.LORA) {
            AdapterDirectory directory = new AdapterDirectory(output.resolve("adapter"));
            directory.requireWritable();
            String base = config.model().directory().toAbsolutePath().toString();
            return (decoder, lora) -> directory.save(lora, base);
        }
        ModelDirectory directory = new ModelDirectory(output.resolve("model"), source.writer());
        return (decoder, lora) -> directory.save(decoder, source.configText(), source.directory());
    }

    private DynamicTrainer trainer(Model model, Progress progress) {
        DynamicTrainer.Builder builder =
                DynamicTrainer.builder()
                        .setModel(model)
                        .setTrainingConfig(
                                new DefaultTrainingConfig(CausalLmLoss.byToken())
                                        .optOptimizer(config.optimizer().optimizer(steps)))
                        .setPool(data.pool())
                        .setSteps(steps)
                        .setBatchSize(config.optimizer().batchSize())
                        .optAccumulation(config.optimizer().accumulation())
                        .optClipNorm(config.optimizer().clipNorm())
                        .optSeed(config.output().seed())
                        .optRunDirectory(config.output().directory().resolve("run"))
                        .optCheckpointInterval(config.output().saveSteps())
                        .optCheckpointsKept(config.output().checkpointsKept())
                        .on(StepCompleted.class, progress::show);
        config.optimizer().tokensPerBatch().ifPresent(builder::optTokensPerBatch);
        strategies.addTo(builder);
        addValidation(builder);
        return builder.build();
    }

    private void addValidation(DynamicTrainer.Builder builder) {
        data.evaluationSets().forEach(builder::addValidationSet);
        data.validationSets().forEach(builder::addValidationSet);
        boolean isMeasured = !data.evaluationSets().isEmpty() || !data.validationSets().isEmpty();
        if (config.output().evaluationSteps() > 0 && isMeasured) {
            builder.optValidationInterval(config.output().evaluationSteps());
        }
    }

    @Override
    public void close() {
        data.close();
        source.close();
    }
}
