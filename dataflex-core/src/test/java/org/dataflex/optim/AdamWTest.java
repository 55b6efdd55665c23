package org.dataflex.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Compares with torch.optim.AdamW, whose steps adamw.py wrote to adamw.json, and with DJL's. */
@ExtendWith(NoLeaks.class)
class AdamWTest {

    private final NDManager manager = NDManager.newBaseManager();
    private final List<AdamW> optimizers = new ArrayList<>();

    @AfterEach
    void close() {
        optimizers.forEach(AdamW::close);
        manager.close();
    }

    private AdamW build(AdamW.Builder builder) {
        AdamW optimizer = builder.build();
        optimizers.add(optimizer);
        return optimizer;
    }

    @Test
    void update_fiveTimes_isTorchsAdamW() throws IOException {
        JsonNode golden = Golden.read("adamw.json");
        JsonNode steps = golden.get("steps");
        Tracker rates = update -> steps.get(update - 1).get("rate").floatValue();
        AdamW adamW =
                build(
                        AdamW.builder()
                                .optLearningRateTracker(rates)
                                .optWeightDecays(golden.get("decay").floatValue()));
        Map<String, NDArray> weights = new LinkedHashMap<>();
        golden.get("shapes")
                .fieldNames()
                .forEachRemaining(name -> weights.put(name, start(golden, name)));
        for (JsonNode step : steps) {
            for (Map.Entry<String, NDArray> weight : weights.entrySet()) {
                String name = weight.getKey();
                float[] gradient = Golden.floats(step.get("gradients").get(name));
                update(adamW, name, weight.getValue(), gradient);
                assertClose(step.get("weights").get(name), weight.getValue());
                assertClose(step.get("means").get(name), adamW.mean(name).orElseThrow());
                assertClose(step.get("variances").get(name), adamW.variance(name).orElseThrow());
            }
        }
        assertEquals(5, adamW.updates());
    }

    private NDArray start(JsonNode golden, String name) {
        JsonNode axes = golden.get("shapes").get(name);
        long[] shape = new long[axes.size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = axes.get(i).longValue();
        }
        return manager.create(Golden.floats(golden.get("start").get(name)), new Shape(shape));
    }

    /** Each number within 1e-6 of itself: five steps of float32, some roundings each. */
    private static void assertClose(JsonNode expected, NDArray actual) {
        assertClose(Golden.floats(expected), actual.toFloatArray());
    }

    private static void assertClose(float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], 1e-6f * Math.abs(expected[i]), "at " + i);
        }
    }

    private void update(Optimizer optimizer, String id, NDArray weight, float... gradient) {
        try (NDArray array = manager.create(gradient, weight.getShape())) {
            optimizer.update(id, weight, array);
            assertArrayEquals(gradient, array.toFloatArray()); // left as it is
        }
    }

    @Test
    void update_withoutEpsilonAndWithDecayOfAll_isDjlsAdamW() {
        AdamW ours =
                build(
                        AdamW.builder()
                                .optWeightDecayTracker(Tracker.fixed(0.125f))
                                .optBeta1(0.9f) // DJL's floats
                                .optBeta2(0.999f)
                                .optEpsilon(1e-30));
        Optimizer djls = Optimizer.adamW().optWeightDecays(0.125f).optEpsilon(1e-30f).build();
        try (NDArray weight = manager.create(new float[] {1, -2, 3});
                NDArray same = weight.duplicate()) {
            for (int step = 1; step <= 5; step++) {
                float[] gradient = {0.5f / step, -1, 2 - step / 2f};
                update(ours, "w", weight, gradient);
                update(djls, "w", same, gradient);
                assertClose(same.toFloatArray(), weight.toFloatArray());
            }
        }
    }

    @Test
    void update_ofSmallGradients_weighsEpsilonAsThePaperDoes() {
        float gradient = 1e-7f; // ten times epsilon
        float eta = 0.5f;
        AdamW ours = build(AdamW.builder().optLearningRateTracker(Tracker.fixed(eta)));
        Optimizer djls =
                Optimizer.adamW()
                        .optLearningRateTracker(Tracker.fixed(eta))
                        .optWeightDecays(0)
                        .build();
        NDArray weight = manager.zeros(new Shape(1));
        NDArray same = manager.zeros(new Shape(1));
        update(ours, "w", weight, gradient);
        update(djls, "w", same, gradient);
        assertEquals(-eta * 10 / 11, weight.getFloat(), 1e-6);
        // DJL adds epsilon to sqrt(v), which is sqrt(1 - beta2) as large as what it stands for
        assertEquals(-eta * 10 / (10 + 1 / Math.sqrt(0.001)), same.getFloat(), 1e-5);
    }

    @Test
    void update_ofZeroGradients_decaysMatricesOnly() {
        AdamW adamW =
                build(
                        AdamW.builder()
                                .optLearningRateTracker(Tracker.fixed(0.5f))
                                .optWeightDecays(0.5f));
        NDArray matrix = manager.create(new float[] {4, -8}, new Shape(1, 2));
        NDArray vector = manager.create(new float[] {4, -8});
        NDArray scalar = manager.create(4f);
        update(adamW, "matrix", matrix, 0, 0);
        update(adamW, "vector", vector, 0, 0);
        update(adamW, "scalar", scalar, 0);
        assertArrayEquals(new float[] {3, -6}, matrix.toFloatArray());
        assertArrayEquals(new float[] {4, -8}, vector.toFloatArray());
        assertEquals(4, scalar.getFloat());
        assertArrayEquals(new float[2], adamW.mean("vector").orElseThrow().toFloatArray());
        assertArrayEquals(new float[2], adamW.variance("vector").orElseThrow().toFloatArray());
    }

    @Test
    void update_withADecayTracker_asksItForEveryParameter() {
        AdamW adamW =
                build(
                        AdamW.builder()
                                .optLearningRateTracker(Tracker.fixed(0.5f))
                                .optWeightDecayTracker((id, n) -> id.equals("vector") ? 0.5f : 0));
        NDArray matrix = manager.create(new float[] {4, -8}, new Shape(1, 2));
        NDArray vector = manager.create(new float[] {4, -8});
        update(adamW, "matrix", matrix, 0, 0);
        update(adamW, "vector", vector, 0, 0);
        assertArrayEquals(new float[] {4, -8}, matrix.toFloatArray());
        assertArrayEquals(new float[] {3, -6}, vector.toFloatArray());
    }

    @Test
    void update_rescaledAndClipped_seesTheGradientSo() {
        AdamW adamW = build(AdamW.builder().setRescaleGrad(0.5f).optClipGrad(1).optBeta1(0.5));
        NDArray weight = manager.zeros(new Shape(3));
        update(adamW, "w", weight, 1, -8, 2);
        assertArrayEquals(
                new float[] {0.25f, -0.5f, 0.5f}, adamW.mean("w").orElseThrow().toFloatArray());
    }

    @Test
    void update_zeroesTheWeightsGradientInItsPlace() {
        AdamW adamW = build(AdamW.builder());
        for (Shape shape : List.of(new Shape(), new Shape(3), new Shape(2, 3))) {
            NDArray weight = manager.ones(shape);
            weight.setRequiresGradient(true);
            backward(weight, Float.NaN);
            NDArray gradient = weight.getGradient();
            assertTrue(Float.isNaN(gradient.sum().getFloat()));
            update(adamW, "w" + shape, weight, new float[(int) shape.size()]);
            assertArrayEquals(new float[(int) shape.size()], gradient.toFloatArray());
            backward(weight, 3);
            assertEquals(3f * shape.size(), gradient.sum().getFloat());
        }
    }

    private static void backward(NDArray weight, float gradient) {
        try (GradientCollector collector = Engine.getInstance().newGradientCollector();
                NDArray factors = weight.getManager().full(weight.getShape(), gradient);
                NDArray product = weight.mul(factors);
                NDArray sum = product.sum()) {
            collector.backward(sum);
        }
    }

    @Test
    void update_ofAnotherType_isRefused() {
        AdamW adamW = build(AdamW.builder());
        NDArray weight = manager.zeros(new Shape(3), DataType.FLOAT64);
        weight.setName("bias");
        assertEquals(
                "AdamW updates float32; bias (3) is float64",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> adamW.update("w", weight, weight))
                        .getMessage());
        assertTrue(adamW.mean("w").isEmpty());
    }

    @Test
    void update_withARateThatIsNoNumber_saysWhen() {
        AdamW adamW = build(AdamW.builder().optLearningRateTracker(Tracker.fixed(Float.NaN)));
        NDArray weight = manager.ones(new Shape(1));
        assertEquals(
                "the learning rate of update 1 is NaN",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> adamW.update("w", weight, weight))
                        .getMessage());
        assertEquals(1, weight.getFloat());
    }

    @Test
    void update_onAThreadThatRecordsGradients_changesTheWeight() throws InterruptedException {
        AdamW adamW = build(AdamW.builder().optClipGrad(1));
        NDArray weight = manager.ones(new Shape(2));
        weight.setRequiresGradient(true);
        Thread thread = new Thread(() -> update(adamW, "w", weight, 0.5f, 0));
        thread.start();
        thread.join();
        assertEquals(1 - 1e-3f, weight.getFloat(0), 1e-6);
        assertTrue(weight.hasGradient());
    }

    @Test
    void build_withSettingsOutOfRange_namesAllOfThem() {
        AdamW.Builder builder =
                AdamW.builder()
                        .optLearningRateTracker(null)
                        .optBeta1(1)
                        .optBeta2(-0.5)
                        .optEpsilon(0)
                        .optWeightDecays(-0.5f)
                        .setRescaleGrad(Float.NaN)
                        .optClipGrad(Float.NaN);
        assertEquals(
                "learningRateTracker = null, must be given; beta1 = 1.0, must be in [0, 1);"
                        + " beta2 = -0.5, must be in [0, 1); epsilon = 0.0, must be positive;"
                        + " weightDecays = -0.5, must be at least 0;"
                        + " rescaleGrad = NaN, must be positive; clipGrad = NaN, must be a number",
                assertThrows(IllegalArgumentException.class, builder::build).getMessage());
    }

    @Test
    void settings_areReadableAndTorchsByDefault() {
        AdamW adamW = build(AdamW.builder());
        assertEquals(0.9, adamW.beta1());
        assertEquals(0.999, adamW.beta2());
        assertEquals(1e-8, adamW.epsilon());
        assertEquals(0, adamW.updates());
    }

    @Test
    void close_twice_freesTheMoments() {
        AdamW adamW = build(AdamW.builder());
        NDArray weight = manager.ones(new Shape(2));
        update(adamW, "w", weight, 1, 1);
        NDArray mean = adamW.mean("w").orElseThrow();
        NDArray variance = adamW.variance("w").orElseThrow();
        adamW.close();
        adamW.close();
        assertThrows(IllegalStateException.class, mean::toFloatArray);
        assertThrows(IllegalStateException.class, variance::toFloatArray);
        assertTrue(adamW.mean("w").isEmpty());
    }
}
