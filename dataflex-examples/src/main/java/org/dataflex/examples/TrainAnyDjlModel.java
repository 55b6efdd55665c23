package org.dataflex.examples;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.dataset.ArrayDataset;
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
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.examples.snippets.SnippetTask;
import org.dataflex.loss.ClassificationLoss;
import org.dataflex.selectors.LossSelector;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.Selector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Any DJL block and dataset: a small classifier learns from labels of which many are wrong, once on
 * everything and once on the samples that a selector trusts.
 *
 * <p>A model learns what is regular before it learns what is wrong by heart, so wrongly labelled
 * samples have high losses early on. {@link LossSelector} with a low focus then leaves most of them
 * out.
 */
@Command(name = "TrainAnyDjlModel", mixinStandardHelpOptions = true)
public final class TrainAnyDjlModel implements Callable<Integer> {

    private static final int SNIPPETS_PER_DOMAIN = 400;
    private static final int BATCH_SIZE = 32;

    @Option(names = "--steps", defaultValue = "1500", description = "Steps (${DEFAULT-VALUE}).")
    private long steps;

    @Option(names = "--seeds", defaultValue = "3", description = "Runs (${DEFAULT-VALUE}).")
    private int seeds;

    @Option(
            names = "--wrong-labels",
            defaultValue = "0.4",
            description = "Share of training labels that are wrong (${DEFAULT-VALUE}).")
    private double wrongLabels;

    private ProgressBar progress;

    TrainAnyDjlModel() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.main(new TrainAnyDjlModel(), arguments);
    }

    @Override
    public Integer call() throws IOException, TranslateException {
        ExampleCommand.requireAtLeast(this, "--steps", steps, 1);
        ExampleCommand.requireAtLeast(this, "--seeds", seeds, 1);
        ExampleCommand.requireShare(this, "--wrong-labels", wrongLabels);
        progress = new ProgressBar("training", 2 * seeds * steps);
        Map<String, List<Outcome>> outcomes = new LinkedHashMap<>();
        for (long seed = 1; seed <= seeds; seed++) {
            SnippetTask task = SnippetTask.load(SNIPPETS_PER_DOMAIN, wrongLabels, seed);
            add(outcomes, "all samples", train(task, seed, null));
            add(outcomes, "LossSelector, low focus", train(task, seed, trustingSelector()));
        }
        System.out.printf(
                Locale.ROOT,
                "%n%-26s%22s%22s%n",
                "trained on",
                "held-out accuracy",
                "wrong labels among");
        outcomes.forEach(TrainAnyDjlModel::print);
        return 0;
    }

    private static Selector trustingSelector() {
        return LossSelector.builder()
                .optFocus(LossSelector.Focus.LOW)
                .optFocusWeight(50)
                .optQuantiles(0.6, 0.8)
                .build();
    }

    private record Outcome(double accuracy, double wrongShare) {}

    private static void add(Map<String, List<Outcome>> outcomes, String name, Outcome outcome) {
        outcomes.computeIfAbsent(name, any -> new ArrayList<>()).add(outcome);
    }

    private Outcome train(SnippetTask task, long seed, Selector selector)
            throws IOException, TranslateException {
        double[] wrongShare = {wrongShare(task)};
        try (NDManager manager = NDManager.newBaseManager();
                Model model = task.model()) {
            ArrayDataset dataset = SnippetTask.dataset(manager, task.training());
            DynamicTrainer.Builder builder =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(
                                    new DefaultTrainingConfig(new ClassificationLoss())
                                            .optOptimizer(
                                                    Optimizer.adam()
                                                            .optLearningRateTracker(
                                                                    Tracker.fixed(2e-3f))
                                                            .build()))
                            .setPool(CandidatePool.of(dataset))
                            .setSteps(steps)
                            .setBatchSize(BATCH_SIZE)
                            .optSeed(seed)
                            .on(StepCompleted.class, e -> progress.increment(1));
            if (selector != null) {
                builder.optSelector(selector, UpdateSchedule.every(50).afterWarmUp(100))
                        .optSelectionBudget(task.training().size() / 2)
                        .on(DecisionApplied.class, e -> wrongShare[0] = wrongShare(task, e));
            }
            try (DynamicTrainer trainer = builder.build()) {
                trainer.fit();
            }
            SampleSet heldOut = SampleSet.of(SnippetTask.dataset(manager, task.heldOut()));
            return new Outcome(Accuracy.of(model, heldOut), wrongShare[0]);
        }
    }

    private static double wrongShare(SnippetTask task) {
        return task.training().stream().filter(s -> s.isWrong()).count()
                / (double) task.training().size();
    }

    private static double wrongShare(SnippetTask task, DecisionApplied event) {
        Selection chosen = (Selection) event.decision();
        long wrong =
                chosen.indices().stream()
                        .filter(i -> task.training().get((int) i).isWrong())
                        .count();
        return wrong / (double) chosen.indices().size();
    }

    private static void print(String name, List<Outcome> outcomes) {
        System.out.printf(
                Locale.ROOT,
                "%-26s%22s%22s%n",
                name,
                Accuracy.percent(outcomes.stream().mapToDouble(Outcome::accuracy).toArray()),
                Accuracy.percent(outcomes.stream().mapToDouble(Outcome::wrongShare).toArray()));
    }
}
