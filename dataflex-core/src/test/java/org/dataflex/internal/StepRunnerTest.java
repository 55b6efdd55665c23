package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.metric.Metrics;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.listener.TrainingListenerAdapter;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.loss.ClassificationLoss;
import org.dataflex.model.GradientQuery;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.PointSamples;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class StepRunnerTest {

    private static final float RATE = 0.5f;

    /** One step of plain gradient descent moves by -rate sum(w_i g_i) / B. */
    @Test
    void weightedStep_movesByTheWeightedMeanOfPerSampleGradients() throws Exception {
        float[] weights = {0, 0.5f, 2, 3};
        assertMoves(weights, Double.POSITIVE_INFINITY, weighted(weights));
    }

    @Test
    void clippedStep_movesByTheScaledGradient() throws Exception {
        float[] ones = {1, 1, 1, 1};
        double[] gradient = weighted(ones);
        double norm = 0;
        for (double g : gradient) {
            norm += g * g;
        }
        norm = Math.sqrt(norm);
        double[] clipped = gradient.clone();
        for (int i = 0; i < clipped.length; i++) {
            clipped[i] *= norm / 3 / norm;
        }
        assertMoves(ones, norm / 3, clipped);
        assertMoves(ones, norm * 3, gradient);
    }

    private final CandidatePool pool = CandidatePool.of(new PointSamples(4, 7));

    /** The mean over the four samples of weight times gradient, at the initial parameters. */
    private double[] weighted(float[] weights) {
        try (Model model = initialized();
                NDManager scope = model.getNDManager().newSubManager()) {
            NDArray rows =
                    new DjlModelOps(model, new ClassificationLoss(), scope, 4)
                            .gradients(Samples.all(pool), GradientQuery.full());
            double[] mean = new double[(int) rows.getShape().get(1)];
            for (int i = 0; i < 4; i++) {
                float[] row = rows.get(i).toFloatArray();
                for (int j = 0; j < mean.length; j++) {
                    mean[j] += weights[i] * row[j] / 4;
                }
            }
            return mean;
        }
    }

    private static Model initialized() {
        Model model = TinyRuns.model();
        model.getNDManager().getEngine().setRandomSeed(11);
        model.getBlock().initialize(model.getNDManager(), model.getDataType(), new Shape(1, 2));
        return model;
    }

    private void assertMoves(float[] weights, double clipNorm, double[] gradient) throws Exception {
        try (Model model = initialized()) {
            List<float[]> before = List.copyOf(TinyRuns.parameters(model).values());
            try (DynamicTrainer trainer =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(
                                    TinyRuns.config(
                                            Optimizer.sgd()
                                                    .setLearningRateTracker(Tracker.fixed(RATE))
                                                    .build()))
                            .setPool(pool)
                            .setSteps(1)
                            .setBatchSize(4)
                            .optClipNorm(clipNorm)
                            .optWeighter(
                                    c -> SampleWeights.absolute(byRow(c.batch(), weights)),
                                    UpdateSchedule.every(1))
                            .build()) {
                trainer.fit();
            }
            List<float[]> after = List.copyOf(TinyRuns.parameters(model).values());
            int at = 0;
            for (int p = 0; p < before.size(); p++) {
                for (int j = 0; j < before.get(p).length; j++) {
                    assertEquals(
                            before.get(p)[j] - RATE * gradient[at++],
                            after.get(p)[j],
                            1e-6); // float32
                }
            }
        }
    }

    private static float[] byRow(SampleIndices batch, float[] weights) {
        float[] ordered = new float[batch.size()];
        for (int i = 0; i < ordered.length; i++) {
            ordered[i] = weights[(int) batch.get(i)];
        }
        return ordered;
    }

    @Test
    void stepLoss_isTheWeightedMean() throws Exception {
        List<Double> losses = new ArrayList<>();
        List<float[]> seen = new ArrayList<>();
        try (Model model = TinyRuns.model();
                DynamicTrainer trainer =
                        TinyRuns.trainer(model)
                                .setSteps(1)
                                .setBatchSize(4)
                                .optAccumulation(2)
                                .optWeighter(
                                        c -> {
                                            seen.add(c.losses());
                                            return SampleWeights.absolute(2, 0, 1, 1);
                                        },
                                        UpdateSchedule.every(1))
                                .on(StepCompleted.class, e -> losses.add(e.loss()))
                                .build()) {
            trainer.fit();
        }
        double expected = 0;
        for (float[] batch : seen) {
            expected += 2 * batch[0] + batch[2] + batch[3];
        }
        assertEquals(2, seen.size());
        assertEquals(expected / 8, losses.get(0), 1e-6);
    }

    @Test
    void scalarLoss_trainsAsDjl_withoutStrategies() throws Exception {
        List<Double> scalar = new ArrayList<>();
        List<Double> perSample = new ArrayList<>();
        for (Loss loss : List.of(Loss.softmaxCrossEntropyLoss(), new ClassificationLoss())) {
            try (Model model = TinyRuns.model();
                    DynamicTrainer trainer =
                            TinyRuns.trainer(model)
                                    .setTrainingConfig(new DefaultTrainingConfig(loss))
                                    .setBatchSize(4)
                                    .optAccumulation(2)
                                    .addValidationSet("held-out", new PointSamples(10, 1))
                                    .on(
                                            StepCompleted.class,
                                            e ->
                                                    (loss instanceof ClassificationLoss
                                                                    ? perSample
                                                                    : scalar)
                                                            .add(e.loss()))
                                    .build()) {
                trainer.fit();
            }
        }
        for (int step = 0; step < 20; step++) {
            assertEquals(perSample.get(step), scalar.get(step), 1e-4); // float32 over 20 steps
        }
    }

    @Test
    void steps_holdAFlatNumberOfNativeArrays() throws Exception {
        List<Integer> counts = new ArrayList<>();
        try (Model model = TinyRuns.model();
                DynamicTrainer trainer =
                        TinyRuns.trainer(model)
                                .setSteps(60)
                                .optClipNorm(1)
                                .optSelector(
                                        c -> {
                                            c.model()
                                                    .gradients(
                                                            c.candidates().chunks(3).get(0),
                                                            GradientQuery.full());
                                            return org.dataflex.strategy.Selection.highest(
                                                    c.candidates(),
                                                    c.model().losses(c.candidates()),
                                                    c.budget());
                                        },
                                        UpdateSchedule.every(4))
                                .optWeighter(
                                        c -> SampleWeights.normalized(c.losses()),
                                        UpdateSchedule.every(1))
                                .on(StepCompleted.class, e -> counts.add(NoLeaks.arrays()))
                                .build()) {
            trainer.fit();
        }
        assertEquals(60, counts.size());
        assertEquals(List.of(counts.get(0)), counts.stream().distinct().toList());
    }

    @Test
    void djlListeners_seeRealBatches() throws Exception {
        List<String> calls = new ArrayList<>();
        TrainingListener listener =
                new TrainingListenerAdapter() {
                    @Override
                    public void onTrainingBegin(Trainer trainer) {
                        calls.add("begin");
                    }

                    @Override
                    public void onTrainingBatch(Trainer trainer, BatchData data) {
                        Batch batch = data.getBatch();
                        calls.add("batch " + batch.getProgress() + "/" + batch.getProgressTotal());
                        assertEquals(new Shape(4, 2), batch.getData().head().getShape());
                        assertEquals(
                                new Shape(4, 3),
                                data.getPredictions().values().iterator().next().head().getShape());
                    }

                    @Override
                    public void onValidationBatch(Trainer trainer, BatchData data) {
                        calls.add("validation");
                    }

                    @Override
                    public void onEpoch(Trainer trainer) {
                        calls.add("epoch");
                    }

                    @Override
                    public void onTrainingEnd(Trainer trainer) {
                        calls.add("end");
                    }
                };
        try (Model model = TinyRuns.model();
                DynamicTrainer trainer =
                        TinyRuns.trainer(model)
                                .setTrainingConfig(TinyRuns.config().addTrainingListeners(listener))
                                .setSteps(2)
                                .setBatchSize(4)
                                .optAccumulation(2)
                                .addValidationSet("held-out", new PointSamples(3, 1))
                                .build()) {
            trainer.fit();
        }
        assertEquals(
                List.of(
                        "begin",
                        "validation",
                        "batch 0/4",
                        "batch 1/4",
                        "batch 2/4",
                        "batch 3/4",
                        "validation",
                        "epoch",
                        "end"),
                calls);
    }

    @Test
    void djlDefaultListeners_work() throws Exception {
        Metrics metrics = new Metrics();
        try (Model model = TinyRuns.model();
                DynamicTrainer trainer =
                        TinyRuns.trainer(model)
                                .setTrainingConfig(
                                        new DefaultTrainingConfig(new ClassificationLoss())
                                                .addEvaluator(new Accuracy())
                                                .addTrainingListeners(
                                                        TrainingListener.Defaults.basic()))
                                .addValidationSet("held-out", new PointSamples(30, 1))
                                .optMetrics(metrics)
                                .build()) {
            trainer.fit();
        }
        Map<String, Boolean> present =
                Map.of(
                        "train_epoch_Accuracy", metrics.hasMetric("train_epoch_Accuracy"),
                        "validate_epoch_ClassificationLoss",
                                metrics.hasMetric("validate_epoch_ClassificationLoss"),
                        "forward", metrics.hasMetric("forward"));
        assertTrue(present.values().stream().allMatch(b -> b), present::toString);
        assertArrayEquals(new int[] {20}, new int[] {metrics.getMetric("step").size()});
    }
}
