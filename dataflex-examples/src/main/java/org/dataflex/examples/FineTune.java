package org.dataflex.examples;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.util.ProgressBar;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.dataflex.DynamicTrainer;
import org.dataflex.TrainingReport;
import org.dataflex.data.CandidatePool;
import org.dataflex.event.TrainingEvent.RunStarted;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.examples.finetune.CountedTokens;
import org.dataflex.examples.finetune.FineTuneInputs;
import org.dataflex.examples.finetune.InstructionFile;
import org.dataflex.examples.finetune.ResultWriter;
import org.dataflex.lm.AdapterDirectory;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.lm.Lora;
import org.dataflex.lm.LoraConfig;
import org.dataflex.lm.ModelDirectory;
import org.dataflex.lm.WeightFilesWriter;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.optim.AdamW;
import org.dataflex.optim.LearningRateSchedule;
import org.dataflex.torch.Precision;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Fine-tunes a Hugging Face model directory on a file of instructions, all parameters or LoRA, and
 * writes a directory that transformers loads.
 */
@Command(name = "FineTune", mixinStandardHelpOptions = true)
public final class FineTune implements Callable<Integer> {

    @Option(names = "--model", required = true, description = "Hugging Face model directory.")
    private Path model;

    @Option(
            names = "--data",
            required = true,
            description = "JSON or JSON lines with instruction, input, output.")
    private Path data;

    @Option(names = "--output", required = true, description = "Directory to write.")
    private Path output;

    @Option(
            names = "--lora",
            defaultValue = "0",
            description = "Rank of LoRA on all linear layers; 0 trains all (${DEFAULT-VALUE}).")
    private int loraRank;

    @Option(names = "--steps", defaultValue = "100", description = "Steps (${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--batch-size",
            defaultValue = "8",
            description = "Samples a step (${DEFAULT-VALUE}).")
    private int batchSize;

    @Option(
            names = "--learning-rate",
            defaultValue = "2e-4",
            description = "Peak, after a warm-up of a tenth (${DEFAULT-VALUE}).")
    private float learningRate;

    @Option(
            names = "--max-length",
            defaultValue = "256",
            description = "Tokens; longer samples are left out (${DEFAULT-VALUE}).")
    private int maxLength;

    @Option(names = "--seed", defaultValue = "42", description = "Seed (${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--bf16", description = "Multiply in bfloat16; weights stay float32.")
    private boolean bf16;

    @Option(
            names = "--checkpointing",
            description = "Keep layers' inputs only: less memory, a third more time.")
    private boolean checkpointing;

    @Option(
            names = "--adapter-only",
            description = "With --lora: write the adapter in PEFT's format, not the merged model.")
    private boolean adapterOnly;

    private long tokens;
    private Duration trained = Duration.ZERO;

    FineTune() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.main(new FineTune(), arguments);
    }

    @Override
    public Integer call() throws IOException, TranslateException {
        requireSound();
        FineTuneInputs inputs = FineTuneInputs.read(model, data, maxLength);
        System.out.println(inputs.form());
        print(inputs.samples());
        Target target = adapterOnly ? adapterTarget() : modelTarget(inputs);
        CausalLm decoder = decoder(inputs.config().decoder());
        try (Model djl = Model.newInstance(model.getFileName().toString())) {
            djl.setBlock(decoder);
            inputs.weights().load(decoder, djl.getNDManager());
            decoder.initialize(djl.getNDManager(), DataType.FLOAT32, new Shape(1, maxLength));
            Lora lora = loraRank == 0 ? null : Lora.attach(decoder, lora(), seed);
            TrainingReport report = train(djl, inputs.samples());
            target.save(decoder, lora);
            print(report);
        }
        return 0;
    }

    private void requireSound() {
        ExampleCommand.requireAtLeast(this, "--lora", loraRank, 0);
        ExampleCommand.requireAtLeast(this, "--steps", steps, 1);
        ExampleCommand.requireAtLeast(this, "--batch-size", batchSize, 1);
        ExampleCommand.requireAtLeast(this, "--max-length", maxLength, 2);
        if (!(learningRate > 0 && learningRate < Float.POSITIVE_INFINITY)) {
            throw ExampleCommand.refused(
                    this, "--learning-rate = " + learningRate + ", must be positive and finite");
        }
        if (adapterOnly && loraRank == 0) {
            throw ExampleCommand.refused(
                    this, "--adapter-only needs --lora: there is no adapter to write");
        }
    }

    /** Makes the decoder as the options want it, without values yet. */
    CausalLm decoder(DecoderConfig sizes) {
        CausalLm decoder = new CausalLm(sizes, seed);
        decoder.setPrecision(bf16 ? Precision.BFLOAT16 : Precision.FLOAT32);
        decoder.setActivationCheckpointing(checkpointing);
        return decoder;
    }

    /** Where the result goes; found to be writable before training starts. */
    private interface Target {
        void save(CausalLm decoder, Lora lora) throws IOException;
    }

    private Target modelTarget(FineTuneInputs inputs) throws IOException {
        WeightFilesWriter writer = ResultWriter.like(model, inputs.weights());
        ModelDirectory directory = new ModelDirectory(output, writer);
        String config = Files.readString(model.resolve("config.json"));
        return (decoder, lora) -> {
            if (lora != null) {
                lora.merge();
            }
            directory.save(decoder, config, model);
        };
    }

    private Target adapterTarget() throws IOException {
        AdapterDirectory directory = new AdapterDirectory(output);
        directory.requireWritable();
        return (decoder, lora) -> directory.save(lora, model.toAbsolutePath().toString());
    }

    private LoraConfig lora() {
        return LoraConfig.builder().setRank(loraRank).build();
    }

    private TrainingReport train(Model djl, InstructionFile samples)
            throws IOException, TranslateException {
        ProgressBar bar = new ProgressBar("fine-tuning", steps);
        CountedTokens training = new CountedTokens(samples.training());
        LearningRateSchedule schedule =
                LearningRateSchedule.cosine(learningRate, 0, steps / 10, steps);
        AdamW adamW = AdamW.builder().optLearningRateTracker(schedule).build();
        try (DynamicTrainer trainer =
                DynamicTrainer.builder()
                        .setModel(djl)
                        .setTrainingConfig(
                                new DefaultTrainingConfig(new CausalLmLoss()).optOptimizer(adamW))
                        .setPool(CandidatePool.of(training))
                        .setSteps(steps)
                        .setBatchSize(batchSize)
                        .optClipNorm(1)
                        .optSeed(seed)
                        .addValidationSet("held-out", samples.heldOut())
                        .on(RunStarted.class, e -> training.takeCount())
                        .on(StepCompleted.class, e -> show(bar, e, training.takeCount()))
                        .build()) {
            return trainer.fit();
        }
    }

    private void show(ProgressBar bar, StepCompleted event, long tokensOfStep) {
        tokens += tokensOfStep;
        trained = trained.plus(event.elapsed());
        bar.update(
                event.step() - 1,
                String.format(
                        Locale.ROOT,
                        "loss %.3f, %.0f tokens/s%s",
                        event.loss(),
                        tokensOfStep * 1e9 / event.elapsed().toNanos(),
                        memory(ResidentMemory.now())));
    }

    private static String memory(OptionalLong mebibytes) {
        return mebibytes.isPresent() ? ", " + mebibytes.getAsLong() + " MiB" : "";
    }

    private void print(InstructionFile samples) {
        System.out.printf(
                Locale.ROOT,
                "%,d samples to train on, %,d held out, %,d left out as longer than %d"
                        + " tokens%n",
                samples.training().size(),
                samples.heldOut().size(),
                samples.tooLong(),
                maxLength);
    }

    private void print(TrainingReport report) {
        NavigableMap<Long, Double> losses = report.validationLosses().get("held-out");
        System.out.printf(
                Locale.ROOT,
                "held-out loss %.4f before, %.4f after %d steps (%d s, %.0f tokens/s%s at most);"
                        + " written to %s%n",
                losses.firstEntry().getValue(),
                losses.lastEntry().getValue(),
                report.step(),
                report.elapsed().toSeconds(),
                tokens * 1e9 / trained.toNanos(),
                memory(ResidentMemory.peak()),
                output);
    }
}
