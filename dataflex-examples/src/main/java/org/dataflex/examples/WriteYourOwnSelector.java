package org.dataflex.examples;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.training.util.ProgressBar;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleSet;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.examples.snippets.SnippetTask;
import org.dataflex.loss.ClassificationLoss;
import org.dataflex.selectors.RandomSelector;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A selector of one's own: margin sampling, which trains on what the model is least sure about,
 * against random choice with the same number of steps.
 */
@Command(name = "WriteYourOwnSelector", mixinStandardHelpOptions = true)
public final class WriteYourOwnSelector implements Callable<Integer> {

    /** Chooses the samples with the smallest margin between the two highest scores. */
    static final class SmallestMargin implements Selector {

        @Override
        public Selection select(SelectionContext context) {
            NDArray scores = context.model().infer(context.candidates()).head(); // [n, classes]
            NDArray sorted = scores.softmax(1).sort(1);
            NDArray margin = sorted.get(new NDIndex(":, -1")).sub(sorted.get(new NDIndex(":, -2")));
            return Selection.highest(
                    context.candidates(), margin.neg().toFloatArray(), context.budget());
        }
    }

    private static final int SNIPPETS_PER_DOMAIN = 400;
    private static final int BATCH_SIZE = 32;

    @Option(names = "--steps", defaultValue = "200", description = "Steps (${DEFAULT-VALUE}).")
    private long steps;

    @Option(names = "--seeds", defaultValue = "5", description = "Runs (${DEFAULT-VALUE}).")
    private int seeds;

    private ProgressBar progress;

    WriteYourOwnSelector() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.main(new WriteYourOwnSelector(), arguments);
    }

    @Override
    public Integer call() throws IOException, TranslateException {
        ExampleCommand.requireAtLeast(this, "--steps", steps, 1);
        ExampleCommand.requireAtLeast(this, "--seeds", seeds, 1);
        progress = new ProgressBar("training", 2 * seeds * steps);
        SnippetTask task = SnippetTask.load(SNIPPETS_PER_DOMAIN, 0, 1);
        Map<String, List<Double>> accuracies = new LinkedHashMap<>();
        for (Selector selector : List.of(new RandomSelector(), new SmallestMargin())) {
            for (long seed = 1; seed <= seeds; seed++) {
                accuracies
                        .computeIfAbsent(selector.name(), any -> new ArrayList<>())
                        .add(train(task, selector, seed));
            }
        }
        System.out.printf(Locale.ROOT, "%n%-18s%22s%n", "selector", "held-out accuracy");
        accuracies.forEach(
                (name, values) ->
                        System.out.printf(
                                Locale.ROOT,
                                "%-18s%22s%n",
                                name,
                                Accuracy.percent(values.stream().mapToDouble(v -> v).toArray())));
        return 0;
    }

    private double train(SnippetTask task, Selector selector, long seed)
            throws IOException, TranslateException {
        try (NDManager manager = NDManager.newBaseManager();
                Model model = task.model()) {
            try (DynamicTrainer trainer =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(
                                    new DefaultTrainingConfig(new ClassificationLoss())
                                            .optOptimizer(
                                                    Optimizer.adam()
                                                            .optLearningRateTracker(
                                                                    Tracker.fixed(2e-3f))
                                                            .build()))
                            .setPool(
                                    CandidatePool.of(SnippetTask.dataset(manager, task.training())))
                            .setSteps(steps)
                            .setBatchSize(BATCH_SIZE)
                            .optSelector(selector, UpdateSchedule.every(50).afterWarmUp(100))
                            .optSelectionBudget(task.training().size() / 2)
                            .optSeed(seed)
                            .on(StepCompleted.class, e -> progress.increment(1))
                            .build()) {
                trainer.fit();
            }
            return Accuracy.of(model, SampleSet.of(SnippetTask.dataset(manager, task.heldOut())));
        }
    }
}
