package org.dataflex.internal;

import ai.djl.Model;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.model.GradientQuery;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.PointSamples;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** PyTorch records graphs by default on every thread but the one that started the engine. */
@ExtendWith(NoLeaks.class)
class OtherThreadTest {

    @Test
    void fit_andResume_onAnotherThread_equalsThisThread(@TempDir Path directory) throws Exception {
        try (Model here = TinyRuns.model();
                Model there = TinyRuns.model()) {
            run(here, directory.resolve("here"), 20);
            onAnotherThread(() -> runHalf(directory.resolve("there")));
            onAnotherThread(() -> run(there, directory.resolve("there"), 20));
            TrainingLoopTest.assertSameBits(here, there);
        }
    }

    private static void runHalf(Path directory) throws Exception {
        try (Model model = TinyRuns.model()) {
            run(model, directory, 10);
        }
    }

    private interface Training {
        void run() throws Exception;
    }

    private static void onAnotherThread(Training training) throws Exception {
        FutureTask<Void> task =
                new FutureTask<>(
                        () -> {
                            training.run();
                            return null;
                        });
        new Thread(task).start();
        task.get();
    }

    private static void run(Model model, Path directory, long steps) throws Exception {
        try (DynamicTrainer trainer =
                TinyRuns.trainer(model)
                        .setSteps(steps)
                        .optClipNorm(1)
                        .optMixer(
                                c -> {
                                    c.model()
                                            .gradients(
                                                    c.pool().samples(c.pool().domains().get(2)),
                                                    GradientQuery.full());
                                    return c.current();
                                },
                                UpdateSchedule.every(3))
                        .addValidationSet("held-out", new PointSamples(20, 5))
                        .optRunDirectory(directory)
                        .optCheckpointInterval(5)
                        .build()) {
            trainer.fit();
        }
    }
}
