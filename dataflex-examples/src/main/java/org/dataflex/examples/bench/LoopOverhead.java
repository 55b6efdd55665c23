package org.dataflex.examples.bench;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.dataflex.DynamicTrainer;
import org.dataflex.ReferenceLosses;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.ByteTokens;
import org.dataflex.data.SampleIndices;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.examples.ScratchDirectory;
import org.dataflex.examples.quickstart.TextData;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.math.Quantiles;
import org.dataflex.mixers.DoReMiMixer;
import org.dataflex.mixers.OnlineDataMixingMixer;
import org.dataflex.weighters.AdaptWeighter;
import org.dataflex.weighters.LossBasedWeighter;

/**
 * How much longer a step of the dynamic trainer takes than one of a bare DJL loop over the same
 * kind of batches: without strategies, with a mixer, with weighters, with DoReMi's proxy run.
 *
 * <p>Each round trains a block of steps of every kind, in another order. A ratio is the median over
 * the rounds of that round's ratio of medians, so that a machine whose speed drifts does not count.
 * What the strategies' calls themselves took is told too: it is smaller than what a ratio can show.
 */
public final class LoopOverhead {

    private static final int BATCH_SIZE = 16;
    private static final int STEPS = 9;
    private static final int WARM_UP_STEPS = 2;
    private static final int ROUNDS = 9;

    /** How long the calls of strategies took, by the strategy's name. */
    private static final Map<String, List<Double>> CALLS = new TreeMap<>();

    private LoopOverhead() {}

    /** One kind of loop: trains {@link #STEPS} steps and notes how long each took. */
    private interface Loop {
        void train(TextData data, List<Double> millis) throws Exception;
    }

    /**
     * Prints one line a kind.
     *
     * @param arguments none
     * @throws Exception if training fails
     */
    public static void main(String[] arguments) throws Exception {
        TextData data = TextData.of(TextData.bundled(), STEPS * BATCH_SIZE);
        try (Model reference = model()) {
            reference
                    .getBlock()
                    .initialize(
                            reference.getNDManager(),
                            DataType.FLOAT32,
                            new Shape(1, TextData.WINDOW));
            try (ScratchDirectory cache = ScratchDirectory.create("reference");
                    ReferenceLosses losses =
                            ReferenceLosses.compute(reference, data.pool(), cache.path(), null)) {
                compare(data, losses);
            }
        }
    }

    private static void compare(TextData data, ReferenceLosses losses) throws Exception {
        List<String> names =
                List.of(
                        "bare DJL",
                        "no strategy",
                        "ODM mixer",
                        "loss weighter",
                        "ADAPT weighter",
                        "DoReMi");
        List<Loop> loops =
                List.of(
                        LoopOverhead::bare,
                        (d, millis) -> dynamic(d, millis, b -> {}),
                        (d, millis) -> dynamic(d, millis, LoopOverhead::addMixer),
                        (d, millis) -> dynamic(d, millis, LoopOverhead::addWeighter),
                        (d, millis) -> dynamic(d, millis, b -> addAdapt(d, b)),
                        (d, millis) -> dynamic(d, millis, b -> addDoReMi(b, losses)));
        List<List<Double>> millis = new ArrayList<>(); // of each kind a median a round
        names.forEach(name -> millis.add(new ArrayList<>()));
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < loops.size(); i++) {
                int kind = (i + round) % loops.size(); // no kind always comes first
                List<Double> steps = new ArrayList<>();
                loops.get(kind).train(data, steps);
                millis.get(kind).add(median(steps));
            }
        }
        for (int i = 0; i < names.size(); i++) {
            System.out.printf(
                    Locale.ROOT,
                    "%-14s %7.1f ms a step, x %.3f of bare DJL, x %.3f of no strategy%n",
                    names.get(i),
                    median(millis.get(i)),
                    ratio(millis.get(i), millis.get(0)),
                    ratio(millis.get(i), millis.get(1)));
        }
        CALLS.forEach(
                (name, calls) ->
                        System.out.printf(
                                Locale.ROOT, "a call of %-10s %6.2f ms%n", name, median(calls)));
    }

    private static double ratio(List<Double> rounds, List<Double> others) {
        return median(
                IntStream.range(0, ROUNDS)
                        .mapToObj(round -> rounds.get(round) / others.get(round))
                        .toList());
    }

    private static void addMixer(DynamicTrainer.Builder builder) {
        builder.optMixer(OnlineDataMixingMixer.builder().build(), UpdateSchedule.every(1));
    }

    private static void addWeighter(DynamicTrainer.Builder builder) {
        builder.optWeighter(LossBasedWeighter.builder().build(), UpdateSchedule.every(1));
    }

    private static void addDoReMi(DynamicTrainer.Builder builder, ReferenceLosses losses) {
        DoReMiMixer doremi = DoReMiMixer.builder().setReference(losses).build();
        builder.optMixer(doremi, UpdateSchedule.once())
                .optWeighter(doremi, UpdateSchedule.every(1));
    }

    /** Embeds the targets before the first step, which is not timed, and then not again. */
    private static void addAdapt(TextData data, DynamicTrainer.Builder builder) {
        builder.optWeighter(
                AdaptWeighter.builder().setTargets("json", data.heldOut().get("json")).build(),
                UpdateSchedule.every(50));
    }

    private static void bare(TextData data, List<Double> millis) throws Exception {
        try (Model model = model();
                Trainer trainer = model.newTrainer(config())) {
            SampleIndices rows = SampleIndices.range(0, (long) STEPS * BATCH_SIZE);
            long begin = System.nanoTime();
            int step = 0;
            for (SampleIndices batchRows : rows.chunks(BATCH_SIZE)) {
                try (Batch batch = data.pool().batch(trainer.getManager(), batchRows)) {
                    if (step == 0) {
                        trainer.initialize(batch.getData().getShapes());
                    }
                    EasyTrain.trainBatch(trainer, batch);
                    trainer.step();
                }
                long now = System.nanoTime();
                note(millis, step++, now - begin);
                begin = now;
            }
        }
    }

    private static void dynamic(
            TextData data, List<Double> millis, Consumer<DynamicTrainer.Builder> strategies)
            throws Exception {
        try (Model model = model()) {
            DynamicTrainer.Builder builder =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(config())
                            .setPool(data.pool())
                            .setSteps(STEPS)
                            .setBatchSize(BATCH_SIZE)
                            .on(DecisionApplied.class, LoopOverhead::note)
                            .on(
                                    StepCompleted.class,
                                    e -> note(millis, (int) e.step() - 1, e.elapsed().toNanos()));
            strategies.accept(builder);
            try (DynamicTrainer trainer = builder.build()) {
                trainer.fit();
            }
        }
    }

    private static Model model() {
        Model model = Model.newInstance("decoder");
        model.setBlock(new CausalLm(DecoderConfig.small(ByteTokens.VOCABULARY_SIZE), 1));
        return model;
    }

    private static DefaultTrainingConfig config() {
        return new DefaultTrainingConfig(new CausalLmLoss())
                .optOptimizer(
                        Optimizer.adam().optLearningRateTracker(Tracker.fixed(1e-3f)).build());
    }

    private static void note(DecisionApplied decision) {
        CALLS.computeIfAbsent(decision.strategy(), name -> new ArrayList<>())
                .add(decision.elapsed().toNanos() / 1e6);
    }

    private static void note(List<Double> millis, int step, long nanos) {
        if (step >= WARM_UP_STEPS) {
            millis.add(nanos / 1e6);
        }
    }

    private static double median(List<Double> values) {
        return Quantiles.of(values.stream().mapToDouble(v -> v).toArray(), 0.5)[0];
    }
}
