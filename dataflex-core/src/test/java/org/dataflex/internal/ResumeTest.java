package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.TrainingDivergedException;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.dataflex.DynamicTrainer;
import org.dataflex.TrainingReport;
import org.dataflex.UpdateSchedule;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.checkpoint.SafetensorsReader;
import org.dataflex.event.TrainingEvent.RunEnded;
import org.dataflex.event.TrainingEvent.RunStarted;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.event.TrainingEvent.Validated;
import org.dataflex.loss.ClassificationLoss;
import org.dataflex.loss.PerSampleLoss;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.PointSamples;
import org.dataflex.testing.ResumeContract;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class ResumeTest implements ResumeContract {

    @Override
    public List<String> strategies() {
        return List.of("none", "selector:first:offset=3");
    }

    @Test
    void fit_ofAFinishedRun_changesNothing(@TempDir Path directory) throws Exception {
        TrainingReport first = fit(directory);
        List<Long> started = new ArrayList<>();
        TrainingReport again =
                fit(
                        builder ->
                                builder.optRunDirectory(directory)
                                        .optCheckpointInterval(5)
                                        .on(RunStarted.class, e -> started.add(e.step())));
        assertEquals(List.of(20L), started);
        assertEquals(20, again.step());
        assertTrue(again.completed());
        assertEquals(first.loss(), again.loss());
        assertEquals(first.validationLosses(), again.validationLosses());
    }

    @Test
    void observations_nobodyWillAskFor_areNotKept(@TempDir Path directory) throws Exception {
        for (UpdateSchedule schedule : List.of(UpdateSchedule.once(), UpdateSchedule.every(4))) {
            Path run = directory.resolve(schedule.toString().substring(0, 8));
            fit(
                    b ->
                            b.optMixer(c -> c.current(), schedule)
                                    .setSteps(18)
                                    .optRunDirectory(run)
                                    .optCheckpointInterval(18));
            long numbers =
                    SafetensorsReader.open(
                                    run.resolve(
                                            "checkpoints/step-000000018/strategies.safetensors"))
                            .tensor("observations")
                            .shape()
                            .size();
            long steps = schedule.equals(UpdateSchedule.once()) ? 0 : 2; // since step 16
            assertEquals(steps * 7, numbers); // step, three shares, three losses
        }
    }

    @Test
    void stop_endsAfterTheStep_andResumeGoesOn(@TempDir Path directory) throws Exception {
        AtomicReference<DynamicTrainer> running = new AtomicReference<>();
        List<Boolean> ended = new ArrayList<>();
        try (Model model = TinyRuns.model();
                DynamicTrainer trainer =
                        builder(model)
                                .optRunDirectory(directory)
                                .optCheckpointInterval(5)
                                .on(
                                        StepCompleted.class,
                                        e -> {
                                            if (e.step() == 7) {
                                                running.get().stop();
                                            }
                                        })
                                .on(RunEnded.class, e -> ended.add(e.completed()))
                                .build()) {
            running.set(trainer);
            TrainingReport report = trainer.fit();
            assertEquals(7, report.step());
            assertEquals(false, report.completed());
        }
        assertEquals(List.of(false), ended);
        List<Long> started = new ArrayList<>();
        fit(
                builder ->
                        builder.optRunDirectory(directory)
                                .optCheckpointInterval(5)
                                .on(RunStarted.class, e -> started.add(e.step())));
        assertEquals(List.of(7L), started);
    }

    @Test
    void fit_validates_atTheBeginningTheIntervalAndTheEnd() throws Exception {
        List<Long> steps = new ArrayList<>();
        TrainingReport report =
                fit(
                        builder ->
                                builder.optValidationInterval(8)
                                        .on(Validated.class, e -> steps.add(e.step())));
        assertEquals(List.of(0L, 8L, 16L, 20L), steps);
        assertEquals(
                List.of(0L, 8L, 16L, 20L),
                List.copyOf(report.validationLosses().get("held-out").keySet()));
        assertTrue(
                report.validationLosses().get("held-out").get(20L)
                        < report.validationLosses().get("held-out").get(0L));
    }

    @Test
    void fit_corruptCheckpoint_namesTheFileAndTheMend(@TempDir Path directory) throws Exception {
        fit(directory);
        Path file = directory.resolve("checkpoints/step-000000020/model.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        CheckpointException e = assertThrows(CheckpointException.class, () -> fit(directory));
        assertTrue(
                e.getMessage()
                        .endsWith(
                                "step-000000020 is damaged: model.safetensors does not have the"
                                        + " content that was saved; delete that directory to go on"
                                        + " from the one before"),
                e::getMessage);
    }

    @Test
    void fit_checkpointOfAnotherModel_listsTheDifferences(@TempDir Path directory)
            throws Exception {
        fit(directory);
        try (Model other = Model.newInstance("other")) {
            other.setBlock(new SequentialBlock().add(Linear.builder().setUnits(3).build()));
            try (DynamicTrainer trainer =
                    builder(other).optRunDirectory(directory).optCheckpointInterval(5).build()) {
                CheckpointException e = assertThrows(CheckpointException.class, trainer::fit);
                assertTrue(
                        e.getMessage().startsWith("the checkpoint is of another model: 01Linear"),
                        e::getMessage);
                assertTrue(e.getMessage().contains("float32(8, 2) there"), e::getMessage);
                assertTrue(e.getMessage().contains("is unknown to the model"), e::getMessage);
            }
        }
    }

    @Test
    void fit_fewerStepsThanHaveBeenMade_areRefused(@TempDir Path directory) throws Exception {
        fit(directory);
        CheckpointException e =
                assertThrows(
                        CheckpointException.class,
                        () -> fit(b -> b.optRunDirectory(directory).setSteps(19)));
        assertEquals(
                "steps = 19, but the run directory's newest checkpoint is of step 20; set at least"
                        + " as many, or choose another run directory",
                e.getMessage());
    }

    @Test
    void fit_nanLoss_stopsAndNamesTheLastGoodCheckpoint(@TempDir Path directory) throws Exception {
        TrainingDivergedException e =
                diverges(b -> b.optRunDirectory(directory).optCheckpointInterval(5));
        assertTrue(e.getMessage().contains("in step 13 is NaN"), e::getMessage);
        assertTrue(
                e.getMessage()
                        .endsWith(
                                "; the last good checkpoint is "
                                        + directory.resolve("checkpoints/step-000000010")),
                e::getMessage);
    }

    @Test
    void fit_nanLossWithoutCheckpoints_saysHowToHaveThem() {
        assertTrue(
                diverges(b -> b)
                        .getMessage()
                        .endsWith(
                                "; no checkpoint has been saved, call optCheckpointInterval to"
                                        + " have one to go back to"));
    }

    private static TrainingDivergedException diverges(
            UnaryOperator<DynamicTrainer.Builder> change) {
        try (Model model = TinyRuns.model();
                DynamicTrainer trainer = change.apply(diverging(model, 13)).build()) {
            return assertThrows(TrainingDivergedException.class, trainer::fit);
        }
    }

    /** A loss that is NaN from a step on; without validation it is asked once a step. */
    private static DynamicTrainer.Builder diverging(Model model, long step) {
        long[] calls = {0};
        PerSampleLoss good = new ClassificationLoss();
        PerSampleLoss bad =
                PerSampleLoss.of(
                        "bad",
                        (labels, predictions) ->
                                good.perSample(labels, predictions)
                                        .mul(calls[0]++ >= step - 1 ? Float.NaN : 1f));
        return TinyRuns.trainer(model)
                .setTrainingConfig(
                        new DefaultTrainingConfig(bad).addTrainingListeners(NoLeaks.cap()));
    }

    private static DynamicTrainer.Builder builder(Model model) {
        return TinyRuns.trainer(model).addValidationSet("held-out", new PointSamples(50, 9));
    }

    private static TrainingReport fit(UnaryOperator<DynamicTrainer.Builder> change)
            throws Exception {
        try (Model model = TinyRuns.model();
                DynamicTrainer trainer = change.apply(builder(model)).build()) {
            return trainer.fit();
        }
    }

    private static TrainingReport fit(Path directory) throws Exception {
        return fit(b -> b.optRunDirectory(directory).optCheckpointInterval(5));
    }
}
