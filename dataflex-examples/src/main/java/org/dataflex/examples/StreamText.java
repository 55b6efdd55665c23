package org.dataflex.examples;

import ai.djl.Model;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.ByteTokens;
import org.dataflex.data.format.DatasetLayout;
import org.dataflex.data.format.FollowedFiles;
import org.dataflex.data.store.StreamingPool;
import org.dataflex.data.template.ByteEncoder;
import org.dataflex.event.TrainingEvent.SamplesArrived;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.event.TrainingEvent.Validated;
import org.dataflex.examples.corpus.BundledCorpus;
import org.dataflex.examples.quickstart.TextData;
import org.dataflex.examples.stream.NewsWriter;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.optim.AdamW;
import org.dataflex.selectors.LossSelector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Trains a small decoder on a file while texts are appended to it; a selector chooses from the
 * newest windows of text. Started again, it goes on where it was stopped.
 */
@Command(name = "StreamText", mixinStandardHelpOptions = true)
public final class StreamText implements Callable<Integer> {

    private static final int BATCH_SIZE = 16;
    private static final int WINDOW = 1_000;
    private static final long INTERVAL = 20;

    @Option(names = "--steps", defaultValue = "200", description = "Steps (${DEFAULT-VALUE}).")
    private long steps;

    @Option(names = "--seed", defaultValue = "42", description = "Seed (${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--follow",
            description =
                    "A .txt or .jsonl file (column text) that grows, or a directory of such;"
                            + " without it the example appends text to one of its own.")
    private Path follow;

    @Option(
            names = "--output",
            defaultValue = "runs/stream",
            description = "Where the run and what arrived are kept (${DEFAULT-VALUE}).")
    private Path output;

    StreamText() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.main(new StreamText(), arguments);
    }

    @Override
    public Integer call() throws IOException, TranslateException {
        ExampleCommand.requireAtLeast(this, "--steps", steps, 1);
        TextData data = TextData.of(BundledCorpus.load(BundledCorpus.MIN_BYTES_PER_DOMAIN));
        NewsWriter writer = follow == null ? NewsWriter.of(output.resolve("news.jsonl")) : null;
        try (StreamingPool pool = pool(writer == null ? follow : writer.file());
                Model model = Model.newInstance("decoder")) {
            model.setBlock(new CausalLm(DecoderConfig.small(ByteTokens.VOCABULARY_SIZE), seed));
            DynamicTrainer.Builder builder = trainer(model, pool);
            data.heldOut().forEach(builder::addValidationSet);
            if (writer != null) {
                builder.on(StepCompleted.class, e -> writer.write(e.step()));
            }
            try (DynamicTrainer trainer = builder.build()) {
                trainer.fit();
            }
        }
        System.out.println("decisions: " + output.resolve("run").resolve("events.jsonl"));
        return 0;
    }

    private DynamicTrainer.Builder trainer(Model model, StreamingPool pool) {
        return DynamicTrainer.builder()
                .setModel(model)
                .setTrainingConfig(
                        new DefaultTrainingConfig(new CausalLmLoss())
                                .optOptimizer(AdamW.builder().build()))
                .setPool(pool)
                .setSteps(steps)
                .setBatchSize(BATCH_SIZE)
                .optSeed(seed)
                .optSelector(
                        LossSelector.builder().optFocus(LossSelector.Focus.MEDIUM).build(),
                        UpdateSchedule.every(INTERVAL).afterWarmUp(INTERVAL))
                .optRunDirectory(output.resolve("run"))
                .optCheckpointInterval(INTERVAL)
                .optValidationInterval(2 * INTERVAL)
                .on(SamplesArrived.class, StreamText::print)
                .on(Validated.class, StreamText::print);
    }

    private StreamingPool pool(Path news) throws IOException {
        Files.createDirectories(output);
        return StreamingPool.builder()
                .setTokenizer(new ByteEncoder())
                .setStream(FollowedFiles.of(news, DatasetLayout.text("text")))
                .setStore(output.resolve("arrived"))
                .setWindow(WINDOW)
                .setInterval(INTERVAL)
                .optCutoffLength(TextData.WINDOW)
                .build();
    }

    private static void print(SamplesArrived event) {
        System.out.printf(
                Locale.ROOT,
                "step %4d  %,6d samples arrived, %,7d in all, %,6d are candidates%n",
                event.step(),
                event.arrived(),
                event.size(),
                event.window());
    }

    private static void print(Validated event) {
        double mean =
                event.losses().values().stream().mapToDouble(loss -> loss).average().orElseThrow();
        System.out.printf(
                Locale.ROOT, "step %4d  held-out loss %.3f nats a byte%n", event.step(), mean);
    }
}
