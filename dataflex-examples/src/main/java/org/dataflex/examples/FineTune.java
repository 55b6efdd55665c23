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
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.Callable;
import org.dataflex.DynamicTrainer;
import org.dataflex.TrainingReport;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.data.CandidatePool;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.examples.finetune.InstructionFile;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.HuggingFaceConfig;
import org.dataflex.lm.Lora;
import org.dataflex.lm.LoraConfig;
import org.dataflex.lm.ModelDirectory;
import org.dataflex.lm.TextTokenizer;
import org.dataflex.lm.WeightFiles;
import org.dataflex.lm.WeightFilesWriter;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.optim.AdamW;
import org.dataflex.optim.LearningRateSchedule;
import picocli.CommandLine;
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
            description = "JSON lines with instruction, input, output.")
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
        HuggingFaceConfig config = HuggingFaceConfig.read(model.resolve("config.json"));
        WeightFiles weights = WeightFiles.open(model);
        ModelDirectory target = new ModelDirectory(output, WeightFilesWriter.of(mainType(weights)));
        InstructionFile samples = read(config);
        CausalLm decoder = new CausalLm(config.decoder(), seed);
        try (Model djl = Model.newInstance(model.getFileName().toString())) {
            djl.setBlock(decoder);
            weights.load(decoder, djl.getNDManager());
            decoder.initialize(djl.getNDManager(), DataType.FLOAT32, new Shape(1, maxLength));
            Lora lora = loraRank == 0 ? null : Lora.attach(decoder, lora(), seed);
            TrainingReport report = train(djl, samples);
            if (lora != null) {
                lora.merge();
            }
            target.save(decoder, Files.readString(model.resolve("config.json")), model);
            print(report);
        }
        return 0;
    }

    private LoraConfig lora() {
        return LoraConfig.builder().setRank(loraRank).build();
    }

    /** The type that most weights are stored in; the result is stored alike. */
    private static SafetensorsType mainType(WeightFiles weights) {
        return weights.numValuesByType().entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    private InstructionFile read(HuggingFaceConfig config) throws IOException {
        try (TextTokenizer tokenizer = TextTokenizer.open(model)) {
            int known = config.decoder().vocabularySize();
            if (tokenizer.vocabularySize() > known) {
                throw new IOException(
                        "the tokenizer of "
                                + model
                                + " has "
                                + tokenizer.vocabularySize()
                                + " tokens, the model "
                                + known
                                + "; they do not belong together");
            }
            if (maxLength > config.decoder().maxPositions()) {
                throw new CommandLine.ParameterException(
                        new CommandLine(this),
                        "--max-length = "
                                + maxLength
                                + " exceeds the model's "
                                + config.decoder().maxPositions()
                                + " positions");
            }
            InstructionFile samples = InstructionFile.read(data, tokenizer, maxLength);
            if (samples.training().size() == 0 || samples.heldOut().size() == 0) {
                throw new IOException(
                        data
                                + " leaves "
                                + samples.training().size()
                                + " samples to train on and "
                                + samples.heldOut().size()
                                + " to measure on, "
                                + samples.tooLong()
                                + " were longer than --max-length = "
                                + maxLength);
            }
            System.out.printf(
                    Locale.ROOT,
                    "%,d samples to train on, %,d held out, %,d left out as empty or longer than"
                            + " %d tokens%n",
                    samples.training().size(),
                    samples.heldOut().size(),
                    samples.tooLong(),
                    maxLength);
            return samples;
        }
    }

    private TrainingReport train(Model djl, InstructionFile samples)
            throws IOException, TranslateException {
        ProgressBar bar = new ProgressBar("fine-tuning", steps);
        LearningRateSchedule schedule =
                LearningRateSchedule.cosine(learningRate, 0, steps / 10, steps);
        try (DynamicTrainer trainer =
                DynamicTrainer.builder()
                        .setModel(djl)
                        .setTrainingConfig(
                                new DefaultTrainingConfig(new CausalLmLoss())
                                        .optOptimizer(
                                                AdamW.builder()
                                                        .optLearningRateTracker(schedule)
                                                        .build()))
                        .setPool(CandidatePool.of(samples.training()))
                        .setSteps(steps)
                        .setBatchSize(batchSize)
                        .optClipNorm(1)
                        .optSeed(seed)
                        .addValidationSet("held-out", samples.heldOut())
                        .on(StepCompleted.class, e -> bar.update(e.step() - 1, status(e)))
                        .build()) {
            return trainer.fit();
        }
    }

    private static String status(StepCompleted event) {
        Runtime runtime = Runtime.getRuntime();
        return String.format(
                Locale.ROOT,
                "loss %.3f, %.2f s a step, heap %d MB",
                event.loss(),
                event.elapsed().toMillis() / 1e3,
                (runtime.totalMemory() - runtime.freeMemory()) >> 20);
    }

    private void print(TrainingReport report) {
        NavigableMap<Long, Double> losses = report.validationLosses().get("held-out");
        System.out.printf(
                Locale.ROOT,
                "held-out loss %.4f before, %.4f after %d steps (%d s); written to %s%n",
                losses.firstEntry().getValue(),
                losses.lastEntry().getValue(),
                report.step(),
                report.elapsed().toSeconds(),
                output);
    }
}
