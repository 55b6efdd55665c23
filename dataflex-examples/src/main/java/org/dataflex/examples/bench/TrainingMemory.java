package org.dataflex.examples.bench;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.dataflex.DynamicTrainer;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.TokenSequences;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.examples.ResidentMemory;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.lm.Lora;
import org.dataflex.lm.LoraConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.optim.AdamW;
import org.dataflex.torch.Precision;

/**
 * The most memory that training takes, each case in a process of its own: the {@link
 * ReferenceDecoder}, and a random decoder of the sizes of Qwen2.5-0.5B, with and without activation
 * checkpointing.
 */
public final class TrainingMemory {

    private static final int STEPS = 4;
    private static final String CHECKPOINTING = "-checkpointing";

    /** Sizes of Qwen/Qwen2.5-0.5B, config.json. */
    private static final DecoderConfig HALF_BILLION =
            DecoderConfig.builder()
                    .setVocabularySize(151_936)
                    .setHiddenSize(896)
                    .setNumLayers(24)
                    .setNumHeads(14)
                    .optNumKeyValueHeads(2)
                    .optIntermediateSize(4864)
                    .optMaxPositions(32_768)
                    .optRopeTheta(1e6)
                    .optRmsNormEps(1e-6)
                    .optQueryKeyValueBias(true)
                    .optTieWordEmbeddings(true)
                    .build();

    /** What one process trains. */
    private record Case(
            CausalLm decoder, int batchSize, int length, boolean isLora, boolean checkpoints) {}

    /** What one process tells, in MiB and seconds. */
    private record Measured(long peak, long before, double secondsPerStep) {

        static Measured parse(String line) {
            String[] numbers = line.strip().split(" ");
            return new Measured(
                    Long.parseLong(numbers[0]),
                    Long.parseLong(numbers[1]),
                    Double.parseDouble(numbers[2]));
        }

        String line() {
            return peak + " " + before + " " + secondsPerStep;
        }
    }

    private TrainingMemory() {}

    /**
     * Prints one line a case; with checkpointing, what share of the case before it that is.
     *
     * @param arguments names of cases, each before itself with checkpointing; by default all. In a
     *     child process: "in" and the case
     * @throws Exception if training fails
     */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 2 && arguments[0].equals("in")) {
            train(arguments[1]);
            return;
        }
        List<String> all =
                List.of(
                        "small",
                        "small-checkpointing",
                        "half-billion-lora",
                        "half-billion-lora-checkpointing",
                        "half-billion",
                        "half-billion-checkpointing");
        Measured last = null;
        for (String name : arguments.length == 0 ? all : List.of(arguments)) {
            Measured measured = inAProcess(name);
            print(name, measured, last);
            last = measured;
        }
    }

    private static Measured inAProcess(String name) throws IOException, InterruptedException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process =
                new ProcessBuilder(
                                java.toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                TrainingMemory.class.getName(),
                                "in",
                                name)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String printed =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(name + " ended with exit code " + process.exitValue());
        }
        return Measured.parse(printed);
    }

    private static Case parse(String name) {
        boolean checkpoints = name.endsWith(CHECKPOINTING);
        boolean isLora = name.contains("-lora");
        if (name.startsWith("small")) {
            return new Case(
                    ReferenceDecoder.make(Precision.FLOAT32),
                    ReferenceDecoder.BATCH_SIZE,
                    ReferenceDecoder.LENGTH,
                    isLora,
                    checkpoints);
        }
        return new Case(new CausalLm(HALF_BILLION, 1), 1, 1024, isLora, checkpoints);
    }

    private static void train(String name) throws Exception {
        Case one = parse(name);
        CausalLm decoder = one.decoder();
        decoder.setActivationCheckpointing(one.checkpoints());
        TokenSequences tokens =
                ReferenceDecoder.tokens(STEPS * one.batchSize(), one.length(), one.length());
        List<Double> seconds = new ArrayList<>();
        try (Model model = Model.newInstance("decoder")) {
            model.setBlock(decoder);
            decoder.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
            if (one.isLora()) {
                Lora.attach(decoder, LoraConfig.builder().setRank(16).build(), 1);
            }
            long before = ResidentMemory.now().orElse(0);
            try (DynamicTrainer trainer =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(
                                    new DefaultTrainingConfig(new CausalLmLoss())
                                            .optOptimizer(AdamW.builder().build()))
                            .setPool(CandidatePool.of(tokens))
                            .setSteps(STEPS)
                            .setBatchSize(one.batchSize())
                            .on(StepCompleted.class, e -> seconds.add(e.elapsed().toMillis() / 1e3))
                            .build()) {
                trainer.fit();
            }
            double median = ReferenceDecoder.median(seconds.subList(1, seconds.size()));
            long peak = ResidentMemory.peak().orElse(0);
            System.out.println(new Measured(peak, before, median).line());
        }
    }

    private static void print(String name, Measured measured, Measured last) {
        System.out.printf(
                Locale.ROOT,
                "%-32s peak %6d MiB, %6d before training, %6.2f s a step%n",
                name,
                measured.peak(),
                measured.before(),
                measured.secondsPerStep());
        if (name.endsWith(CHECKPOINTING) && last != null) {
            System.out.printf(
                    Locale.ROOT,
                    "%-32s x %.2f of the memory and x %.2f of the time without%n",
                    "",
                    (double) measured.peak() / last.peak(),
                    measured.secondsPerStep() / last.secondsPerStep());
        }
    }
}
