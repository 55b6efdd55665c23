package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.listener.TrainingListenerAdapter;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.dataflex.DynamicTrainer;
import org.dataflex.TrainingReport;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.data.TokenSequences;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.event.TrainingEvent.Validated;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.Pooling;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Selection;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.PointSamples;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A token budget and packing change what goes through the model together, and nothing else: steps,
 * strategies and reports speak of the same samples.
 */
@ExtendWith(NoLeaks.class)
class BatchingTest {

    private static final double FLOAT32 = 1e-5;
    private static final UpdateSchedule ALWAYS = UpdateSchedule.every(1);
    private static final int BUDGET = 32;
    private static final int STEPS = 4;
    private static final int ROWS = 12;

    private CausalLmLoss loss = new CausalLmLoss();
    private boolean isPacked;

    /** What a run left: the values of its parameters, its steps, its weighed batches. */
    private record Trained(
            float[] values, List<StepCompleted> steps, List<SampleIndices> batches) {}

    /** Forty texts of 2 to 16 tokens. */
    private static TokenSequences texts(int salt) {
        TokenSequences.Builder texts = TokenSequences.builder();
        for (int i = 0; i < 40; i++) {
            int length = 2 + (i * 7 + salt) % 15;
            int first = i + salt;
            texts.add(
                    IntStream.range(0, length)
                            .map(t -> (first * 3 + t * t) % TinyLm.VOCABULARY_SIZE)
                            .toArray(),
                    i % 2);
        }
        return texts.build();
    }

    private static CandidatePool pool() {
        return CandidatePool.builder().addDomain("a", texts(0)).addDomain("b", texts(3)).build();
    }

    private DynamicTrainer.Builder builder(Model model) {
        model.setDataType(DataType.FLOAT32);
        CausalLm decoder = new CausalLm(TinyLm.config().build(), 7);
        decoder.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
        decoder.setPacking(isPacked);
        model.setBlock(decoder);
        return DynamicTrainer.builder()
                .setModel(model)
                .setTrainingConfig(new DefaultTrainingConfig(loss).optOptimizer(sgd()))
                .setPool(pool())
                .setSteps(STEPS)
                .setBatchSize(ROWS / 3)
                .optAccumulation(3);
    }

    private static Optimizer sgd() {
        return Optimizer.sgd().setLearningRateTracker(Tracker.fixed(0.5f)).build();
    }

    private Trained train(Consumer<DynamicTrainer.Builder> settings) throws Exception {
        List<StepCompleted> steps = new ArrayList<>();
        List<SampleIndices> batches = new ArrayList<>();
        try (Model model = Model.newInstance("budget")) {
            DynamicTrainer.Builder builder =
                    builder(model)
                            .on(StepCompleted.class, steps::add)
                            .on(
                                    DecisionApplied.class,
                                    e -> {
                                        if (e.scope().equals("batch")) {
                                            batches.add(e.samples());
                                        }
                                    });
            settings.accept(builder);
            try (DynamicTrainer trainer = builder.build()) {
                trainer.fit();
            }
            return new Trained(values(model), steps, batches);
        }
    }

    private static float[] values(Model model) {
        float[][] all =
                model.getBlock().getParameters().values().stream()
                        .map(parameter -> parameter.getArray().toFloatArray())
                        .toArray(float[][]::new);
        float[] joined = new float[Arrays.stream(all).mapToInt(own -> own.length).sum()];
        int at = 0;
        for (float[] own : all) {
            System.arraycopy(own, 0, joined, at, own.length);
            at += own.length;
        }
        return joined;
    }

    private static void select(DynamicTrainer.Builder builder) {
        builder.optSelector(
                c ->
                        Selection.highest(
                                c.candidates(), c.model().losses(c.candidates()), c.budget()),
                UpdateSchedule.every(2).afterWarmUp(1));
    }

    private static void mix(DynamicTrainer.Builder builder) {
        builder.optMixer(
                c -> Mixture.of(c.pool().domains(), new double[] {0.25, 0.75}),
                UpdateSchedule.every(2));
    }

    /** Weights that depend on the sample alone, so that they are the same in any batch. */
    private static void weigh(DynamicTrainer.Builder builder) {
        builder.optWeighter(c -> SampleWeights.absolute(c.losses()), ALWAYS);
    }

    private static List<Consumer<DynamicTrainer.Builder>> strategies() {
        return List.of(
                b -> {},
                b -> b.optClipNorm(0.1),
                BatchingTest::select,
                BatchingTest::mix,
                BatchingTest::weigh,
                b -> {
                    select(b);
                    mix(b);
                    weigh(b);
                });
    }

    @Test
    void fit_trainsAsByCount_withAnyStrategy() throws Exception {
        for (CausalLmLoss each : List.of(new CausalLmLoss(), CausalLmLoss.byToken())) {
            loss = each;
            for (Consumer<DynamicTrainer.Builder> some : strategies()) {
                Trained byCount = train(some);
                Trained byTokens = train(b -> some.accept(b.optTokensPerBatch(BUDGET)));
                assertAlike(byCount, byTokens);
                for (int i = 0; i < STEPS; i++) {
                    SampleIndices drawn = byCount.steps().get(i).samples();
                    SampleIndices trained = byTokens.steps().get(i).samples();
                    assertArrayEquals(sorted(drawn), sorted(trained));
                    assertNotEquals(drawn, trained);
                }
            }
        }
    }

    private static void assertAlike(Trained expected, Trained actual) {
        assertArrayEquals(expected.values(), actual.values(), (float) FLOAT32);
        for (int i = 0; i < STEPS; i++) {
            StepCompleted step = expected.steps().get(i);
            assertEquals(step.loss(), actual.steps().get(i).loss(), FLOAT32);
            assertEquals(step.rows(), actual.steps().get(i).rows());
        }
    }

    @Test
    void fit_packed_trainsAsUnpacked_onTheSameSamples_withAnyStrategy() throws Exception {
        for (CausalLmLoss each : List.of(new CausalLmLoss(), CausalLmLoss.byToken())) {
            loss = each;
            for (Consumer<DynamicTrainer.Builder> some : strategies()) {
                isPacked = false;
                Trained unpacked = train(some);
                isPacked = true;
                Trained packed = train(some);
                assertAlike(unpacked, packed);
                assertEquals(unpacked.batches(), packed.batches());
                for (int i = 0; i < STEPS; i++) {
                    assertEquals(
                            unpacked.steps().get(i).samples(), packed.steps().get(i).samples());
                }
            }
        }
    }

    /** Losses, embeddings and gradients of single samples, shown and asked for. */
    @Test
    void questions_packed_areAnsweredBySample() throws Exception {
        List<float[]> unpacked = new ArrayList<>();
        List<float[]> packed = new ArrayList<>();
        ask(unpacked);
        isPacked = true;
        ask(packed);
        assertEquals(unpacked.size(), packed.size());
        for (int i = 0; i < unpacked.size(); i++) {
            assertArrayEquals(unpacked.get(i), packed.get(i), (float) FLOAT32);
        }
    }

    private void ask(List<float[]> answers) throws Exception {
        train(
                b ->
                        b.setSteps(1)
                                .optSelector(
                                        c -> {
                                            Samples all = c.candidates();
                                            answers.add(c.model().losses(all));
                                            answers.addAll(List.of(c.model().tokenLosses(all)));
                                            answers.add(
                                                    c.model()
                                                            .embed(all, Pooling.MEAN)
                                                            .toFloatArray());
                                            answers.add(
                                                    c.model()
                                                            .gradients(
                                                                    all.chunks(5).get(0),
                                                                    GradientQuery.full())
                                                            .toFloatArray());
                                            return Selection.of(all.indices().slice(0, c.budget()));
                                        },
                                        ALWAYS)
                                .optWeighter(
                                        c -> {
                                            answers.add(c.losses());
                                            answers.addAll(List.of(c.tokenLosses()));
                                            answers.add(c.embeddings(Pooling.MEAN).toFloatArray());
                                            return SampleWeights.absolute(c.losses());
                                        },
                                        ALWAYS));
    }

    private static long[] sorted(SampleIndices rows) {
        return rows.stream().sorted().toArray();
    }

    @Test
    void batches_holdNoMoreThanTheBudget_shorterFirst_andAreTheStepsSamples() throws Exception {
        CandidatePool pool = pool();
        Trained trained =
                train(
                        b -> {
                            weigh(b);
                            b.optTokensPerBatch(BUDGET);
                        });
        List<Long> seen = new ArrayList<>();
        for (SampleIndices batch : trained.batches()) {
            int[] lengths = batch.stream().mapToInt(pool::length).toArray();
            assertTrue(lengths[lengths.length - 1] * lengths.length <= BUDGET);
            assertArrayEquals(Arrays.stream(lengths).sorted().toArray(), lengths);
            seen.addAll(batch.asList());
        }
        List<Long> reported =
                trained.steps().stream().flatMap(e -> e.samples().asList().stream()).toList();
        assertEquals(reported, seen);
        assertTrue(trained.batches().size() > STEPS);
    }

    @Test
    void validation_keepsToTheBudget_andMeasuresTheSame() throws Exception {
        List<Double> losses = new ArrayList<>();
        List<Long> largest = new ArrayList<>();
        TrainingListener watcher =
                new TrainingListenerAdapter() {
                    @Override
                    public void onValidationBatch(Trainer trainer, BatchData data) {
                        largest.add(data.getBatch().getData().head().size());
                    }
                };
        for (boolean isWatched : new boolean[] {false, true}) {
            DefaultTrainingConfig config = new DefaultTrainingConfig(loss).optOptimizer(sgd());
            if (isWatched) {
                config.addTrainingListeners(watcher);
            }
            train(
                    b -> {
                        b.setTrainingConfig(config)
                                .addValidationSet("held-out", texts(5))
                                .on(Validated.class, e -> losses.add(e.losses().get("held-out")));
                        if (isWatched) {
                            b.optTokensPerBatch(BUDGET);
                        }
                    });
        }
        assertEquals(losses.get(0), losses.get(2), FLOAT32);
        assertEquals(losses.get(1), losses.get(3), FLOAT32);
        assertTrue(largest.stream().allMatch(tokens -> tokens <= BUDGET), largest::toString);
    }

    @Test
    void resume_packed_endsInTheSameBits(@TempDir Path directory) throws Exception {
        isPacked = true;
        float[] straight = fit(directory.resolve("straight"), STEPS);
        Path stopped = directory.resolve("stopped");
        fit(stopped, 2);
        assertArrayEquals(straight, fit(stopped, STEPS));
        IllegalStateException e =
                assertThrows(IllegalStateException.class, () -> fit(stopped, STEPS, BUDGET + 1));
        assertTrue(e.getMessage().contains("tokensPerBatch"), e::getMessage);
    }

    private float[] fit(Path directory, int stopAfter) throws Exception {
        return fit(directory, stopAfter, BUDGET);
    }

    private float[] fit(Path directory, int stopAfter, int budget) throws Exception {
        AtomicReference<DynamicTrainer> running = new AtomicReference<>();
        try (Model model = Model.newInstance("budget")) {
            DynamicTrainer.Builder builder = builder(model);
            select(builder);
            mix(builder);
            weigh(builder);
            builder.optTokensPerBatch(budget)
                    .optRunDirectory(directory)
                    .optCheckpointInterval(1)
                    .on(
                            StepCompleted.class,
                            e -> {
                                if (e.step() == stopAfter) {
                                    running.get().stop();
                                }
                            });
            try (DynamicTrainer trainer = builder.build()) {
                running.set(trainer);
                TrainingReport report = trainer.fit();
                assertEquals(stopAfter, report.step());
            }
            return values(model);
        }
    }

    @Test
    void build_budgetThatCannotWork_isRefused() {
        refused(
                b -> b.optTokensPerBatch(0),
                "tokensPerBatch = 0, must be at least 1; see optTokensPerBatch");
        refused(
                b -> b.optTokensPerBatch(15),
                "tokensPerBatch = 15, but the pool's samples have up to 16 tokens; raise the one or"
                        + " cut the others");
        refused(
                b -> b.optTokensPerBatch(16).setPool(CandidatePool.of(new PointSamples(4, 1))),
                "tokensPerBatch is set, but the pool's samples have no lengths; make batches by"
                        + " count, or override SampleSet.length");
        refused(
                b ->
                        b.optTokensPerBatch(16)
                                .setTrainingConfig(
                                        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())),
                "tokensPerBatch needs a loss per sample, and SoftmaxCrossEntropyLoss gives one"
                        + " number a batch; use CausalLmLoss, ClassificationLoss or"
                        + " PerSampleLoss.of");
    }

    private void refused(Consumer<DynamicTrainer.Builder> settings, String problem) {
        try (Model model = Model.newInstance("budget")) {
            DynamicTrainer.Builder builder = builder(model);
            settings.accept(builder);
            IllegalStateException e = assertThrows(IllegalStateException.class, builder::build);
            assertEquals("cannot build the trainer:\n  - " + problem, e.getMessage());
        }
    }

    @Test
    void runThatWasPacked_doesNotGoOnUnpacked(@TempDir Path directory) throws Exception {
        isPacked = true;
        train(builder -> builder.optRunDirectory(directory).optCheckpointInterval(2));
        isPacked = false;
        RuntimeException refused =
                assertThrows(
                        RuntimeException.class,
                        () -> train(builder -> builder.optRunDirectory(directory)));
        assertTrue(
                refused.getMessage()
                        .endsWith(
                                "choose another directory, or the same settings:\n"
                                        + "      model.packing: there true, here false"),
                refused::getMessage);
    }
}
