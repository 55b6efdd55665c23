package org.dataflex.weighters;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dataflex.strategy.Weighter;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.Golden;
import org.dataflex.testing.WeighterContract;
import org.dataflex.weighters.LossBasedWeighter.Compatibility;
import org.dataflex.weighters.LossBasedWeighter.Emphasis;
import org.dataflex.weighters.LossBasedWeighter.Scope;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

class LossBasedWeighterTest {

    private static final double GOLDEN = 1e-7; // losses are float32 here, float64 there

    @Nested
    class LinUpper implements WeighterContract {
        @Override
        public Weighter create() {
            return new LossBasedWeighter();
        }
    }

    @Nested
    class Upper implements WeighterContract {
        @Override
        public Weighter create() {
            return LossBasedWeighter.builder().optStrategy(Emphasis.UPPER).optDelta(20).build();
        }
    }

    @Nested
    class Quadratic implements WeighterContract {
        @Override
        public Weighter create() {
            return LossBasedWeighter.builder()
                    .optStrategy(Emphasis.QUADRATIC)
                    .optTemperature(1e-3)
                    .build();
        }
    }

    @Nested
    class Extremes implements WeighterContract {
        @Override
        public Weighter create() {
            return LossBasedWeighter.builder()
                    .optStrategy(Emphasis.EXTREMES)
                    .optTemperature(0.4)
                    .build();
        }
    }

    @Nested
    class Uniform implements WeighterContract {
        @Override
        public Weighter create() {
            return LossBasedWeighter.builder().optStrategy(Emphasis.UNIFORM).build();
        }
    }

    @Nested
    class OverAWindow implements WeighterContract {
        @Override
        public Weighter create() {
            return LossBasedWeighter.builder()
                    .optScope(Scope.WINDOW)
                    .optWindow(2)
                    .optTemperature(1e-3)
                    .build();
        }
    }

    @Nested
    class Moving implements WeighterContract {
        @Override
        public Weighter create() {
            return LossBasedWeighter.builder()
                    .optScope(Scope.MOVING)
                    .optQuantile(0.1)
                    .optDecay(0.5)
                    .optTemperature(1e-3)
                    .build();
        }
    }

    @Nested
    class MovingExtremes implements WeighterContract {
        @Override
        public Weighter create() {
            return LossBasedWeighter.builder()
                    .optScope(Scope.MOVING)
                    .optStrategy(Emphasis.QUADRATIC)
                    .build();
        }
    }

    @Nested
    class AsDataFlex implements WeighterContract {
        @Override
        public Weighter create() {
            return LossBasedWeighter.builder()
                    .optStrategy(Emphasis.UNIFORM)
                    .optCompatibility(Compatibility.DATAFLEX)
                    .build();
        }
    }

    @Test
    void nameAndSettings() {
        assertEquals("loss", new LossBasedWeighter().name());
        assertEquals(
                "{strategy=linupper, delta=1.0, temperature=1.0, finalTemperature=1.0,"
                        + " temperatureSchedule=constant, scope=batch, window=8, decay=0.9,"
                        + " quantile=0.0, compatibility=none}",
                new LossBasedWeighter().settings().toString());
        assertEquals("dataflex", new AsDataFlex().create().settings().get("compatibility"));
    }

    @TestFactory
    Stream<DynamicTest> weigh_isThatOfDataFlex() {
        return tests("loss-weighter-dataflex.json", Compatibility.DATAFLEX);
    }

    /** What DataFlex calls uniform is left out: it is the one that differs. */
    @TestFactory
    Stream<DynamicTest> weigh_withoutCompatibility_isThatOfDataFlexToo() {
        return tests("loss-weighter-dataflex.json", Compatibility.NONE)
                .filter(test -> !test.getDisplayName().contains("uniform"));
    }

    @TestFactory
    Stream<DynamicTest> weigh_otherTemperatures_followTheFormula() {
        return tests("loss-weighter-temperature.json", Compatibility.NONE);
    }

    @TestFactory
    Stream<DynamicTest> weigh_isThatOfThePapersCode() {
        return tests("loss-weighter-official.json", Compatibility.NONE);
    }

    private static Stream<DynamicTest> tests(String file, Compatibility compatibility) {
        return Golden.cases(file).stream()
                .map(
                        c ->
                                DynamicTest.dynamicTest(
                                        c.get("case").asText(), () -> check(c, compatibility)));
    }

    private static void check(JsonNode golden, Compatibility compatibility) {
        String strategy = golden.get("strategy").asText().toUpperCase(Locale.ROOT);
        double delta = golden.get("delta").asDouble();
        LossBasedWeighter weighter =
                LossBasedWeighter.builder()
                        .optStrategy(Emphasis.valueOf(strategy))
                        .optDelta(delta)
                        .optTemperature(golden.get("temperature").asDouble())
                        .optCompatibility(compatibility)
                        .build();
        float[] losses = floats(golden.get("losses"));
        LossFormula formula = new LossFormula(Emphasis.valueOf(strategy), delta, compatibility);
        if (golden.has("h")) {
            double[] u = formula.normalizedLosses(Golden.array(golden.get("losses")));
            double[] h = Arrays.stream(u).map(x -> delta * x).toArray();
            double[] f = Arrays.stream(u).map(formula::emphasize).toArray();
            assertArrayEquals(Golden.array(golden.get("h")), h, GOLDEN);
            assertArrayEquals(Golden.array(golden.get("f")), f, GOLDEN);
        }
        assertArrayEquals(
                Golden.array(golden.get("weights")),
                formula.weights(
                        Golden.array(golden.get("losses")), golden.get("temperature").asDouble()),
                GOLDEN);
        if (golden.has("loss")) {
            // sum(weight_i l_i) / B, as the loop computes it, in float32
            assertEquals(golden.get("loss").asDouble(), batchLoss(weighter, losses), 1e-6);
        }
    }

    private static double batchLoss(LossBasedWeighter weighter, float[] losses) {
        float[] weights = weigh(weighter, losses);
        return IntStream.range(0, losses.length)
                .mapToDouble(i -> weights[i] * losses[i] / losses.length)
                .sum();
    }

    @Test
    void weigh_twoLosses_haveClosedForms() {
        double e = Math.E;
        assertWeights(Emphasis.LINUPPER, 2 / (1 + e), 2 * e / (1 + e));
        assertWeights(Emphasis.UPPER, 2 / (1 + e), 2 * e / (1 + e));
        assertWeights(Emphasis.QUADRATIC, 1, 1);
        assertWeights(Emphasis.EXTREMES, 1, 1);
        assertWeights(Emphasis.UNIFORM, 1, 1);
    }

    private static void assertWeights(Emphasis strategy, double low, double high) {
        float[] weights = weigh(LossBasedWeighter.builder().optStrategy(strategy).build(), 1.5f, 4);
        assertEquals(low, weights[0], 1e-6);
        assertEquals(high, weights[1], 1e-6);
    }

    /** In float32, equal losses of a batch may differ in the last digit. */
    @Test
    void weigh_lossesThatDifferByRounding_areEqual() {
        float loss = 3.2f;
        assertArrayEquals(
                new float[] {1, 1, 1},
                weigh(new LossBasedWeighter(), loss, Math.nextUp(loss), Math.nextDown(loss)));
        float large = 40_000;
        assertArrayEquals(
                new float[] {1, 1}, weigh(new LossBasedWeighter(), large, Math.nextUp(large)));
    }

    @Test
    void weigh_meanIsOne() {
        float[] weights = weigh(new LossBasedWeighter(), 0.5f, 1.2f, 2, 3.7f, 1.9f, 0.9f);
        double sum = IntStream.range(0, 6).mapToDouble(i -> weights[i]).sum();
        assertEquals(6, sum, 1e-5);
    }

    /** A window of all a step's micro-batches weighs its last as the whole step at once. */
    @Test
    void window_isThatOfTheStepAtOnce() {
        float[] losses = {0.5f, 1.2f, 2, 3.7f, 1.9f, 0.9f};
        LossBasedWeighter window =
                LossBasedWeighter.builder().optScope(Scope.WINDOW).optWindow(3).build();
        weigh(window, 9, 0); // outside of the window in the end
        weigh(window, 0.5f, 1.2f);
        weigh(window, 2, 3.7f);
        float[] last = weigh(window, 1.9f, 0.9f);
        float[] atOnce = weigh(new LossBasedWeighter(), losses);
        assertArrayEquals(new float[] {atOnce[4], atOnce[5]}, last, 1e-6f);
        assertEquals(Map.of(), new LossBasedWeighter().saveState());
    }

    @Test
    void window_ofBatchesOfOne_tellsThemApart() {
        LossBasedWeighter window = LossBasedWeighter.builder().optScope(Scope.WINDOW).build();
        assertArrayEquals(new float[] {1}, weigh(window, 3));
        assertEquals(2 * Math.E / (1 + Math.E), weigh(window, 5)[0], 1e-6);
        assertTrue(weigh(window, 1)[0] < 1);
    }

    /** By hand: extremes and normaliser are averages of the two batches. */
    @Test
    void moving_secondBatch_isWeighedByTheAverages() {
        LossBasedWeighter moving =
                LossBasedWeighter.builder()
                        .optScope(Scope.MOVING)
                        .optStrategy(Emphasis.UPPER)
                        .optDecay(0.75)
                        .build();
        weigh(moving, 1, 3);
        float[] weights = weigh(moving, 5, 2); // extremes 1.25 and 3.5: 5 counts as 3.5
        double low = Math.exp(0.5 * (2 * 2 - 4.75) / 2.25 + 0.5 - 1);
        double first = (Math.exp(-1) + 1) / 2;
        double mean = 0.75 * first + 0.25 * (1 + low) / 2;
        assertEquals(1 / mean, weights[0], 1e-6);
        assertEquals(low / mean, weights[1], 1e-6);
    }

    @Test
    void temperature_fallsOverTheRun() {
        for (TemperatureSchedule.Form form : TemperatureSchedule.Form.values()) {
            TemperatureSchedule schedule = new TemperatureSchedule(8, 0.5, form);
            double middle = form == TemperatureSchedule.Form.CONSTANT ? 8 : 4.25;
            assertEquals(8, schedule.at(0, 1_000));
            assertEquals(middle, schedule.at(500, 1_000), 1e-12);
            LossBasedWeighter scheduled =
                    LossBasedWeighter.builder().optTemperature(schedule).build();
            FakeContexts half = FakeContexts.of(FakePool.ofSize(64)).atStep(500);
            assertArrayEquals(
                    weigh(LossBasedWeighter.builder().optTemperature(middle).build(), 1, 4),
                    scheduled.weigh(half.weighting(1, 4)).toArray(),
                    1e-6f);
        }
        TemperatureSchedule cosine =
                new TemperatureSchedule(8, 0.5, TemperatureSchedule.Form.COSINE);
        assertEquals(0.5, cosine.at(1_000, 1_000), 1e-12);
        assertEquals(0.5 + 7.5 * 0.75, cosine.at(1, 3), 1e-12);
    }

    @Test
    void builder_valuesOutOfRange_areRefused() {
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(
                    "delta = " + bad + ", must be finite and above 0",
                    () -> LossBasedWeighter.builder().optDelta(bad));
            assertRefused(
                    "temperature = " + bad + ", must be finite and above 0",
                    () -> LossBasedWeighter.builder().optTemperature(bad));
            assertRefused(
                    "finalTemperature = " + bad + ", must be finite and above 0",
                    () -> new TemperatureSchedule(1, bad, TemperatureSchedule.Form.LINEAR));
        }
        assertRefused(
                "window = 0, must be at least 1", () -> LossBasedWeighter.builder().optWindow(0));
        assertRefused(
                "decay = 1.0, must be in [0, 1)", () -> LossBasedWeighter.builder().optDecay(1));
        assertRefused(
                "quantile = 0.5, must be in [0, 0.5)",
                () -> LossBasedWeighter.builder().optQuantile(0.5));
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    private static float[] weigh(LossBasedWeighter weighter, float... losses) {
        return weighter.weigh(FakeContexts.of(FakePool.ofSize(64)).weighting(losses)).toArray();
    }

    private static float[] floats(JsonNode values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values.get(i).asDouble();
        }
        return floats;
    }
}
