package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.fail;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.LambdaBlock;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.DefaultTrainingConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.function.Predicate;
import org.dataflex.DynamicTrainer;
import org.dataflex.data.Samples;
import org.dataflex.data.TokenSequences;
import org.dataflex.loss.ClassificationLoss;
import org.dataflex.loss.PerSampleLoss;
import org.dataflex.model.Alignment;
import org.dataflex.model.Direction;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.Normalisation;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.Projection;
import org.dataflex.model.WeightedSamples;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.PointSamples;
import org.dataflex.testing.TinyRuns;
import org.dataflex.torch.Precision;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What questions leave behind, and whether they are answered alike. */
@ExtendWith(NoLeaks.class)
class QuestionsTest {

    private static final Predicate<String> ALL = name -> true;

    private final TokenSequences texts = TracedNetRun.texts(24, 9, TracedNetRun.VOCABULARY, 7);
    private final Samples samples = TracedNetRun.samples(texts, 5, 2, 11, 20, 1, 2, 8, 14, 3, 17);
    private final Samples targets = TracedNetRun.samples(texts, 6, 5, 23, 0, 19, 6);
    private final TracedNetRun run = TracedNetRun.tiny(Precision.FLOAT32).train(texts, 5);
    private final DjlModelOps traced = run.traced();
    private final DjlModelOps reference = run.reference();

    @AfterEach
    void close() {
        run.close();
    }

    @Test
    void everyQuestion_leavesParametersGradientsAndMomentsAsBefore() {
        float[] weights = new float[samples.size()];
        Arrays.fill(weights, 1);
        WeightedSamples ones = new WeightedSamples(samples, weights);
        for (DjlModelOps ops : List.of(traced, reference)) {
            List<Runnable> questions =
                    List.of(
                            () -> ops.infer(TracedNetRun.samples(texts, 2, 5)),
                            () -> ops.losses(samples),
                            () -> ops.gradients(samples, GradientQuery.full()),
                            () -> ask(ops, new Projection.Rademacher(5, 1)),
                            () -> ask(ops, new Projection.Kronecker(2, 3, 1)),
                            () -> ask(ops, new Projection.CountSketch(5, 1)),
                            () -> ops.meanGradient(samples, ALL, Normalisation.NONE),
                            () -> ops.meanOfSums(List.of(ones), ALL, Normalisation.UNIT),
                            () ->
                                    ops.meanResultantLengths(
                                            List.of(samples), ALL, Preconditioner.Adam.less()),
                            () -> align(ops));
            for (Runnable question : questions) {
                Map<String, float[]> before = run.state();
                question.run();
                Map<String, float[]> after = run.state();
                assertEquals(before.keySet(), after.keySet());
                before.forEach((name, values) -> assertBits(name, values, after.get(name)));
            }
        }
    }

    @Test
    void tracedQuestions_leaveGradientsThatAreNotZero() {
        run.backward(texts, 0);
        Map<String, float[]> before = run.state();
        assertNotEquals(0f, before.get("bias gradient")[0]);
        align(traced);
        ask(traced, new Projection.CountSketch(5, 1));
        Map<String, float[]> after = run.state();
        before.forEach((name, values) -> assertBits(name, values, after.get(name)));
    }

    private void ask(DjlModelOps ops, Projection projection) {
        ops.gradients(
                samples,
                GradientQuery.projected(projection).preconditioned(Preconditioner.Adam.less()));
    }

    private Alignment align(DjlModelOps ops) {
        Direction mean = ops.meanGradient(targets, ALL, Normalisation.UNIT);
        return ops.alignment(samples, List.of(mean), Preconditioner.Adam.less());
    }

    private static void assertBits(String name, float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length, name);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(
                    Float.floatToRawIntBits(expected[i]), Float.floatToRawIntBits(actual[i]), name);
        }
    }

    @Test
    void theSameQuestion_hasTheSameBits() {
        Alignment first = align(traced);
        Alignment second = align(traced);
        assertBits("norms", first.norms(), second.norms());
        for (int i = 0; i < first.size(); i++) {
            assertBits("products", first.products()[i], second.products()[i]);
        }
        NDList rows = new NDList();
        for (int i = 0; i < 2; i++) {
            rows.add(traced.gradients(samples, GradientQuery.full()));
        }
        assertBits("rows", rows.get(0).toFloatArray(), rows.get(1).toFloatArray());
    }

    @Test
    void gradients_ofNoSamples_haveNoRows() {
        for (DjlModelOps ops : List.of(traced, reference)) {
            NDArray rows =
                    ops.gradients(
                            TracedNetRun.samples(texts),
                            GradientQuery.projected(new Projection.CountSketch(5, 1)));
            assertEquals(new Shape(0, 5), rows.getShape());
        }
    }

    /** The thread that started the engine records nothing; any other does, if left alone. */
    @Test
    void questionsOnAnotherThread_recordNoGraph() throws Exception {
        List<Boolean> recorded = new ArrayList<>();
        PerSampleLoss loss =
                PerSampleLoss.of("sum", (labels, outputs) -> outputs.head().sum(new int[] {1}));
        try (Model model = Model.newInstance("watched")) {
            model.setBlock(
                    new LambdaBlock(
                            inputs -> {
                                recorded.add(JniUtils.isGradMode());
                                return inputs;
                            }));
            DjlModelOps ops = new DjlModelOps(model, loss, run.scope, 8);
            Samples points = Samples.all(new PointSamples(3, 1));
            onAnotherThread(
                    () -> {
                        ops.losses(points);
                        ops.infer(points);
                        return JniUtils.isGradMode() ? null : fail("no test: nothing records");
                    });
        }
        assertEquals(List.of(false, false), recorded);
    }

    private static void onAnotherThread(Callable<Void> task) throws Exception {
        FutureTask<Void> future = new FutureTask<>(task);
        new Thread(future).start();
        future.get();
    }

    @Test
    void validationOnAnotherThread_recordsNoGraph() throws Exception {
        List<Boolean> recorded = Collections.synchronizedList(new ArrayList<>());
        PerSampleLoss loss =
                PerSampleLoss.of(
                        "watched",
                        (labels, outputs) -> {
                            if (outputs.head().getShape().get(0) == 5) { // the validation set
                                recorded.add(JniUtils.isGradMode());
                            }
                            return new ClassificationLoss().perSample(labels, outputs);
                        });
        onAnotherThread(
                () -> {
                    try (Model model = TinyRuns.model();
                            DynamicTrainer trainer =
                                    TinyRuns.trainer(model)
                                            .setTrainingConfig(new DefaultTrainingConfig(loss))
                                            .setSteps(2)
                                            .addValidationSet("held-out", new PointSamples(5, 5))
                                            .build()) {
                        trainer.fit();
                    }
                    return null;
                });
        assertFalse(recorded.isEmpty());
        assertFalse(recorded.contains(true));
    }
}
