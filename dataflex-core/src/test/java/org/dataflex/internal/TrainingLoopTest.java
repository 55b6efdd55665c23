package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListenerAdapter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.model.GradientQuery;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Selection;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class TrainingLoopTest {

    @Test
    void fit_withoutStrategies_equalsPlainDjlBitForBit() throws Exception {
        List<long[]> drawn = new ArrayList<>();
        try (Model ours = TinyRuns.model();
                Model plain = TinyRuns.model()) {
            TrainingConfig config = TinyRuns.config().addTrainingListeners(recordRows(drawn));
            try (DynamicTrainer trainer =
                    TinyRuns.trainer(ours).setTrainingConfig(config).build()) {
                // nothing is initialized before the first step: give both the same start
                ours.getBlock().initialize(ours.getNDManager(), ours.getDataType(), INPUT);
                plain.getBlock().initialize(plain.getNDManager(), plain.getDataType(), INPUT);
                copyParameters(ours, plain);
                trainer.fit();
            }
            try (Trainer trainer = plain.newTrainer(TinyRuns.config())) {
                trainer.initialize(INPUT);
                for (long[] rows : drawn) {
                    try (Batch batch =
                            TinyRuns.pool().batch(trainer.getManager(), SampleIndices.of(rows))) {
                        EasyTrain.trainBatch(trainer, batch);
                        trainer.step();
                    }
                }
            }
            assertSameBits(plain, ours);
        }
        assertEquals(20, drawn.size());
    }

    private static final Shape INPUT = new Shape(8, 2);

    private static TrainingListenerAdapter recordRows(List<long[]> drawn) {
        return new TrainingListenerAdapter() {
            @Override
            public void onTrainingBatch(Trainer trainer, BatchData data) {
                drawn.add(data.getBatch().getIndices().stream().mapToLong(i -> (Long) i).toArray());
            }
        };
    }

    private static void copyParameters(Model from, Model to) {
        for (int i = 0; i < from.getBlock().getParameters().size(); i++) {
            from.getBlock()
                    .getParameters()
                    .valueAt(i)
                    .getArray()
                    .copyTo(to.getBlock().getParameters().valueAt(i).getArray());
        }
    }

    static void assertSameBits(Model expected, Model actual) {
        Map<String, float[]> there = TinyRuns.parameters(expected);
        Map<String, float[]> here = TinyRuns.parameters(actual);
        List<float[]> values = List.copyOf(here.values());
        int i = 0;
        for (Map.Entry<String, float[]> entry : there.entrySet()) {
            assertArrayEquals(entry.getValue(), values.get(i++), 0f, entry.getKey());
        }
    }

    @Test
    void fit_sameSeed_sameBits_otherSeed_otherBits() throws Exception {
        try (Model one = TinyRuns.model(0.3f);
                Model two = TinyRuns.model(0.3f);
                Model other = TinyRuns.model(0.3f)) {
            train(TinyRuns.trainer(one).optSeed(5));
            train(TinyRuns.trainer(two).optSeed(5));
            train(TinyRuns.trainer(other).optSeed(6));
            assertSameBits(one, two);
            assertTrue(
                    TinyRuns.parameters(one).values().iterator().next()[0]
                            != TinyRuns.parameters(other).values().iterator().next()[0]);
        }
    }

    private static void train(DynamicTrainer.Builder builder) throws Exception {
        try (DynamicTrainer trainer = builder.build()) {
            trainer.fit();
        }
    }

    @Test
    void fit_weightsOfOne_equalsNoWeighter() throws Exception {
        try (Model with = TinyRuns.model();
                Model without = TinyRuns.model()) {
            train(TinyRuns.trainer(without));
            train(
                    TinyRuns.trainer(with)
                            .optWeighter(
                                    c -> SampleWeights.normalized(1, 1, 1, 1, 1, 1, 1, 1),
                                    UpdateSchedule.every(1)));
            assertSameBits(without, with);
        }
    }

    /** Asking is read-only: not even the optimizer's moments notice. */
    @Test
    void fit_withAStrategyThatOnlyAsks_equalsOneThatDoesNot() throws Exception {
        try (Model asked = TinyRuns.model(0.2f);
                Model left = TinyRuns.model(0.2f)) {
            train(TinyRuns.trainer(left).optMixer(c -> c.current(), UpdateSchedule.every(1)));
            train(
                    TinyRuns.trainer(asked)
                            .optMixer(
                                    c -> {
                                        Samples some = Samples.all(c.pool()).chunks(5).get(0);
                                        c.model().infer(some);
                                        c.model().losses(some);
                                        c.model().gradients(some, GradientQuery.full());
                                        c.modelOps(asked).losses(some);
                                        return c.current();
                                    },
                                    UpdateSchedule.every(1)));
            assertSameBits(left, asked);
        }
    }

    @Test
    void modelOps_ofAnotherModel_asksThatOne() throws Exception {
        try (Model trained = TinyRuns.model();
                Model reference = TinyRuns.model()) {
            train(TinyRuns.trainer(reference).optSeed(7));
            Map<String, float[]> before = TinyRuns.parameters(reference);
            List<float[]> ofReference = new ArrayList<>();
            train(
                    TinyRuns.trainer(trained)
                            .optMixer(
                                    c -> {
                                        Samples some = Samples.all(c.pool()).chunks(5).get(0);
                                        float[] own = c.model().losses(some);
                                        float[] others = c.modelOps(reference).losses(some);
                                        assertFalse(Arrays.equals(own, others));
                                        ofReference.add(others);
                                        return c.current();
                                    },
                                    UpdateSchedule.every(1)));
            for (float[] losses : ofReference) {
                assertArrayEquals(ofReference.get(0), losses); // nobody trains it
            }
            Map<String, float[]> after = TinyRuns.parameters(reference);
            before.forEach((name, values) -> assertArrayEquals(values, after.get(name), name));
        }
    }

    @Test
    void fit_accumulation_equalsOneLargeBatch() throws Exception {
        try (Model large = TinyRuns.model();
                Model small = TinyRuns.model()) {
            train(TinyRuns.trainer(large));
            train(TinyRuns.trainer(small).setBatchSize(2).optAccumulation(4));
            Map<String, float[]> expected = TinyRuns.parameters(large);
            List<float[]> actual = List.copyOf(TinyRuns.parameters(small).values());
            int i = 0;
            for (float[] values : expected.values()) {
                assertArrayEquals(values, actual.get(i++), 1e-4f); // float32 sums in other order
            }
        }
    }

    @Test
    void fit_mixture_drawsTheSharesAsked() throws Exception {
        Map<String, Integer> counts = new HashMap<>();
        try (Model model = TinyRuns.model()) {
            train(
                    TinyRuns.trainer(model)
                            .optMixer(
                                    c -> Mixture.of(c.pool().domains(), 0.2, 0.3, 0.5),
                                    UpdateSchedule.once())
                            .on(
                                    StepCompleted.class,
                                    e ->
                                            e.rows()
                                                    .forEach(
                                                            (d, n) ->
                                                                    counts.merge(
                                                                            d.name(),
                                                                            n,
                                                                            Integer::sum))));
        }
        assertEquals(Map.of("a", 32, "b", 48, "c", 80), counts);
    }

    @Test
    void fit_selector_drawsOnlyWhatWasChosen() throws Exception {
        List<long[]> drawn = new ArrayList<>();
        try (Model model = TinyRuns.model()) {
            train(
                    TinyRuns.trainer(model)
                            .setTrainingConfig(
                                    TinyRuns.config().addTrainingListeners(recordRows(drawn)))
                            .optSelector(
                                    c -> Selection.of(c.candidates().indices().slice(5, 21)),
                                    UpdateSchedule.every(2)));
        }
        for (long[] rows : drawn) {
            for (long row : rows) {
                assertTrue(row >= 5 && row < 21, () -> "row " + row);
            }
        }
        // two steps of 8 rows use the 16 chosen samples once each
        assertEquals(
                16,
                LongStream.concat(Arrays.stream(drawn.get(0)), Arrays.stream(drawn.get(1)))
                        .distinct()
                        .count());
    }

    @Test
    void fit_candidateLimit_drawsCandidatesAnewEachTime() throws Exception {
        List<SampleIndices> seen = new ArrayList<>();
        try (Model model = TinyRuns.model()) {
            train(
                    TinyRuns.trainer(model)
                            .optSelector(
                                    c -> {
                                        seen.add(c.candidates().indices());
                                        return Selection.of(
                                                c.candidates().indices().slice(0, c.budget()));
                                    },
                                    UpdateSchedule.every(2))
                            .optCandidateLimit(30));
        }
        assertEquals(10, seen.size());
        assertEquals(10, seen.stream().distinct().count());
        for (SampleIndices candidates : seen) {
            assertEquals(30, candidates.stream().distinct().count());
            assertArrayEquals(
                    candidates.stream().sorted().toArray(), candidates.toArray(), "ascending");
        }
    }

    @Test
    void fit_selectorWithMixer_seesEveryDomainWhole() throws Exception {
        List<Integer> seen = new ArrayList<>();
        try (Model model = TinyRuns.model()) {
            train(
                    TinyRuns.trainer(model)
                            .setSteps(1)
                            .optMixer(
                                    c -> Mixture.of(c.pool().domains(), 0.125, 0.125, 0.75),
                                    UpdateSchedule.once())
                            .optSelector(
                                    c -> {
                                        seen.add(c.candidates().size());
                                        seen.add(c.budget());
                                        return Selection.of(
                                                c.candidates().indices().slice(0, c.budget()));
                                    },
                                    UpdateSchedule.every(1)));
        }
        assertEquals(List.of(40, 1, 30, 1, 10, 6), seen);
    }

    @Test
    void fit_candidateLimitWithMixer_isSharedOutByTheMixture() throws Exception {
        List<Integer> seen = new ArrayList<>();
        try (Model model = TinyRuns.model()) {
            train(
                    TinyRuns.trainer(model)
                            .setSteps(1)
                            .optMixer(
                                    c -> Mixture.of(c.pool().domains(), 0.5, 0.25, 0.25),
                                    UpdateSchedule.once())
                            .optSelector(
                                    c -> {
                                        seen.add(c.candidates().size());
                                        seen.add(c.budget());
                                        return Selection.of(
                                                c.candidates().indices().slice(0, c.budget()));
                                    },
                                    UpdateSchedule.every(1))
                            .optCandidateLimit(60));
        }
        assertEquals(List.of(30, 4, 15, 2, 10, 2), seen); // c has no more than 10
    }

    @Test
    void fit_allThreeKinds_workTogether() throws Exception {
        List<DecisionApplied> decisions = new ArrayList<>();
        try (Model model = TinyRuns.model()) {
            train(
                    TinyRuns.trainer(model)
                            .optSelector(
                                    c ->
                                            Selection.highest(
                                                    c.candidates(),
                                                    c.model().losses(c.candidates()),
                                                    c.budget()),
                                    UpdateSchedule.every(5))
                            .optSelectionBudget(20)
                            .optMixer(
                                    c -> Mixture.of(c.pool().domains(), 0.5, 0.25, 0.25),
                                    UpdateSchedule.every(4))
                            .optWeighter(
                                    c -> SampleWeights.normalized(c.losses()),
                                    UpdateSchedule.every(1).afterWarmUp(3))
                            .on(DecisionApplied.class, decisions::add));
        }
        assertEquals(5, count(decisions, Mixture.class));
        assertEquals(4 * 3, count(decisions, Selection.class));
        assertEquals(17, count(decisions, SampleWeights.class));
    }

    private static long count(List<DecisionApplied> decisions, Class<?> kind) {
        return decisions.stream().filter(d -> kind.isInstance(d.decision())).count();
    }
}
