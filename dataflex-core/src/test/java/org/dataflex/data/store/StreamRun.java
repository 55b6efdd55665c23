package org.dataflex.data.store;

import ai.djl.Model;
import ai.djl.training.DefaultTrainingConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import org.dataflex.DynamicTrainer;
import org.dataflex.TrainingReport;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.format.DatasetLayout;
import org.dataflex.data.format.FollowedFiles;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.optim.AdamW;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;
import org.dataflex.testing.KilledRuns;
import org.dataflex.testing.NoLeaks;

/** A short run on a file that grows by a line a step; in a JVM of its own if it is killed. */
final class StreamRun {

    static final long STEPS = 24;

    private static final long KILLED_AT = 15; // past the arrivals of step 12, not saved yet
    private static final int LINES_AT_START = 3;

    /** Prefers large losses. */
    static final class LargestLoss implements Selector {
        @Override
        public Selection select(SelectionContext context) {
            return Selection.highest(
                    context.candidates(),
                    context.model().losses(context.candidates()),
                    context.budget());
        }
    }

    private final Path directory;

    StreamRun(Path directory) {
        this.directory = directory;
    }

    /** Runs until it kills itself; the argument is a directory. */
    public static void main(String[] arguments) throws Exception {
        new StreamRun(Path.of(arguments[0]))
                .fit(
                        builder ->
                                builder.on(
                                        StepCompleted.class,
                                        e -> {
                                            if (e.step() == KILLED_AT) {
                                                Runtime.getRuntime().halt(KilledRuns.KILLED);
                                            }
                                        }));
    }

    TrainingReport fit(Consumer<DynamicTrainer.Builder> change) throws Exception {
        grow(0);
        try (StreamingPool pool = pool().build()) {
            return fit(pool, change);
        }
    }

    /** Brings the file to what it holds when so many steps have been made. */
    void grow(long step) {
        try {
            Path file = directory.resolve("news.txt");
            Files.createDirectories(directory);
            long lines = Files.exists(file) ? Files.readAllLines(file).size() : 0;
            for (long i = lines; i < LINES_AT_START + step; i++) {
                Files.writeString(
                        file,
                        "line " + i * i + "\n",
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    StreamingPoolBuilder pool() throws IOException {
        return StreamingPool.builder()
                .setTokenizer(new LetterEncoder("letters"))
                .setStream(
                        FollowedFiles.of(directory.resolve("news.txt"), DatasetLayout.text("text")))
                .setStore(directory.resolve("arrived"))
                .setWindow(6)
                .setInterval(4)
                .optCutoffLength(16);
    }

    /** A pool of samples that the model has too few positions for. */
    StreamingPool longTexts() throws IOException {
        grow(0);
        return pool().optCutoffLength(17).build();
    }

    TrainingReport fit(StreamingPool pool, Consumer<DynamicTrainer.Builder> change)
            throws Exception {
        try (Model model = Model.newInstance("decoder")) {
            model.setBlock(new CausalLm(config(), 1));
            DynamicTrainer.Builder builder =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(
                                    new DefaultTrainingConfig(new CausalLmLoss())
                                            .optOptimizer(AdamW.builder().build())
                                            .addTrainingListeners(NoLeaks.cap()))
                            .setPool(pool)
                            .setSteps(STEPS)
                            .setBatchSize(2)
                            .optSelector(new LargestLoss(), UpdateSchedule.every(4).afterWarmUp(4))
                            .optSelectionBudget(3)
                            .optRunDirectory(directory.resolve("run"))
                            .optCheckpointInterval(5)
                            .on(StepCompleted.class, e -> grow(e.step()));
            change.accept(builder);
            try (DynamicTrainer trainer = builder.build()) {
                return trainer.fit();
            }
        }
    }

    private static DecoderConfig config() {
        return DecoderConfig.builder()
                .setVocabularySize(128)
                .setHiddenSize(8)
                .setNumLayers(1)
                .setNumHeads(2)
                .optMaxPositions(16)
                .build();
    }
}
