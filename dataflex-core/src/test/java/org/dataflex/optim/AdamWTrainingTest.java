package org.dataflex.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.ParameterTracker;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.dataflex.DynamicTrainer;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class AdamWTrainingTest {

    private static AdamW adamW() {
        return AdamW.builder()
                .optLearningRateTracker(LearningRateSchedule.cosine(0.05f, 0.005f, 4, 20))
                .optWeightDecays(0.1f)
                .build();
    }

    @Test
    void resume_goesOnBitForBit(@TempDir Path directory) throws Exception {
        try (Model straight = TinyRuns.model();
                Model first = TinyRuns.model();
                Model second = TinyRuns.model()) {
            assertEquals(20, train(straight, adamW(), directory.resolve("straight"), 20));
            assertEquals(10, train(first, adamW(), directory.resolve("resumed"), 10));
            assertEquals(20, train(second, adamW(), directory.resolve("resumed"), 20));
            assertSameBits(TinyRuns.parameters(straight), TinyRuns.parameters(second));
        }
    }

    @Test
    void resume_withAWeightDecayTracker_isNotRefused(@TempDir Path directory) throws Exception {
        ParameterTracker decay = (id, update) -> 0.1f / update;
        try (Model model = TinyRuns.model();
                AdamW adamW = AdamW.builder().optWeightDecayTracker(decay).build()) {
            assertEquals(5, train(model, adamW, directory, 5));
        }
    }

    /** Returns the optimizer's own count of updates. */
    private static int train(Model model, AdamW optimizer, Path directory, long steps)
            throws Exception {
        try (DynamicTrainer trainer =
                TinyRuns.trainer(model)
                        .setTrainingConfig(TinyRuns.config(optimizer))
                        .setSteps(steps)
                        .optRunDirectory(directory)
                        .optCheckpointInterval(5)
                        .build()) {
            assertEquals(steps, trainer.fit().step());
        }
        return optimizer.updates();
    }

    private static void assertSameBits(Map<String, float[]> expected, Map<String, float[]> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, values) -> assertArrayEquals(values, actual.get(name), name));
    }

    @Test
    void fit_lowersTheLossAsDjlsAdamWDoes() throws Exception {
        double ours = finalLoss(adamW());
        double djls =
                finalLoss(
                        Optimizer.adamW()
                                .optLearningRateTracker(
                                        LearningRateSchedule.cosine(0.05f, 0.005f, 4, 20))
                                .optWeightDecays(0.1f)
                                .build());
        assertEquals(djls, ours, 1e-2); // DJL decays the biases too
    }

    private static double finalLoss(Optimizer optimizer) throws Exception {
        double[] loss = {Double.NaN};
        try (Model model = TinyRuns.model();
                DynamicTrainer trainer =
                        TinyRuns.trainer(model)
                                .setTrainingConfig(TinyRuns.config(optimizer))
                                .on(StepCompleted.class, event -> loss[0] = event.loss())
                                .build()) {
            trainer.fit();
        }
        return loss[0];
    }

    @Test
    void step_ofDjlsTrainer_updatesWhatIsNotFrozenAndZeroesGradients() {
        try (Model model = TinyRuns.model();
                AdamW adamW = adamW();
                Trainer trainer = model.newTrainer(TinyRuns.config(adamW))) {
            trainer.initialize(new Shape(1, 2));
            model.getBlock().freezeParameters(true, p -> p.getName().equals("bias"));
            Map<String, float[]> before = TinyRuns.parameters(model);
            for (int step = 1; step <= 3; step++) {
                step(trainer);
                assertEquals(step, adamW.updates());
            }
            Map<String, float[]> after = TinyRuns.parameters(model);
            for (var pair : model.getBlock().getParameters()) {
                boolean trained = pair.getValue().requiresGradient();
                boolean same = Arrays.equals(before.get(pair.getKey()), after.get(pair.getKey()));
                assertEquals(!trained, same, pair.getKey());
                assertEquals(trained, adamW.mean(pair.getValue().getId()).isPresent());
            }
            assertGradientsAreZero(model.getBlock().getParameters().values());
        }
    }

    private static void step(Trainer trainer) {
        try (NDManager scope = trainer.getManager().newSubManager();
                GradientCollector collector = trainer.newGradientCollector()) {
            NDArray points = scope.create(new float[] {1, 2, -3, 4}, new Shape(2, 2));
            NDArray outputs = trainer.forward(new NDList(points)).singletonOrThrow();
            collector.backward(outputs.square().sum());
        }
        trainer.step();
    }

    private static void assertGradientsAreZero(List<Parameter> parameters) {
        int trained = 0;
        for (Parameter parameter : parameters) {
            if (parameter.requiresGradient()) {
                try (NDArray gradient = parameter.getArray().getGradient()) {
                    assertArrayEquals(new float[(int) gradient.size()], gradient.toFloatArray());
                }
                trained++;
            }
        }
        assertTrue(trained > 0);
    }
}
