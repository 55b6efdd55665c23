package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.dataflex.DynamicTrainer;
import org.dataflex.optim.AdamW;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(NoLeaks.class)
class OptimizerStateTest {

    /** Every optimizer of DJL that its PyTorch engine can run, and our own. */
    static List<Supplier<Optimizer>> optimizers() {
        Tracker decaying = Tracker.factor().setBaseValue(0.05f).setFactor(0.9f).build();
        return List.of(
                () -> Optimizer.sgd().setLearningRateTracker(decaying).build(),
                () -> Optimizer.sgd().setLearningRateTracker(decaying).optMomentum(0.9f).build(),
                () -> Optimizer.adam().optLearningRateTracker(decaying).build(),
                () -> Optimizer.adamW().optLearningRateTracker(decaying).build(),
                () -> AdamW.builder().optLearningRateTracker(decaying).build());
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void resume_everyDjlOptimizer_goesOnBitForBit(
            Supplier<Optimizer> optimizer, @TempDir Path directory) throws Exception {
        assertTrue(OptimizerState.unsavable(optimizer.get()).isEmpty());
        try (Model straight = TinyRuns.model();
                Model first = TinyRuns.model();
                Model second = TinyRuns.model()) {
            train(straight, optimizer.get(), directory.resolve("straight"), 20);
            train(first, optimizer.get(), directory.resolve("resumed"), 10);
            train(second, optimizer.get(), directory.resolve("resumed"), 20);
            TrainingLoopTest.assertSameBits(straight, second);
        }
    }

    private static void train(Model model, Optimizer optimizer, Path directory, long steps)
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
    }

    @Test
    void arrays_adam_areItsMomentsByParameter() throws Exception {
        Optimizer adam = Optimizer.adam().build();
        try (Model model = TinyRuns.model();
                DynamicTrainer trainer =
                        TinyRuns.trainer(model).setTrainingConfig(TinyRuns.config(adam)).build()) {
            trainer.fit();
            OptimizerState state = new OptimizerState(adam, model.getBlock().getParameters());
            Map<String, Object> names = new TreeMap<>(state.arrays());
            String weight = model.getBlock().getParameters().keyAt(0);
            assertTrue(names.containsKey("means/" + weight), names::toString);
            assertTrue(names.containsKey("variances/" + weight), names::toString);
            assertEquals(20, state.updates());
        }
    }

    @Test
    void unsavable_stateOfAnotherForm_isNamed() {
        Optimizer odd = new Odd(Optimizer.adam());
        assertFalse(OptimizerState.unsavable(odd).isEmpty());
        assertEquals(
                "checkpoints cannot save the field 'history' of the optimizer "
                        + Odd.class.getName()
                        + "; use one of DJL's optimizers, or keep arrays in a Map<String,"
                        + " Map<Device, NDArray>>",
                OptimizerState.unsavable(odd).get());
    }

    private static final class Odd extends Optimizer {

        final List<NDArray> history = List.of();

        Odd(OptimizerBuilder<?> builder) {
            super(builder);
        }

        @Override
        public void update(String parameterId, NDArray weight, NDArray grad) {}
    }
}
