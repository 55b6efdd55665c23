package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.core.Linear;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.data.Samples;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Preconditioner;
import org.dataflex.optim.AdamW;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.StrategyException;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.PointSamples;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a checkpoint's model answers is what the model answered then; afterwards all is as before.
 */
@ExtendWith(NoLeaks.class)
class ModelAtCheckpointTest {

    private static final GradientQuery GAMMA =
            GradientQuery.full().preconditioned(Preconditioner.Adam.less().withBiasCorrection());

    @TempDir Path directory;

    private final List<float[]> then = new ArrayList<>();
    private int looks;

    static List<Supplier<Optimizer>> optimizers() {
        Tracker rate = Tracker.fixed(0.01f);
        return List.of(
                () -> Optimizer.adam().optLearningRateTracker(rate).build(),
                () -> AdamW.builder().optLearningRateTracker(rate).build());
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void modelAt_answersAsTheModelDidThen_andLeavesNoTrace(Supplier<Optimizer> optimizer)
            throws Exception {
        try (Model looking = TinyRuns.model(0.3f);
                Model plain = TinyRuns.model(0.3f)) {
            run(looking, optimizer.get(), "looking", true);
            assertEquals(2, looks);
            run(plain, optimizer.get(), "plain", false);
            TrainingLoopTest.assertSameBits(plain, looking);
        }
    }

    private void run(Model model, Optimizer optimizer, String name, boolean isLooking)
            throws Exception {
        try (DynamicTrainer trainer =
                TinyRuns.trainer(model)
                        .setTrainingConfig(TinyRuns.config(optimizer))
                        .setSteps(15)
                        .optRunDirectory(directory.resolve(name))
                        .optCheckpointInterval(5)
                        .optSelector(
                                context -> {
                                    if (isLooking) {
                                        look(context, model, optimizer);
                                    }
                                    return Selection.of(context.candidates().indices().slice(0, 8));
                                },
                                UpdateSchedule.every(1))
                        .build()) {
            trainer.fit();
        }
    }

    /** Notes the answers of step 5, and asks for them twice later. */
    private void look(SelectionContext context, Model model, Optimizer optimizer) {
        Samples samples = Samples.all(new PointSamples(6, 5));
        if (context.step() == 5) {
            then.addAll(answers(context.model(), samples));
        } else if (context.step() == 7 || context.step() == 9) {
            List<float[]> values = values(model, optimizer);
            List<float[]> now = answers(context.model(), samples);
            ModelOps past = context.modelAt(checkpoint());
            assertSame(then, answers(past, samples));
            assertFalse(Arrays.equals(now.get(0), then.get(0)));
            assertSame(now, answers(context.model(), samples)); // back again, then forth
            assertSame(then, answers(context.modelAt(checkpoint()), samples));
            context.model().infer(samples);
            assertSame(values, values(model, optimizer));
            past.losses(samples); // the end of the call puts back what this leaves
            looks++;
        }
    }

    private Path checkpoint() {
        return directory.resolve("looking/checkpoints/step-000000005");
    }

    private static List<float[]> answers(ModelOps model, Samples samples) {
        try (NDArray gamma = model.gradients(samples, GAMMA)) {
            return List.of(model.losses(samples), gamma.toFloatArray());
        }
    }

    /** Parameters, moments and update counts. */
    private static List<float[]> values(Model model, Optimizer optimizer) {
        List<float[]> values = new ArrayList<>(TinyRuns.parameters(model).values());
        var parameters = model.getBlock().getParameters();
        OptimizerState state = new OptimizerState(optimizer, parameters);
        for (String field : List.of("means", "variances")) {
            parameters.forEach(
                    p ->
                            values.add(
                                    OptimizerState.array(optimizer, field, p.getValue().getId())
                                            .toFloatArray()));
        }
        values.add(new float[] {state.updates(), state.arrays().size()});
        return values;
    }

    private static void assertSame(List<float[]> expected, List<float[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i)); // bit for bit
        }
    }

    @Test
    void put_whatWasTaken_isAllThereWas_andWhatCameIsFreed() throws Exception {
        Optimizer adam = Optimizer.adam().build();
        try (Model model = TinyRuns.model();
                DynamicTrainer trainer =
                        TinyRuns.trainer(model).setTrainingConfig(TinyRuns.config(adam)).build()) {
            trainer.fit();
            OptimizerState state = new OptimizerState(adam, model.getBlock().getParameters());
            List<float[]> before = values(model, adam);
            OptimizerState.Content content = state.take();
            assertEquals(0, state.updates());
            assertEquals(Map.of(), state.arrays());
            String weight = model.getBlock().getParameters().keyAt(0);
            Tensor other = Tensor.of(model.getBlock().getParameters().valueAt(0).getArray());
            state.restore(Map.of("means/" + weight, other), 3);
            assertEquals(3, state.updates());
            state.put(content);
            assertSame(before, values(model, adam));
        }
    }

    @Test
    void modelAt_missingOrOfAnotherModel_isRefused() throws Exception {
        Path missing = directory.resolve("none/step-000000001");
        assertRefused("cannot look at the model as of " + missing, missing);
        try (Model other = Model.newInstance("other")) {
            other.setDataType(DataType.FLOAT32);
            other.setBlock(Linear.builder().setUnits(PointSamples.CLASSES).build());
            try (DynamicTrainer trainer =
                    TinyRuns.trainer(other)
                            .setSteps(1)
                            .optRunDirectory(directory.resolve("other"))
                            .optCheckpointInterval(1)
                            .build()) {
                trainer.fit();
            }
        }
        assertRefused(
                "the checkpoint is of another model: ",
                directory.resolve("other/checkpoints/step-000000001"));
    }

    @Test
    void modelAt_ofAnOptimizerWithoutMoments_isRefused() throws Exception {
        Optimizer sgd = Optimizer.sgd().setLearningRateTracker(Tracker.fixed(0.1f)).build();
        try (Model other = TinyRuns.model();
                DynamicTrainer trainer =
                        TinyRuns.trainer(other)
                                .setTrainingConfig(TinyRuns.config(sgd))
                                .setSteps(1)
                                .optRunDirectory(directory.resolve("sgd"))
                                .optCheckpointInterval(1)
                                .build()) {
            trainer.fit();
        }
        assertRefused(
                "its optimizer kept no means, as ai.djl.training.optimizer.Adam does; take a"
                        + " checkpoint of the same kind of optimizer",
                directory.resolve("sgd/checkpoints/step-000000001"));
    }

    private void assertRefused(String message, Path checkpoint) throws Exception {
        try (Model model = TinyRuns.model();
                DynamicTrainer trainer =
                        TinyRuns.trainer(model)
                                .optSelector(
                                        context -> {
                                            context.modelAt(checkpoint);
                                            return null;
                                        },
                                        UpdateSchedule.every(1))
                                .build()) {
            String text = assertThrows(StrategyException.class, trainer::fit).getMessage();
            assertTrue(text.contains(message), text);
        }
    }

    @Test
    void modelAt_withinAStep_isRefused() throws Exception {
        try (Model model = TinyRuns.model();
                DynamicTrainer trainer =
                        TinyRuns.trainer(model)
                                .optWeighter(
                                        context -> {
                                            context.modelAt(directory);
                                            return null;
                                        },
                                        UpdateSchedule.every(1))
                                .build()) {
            String text = assertThrows(StrategyException.class, trainer::fit).getMessage();
            assertTrue(
                    text.contains(
                            "a checkpoint cannot be looked at within a training step; a weighter"
                                    + " does so in refresh"),
                    text);
        }
    }
}
