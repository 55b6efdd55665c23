package org.dataflex.examples.selectfortarget;

import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;
import org.dataflex.model.Pooling;
import org.dataflex.selectors.ClusterLessSelector;
import org.dataflex.selectors.DeltaLossSelector;
import org.dataflex.selectors.EmbeddingSource;
import org.dataflex.selectors.GreatsSelector;
import org.dataflex.selectors.LessSelector;
import org.dataflex.selectors.LossSelector;
import org.dataflex.selectors.NearSelector;
import org.dataflex.selectors.RandomSelector;
import org.dataflex.selectors.TsdsSelector;
import org.dataflex.strategy.Selector;

/**
 * A selector in the comparison.
 *
 * @param name what the table calls it
 * @param selector makes the selector for a target set
 * @param schedule when it is asked
 * @param candidates how many candidates it sees at an update, or all
 * @param budget how many it then chooses
 */
record Contender(
        String name,
        Function<TokenSequences, Selector> selector,
        UpdateSchedule schedule,
        OptionalInt candidates,
        int budget) {

    private static final String TARGET = "target";

    /** What GREATS draws for each sample that it keeps. */
    private static final int DRAWN_PER_KEPT = 4;

    /** Returns all selectors, the baseline first. */
    static List<Contender> all(TargetRun run) {
        return List.of(
                once(run, "random", targets -> new RandomSelector()),
                once(run, "loss", targets -> LossSelector.builder().build()),
                deltaLoss(run),
                once(
                        run,
                        "NEAR",
                        targets ->
                                NearSelector.builder().setEmbeddings(embeddings(targets)).build()),
                once(
                        run,
                        "TSDS",
                        targets ->
                                TsdsSelector.builder().setEmbeddings(embeddings(targets)).build()),
                once(
                        run,
                        "LESS",
                        targets -> LessSelector.builder().addSubtask(TARGET, targets).build()),
                once(
                        run,
                        "cluster-less",
                        targets ->
                                ClusterLessSelector.builder().addSubtask(TARGET, targets).build()),
                once(
                        run,
                        "NICE",
                        targets -> Continuation.nice(TARGET, targets, run.data().length())),
                greats(run));
    }

    private static EmbeddingSource embeddings(SampleSet targets) {
        return EmbeddingSource.trainingModel(targets, Pooling.MEAN);
    }

    /** Asked once, after the warm-up, for all samples that are left to train on. */
    private static Contender once(
            TargetRun run, String name, Function<TokenSequences, Selector> selector) {
        return new Contender(
                name,
                selector,
                UpdateSchedule.once().afterWarmUp(run.warmUp()),
                OptionalInt.empty(),
                run.budget());
    }

    /** Notes the losses before the warm-up and chooses after it. */
    private static Contender deltaLoss(TargetRun run) {
        return new Contender(
                "delta-loss",
                targets -> new DeltaLossSelector(),
                UpdateSchedule.every(run.warmUp()).atMost(2),
                OptionalInt.empty(),
                run.budget());
    }

    /** Chooses a batch of some random candidates at every step. */
    private static Contender greats(TargetRun run) {
        return new Contender(
                "GREATS",
                targets ->
                        GreatsSelector.builder()
                                .setTargets(TARGET, targets)
                                .setLearningRate(
                                        (double) TargetRun.LEARNING_RATE / TargetRun.BATCH_SIZE)
                                .build(),
                UpdateSchedule.every(1).afterWarmUp(run.warmUp()),
                OptionalInt.of(DRAWN_PER_KEPT * TargetRun.BATCH_SIZE),
                TargetRun.BATCH_SIZE);
    }
}
