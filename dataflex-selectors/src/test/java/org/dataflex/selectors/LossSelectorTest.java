package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dataflex.math.Quantiles;
import org.dataflex.selectors.LossSelector.Focus;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.Selector;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakeModelOps;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.Golden;
import org.dataflex.testing.SelectorContract;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

class LossSelectorTest implements SelectorContract {

    @Override
    public Selector create() {
        return LossSelector.builder()
                .optFocus(Focus.MEDIUM)
                .optFocusWeight(7.5)
                .optQuantiles(0.2, 0.9)
                .optTemperature(0.7)
                .build();
    }

    @Test
    void nameAndSettings() {
        assertEquals("loss", new LossSelector().name());
        assertEquals(
                "{focus=high, focusWeight=5.0, quantiles=0.33,0.66, temperature=1.0}",
                new LossSelector().settings().toString());
        assertEquals(
                Map.of(
                        "focus", "medium",
                        "focusWeight", "7.5",
                        "quantiles", "0.2,0.9",
                        "temperature", "0.7"),
                create().settings());
    }

    @TestFactory
    Stream<DynamicTest> probabilities_areThoseOfDataFlex() {
        return Golden.cases("loss-selector.json").stream()
                .map(c -> DynamicTest.dynamicTest(c.get("case").asText(), () -> checkGolden(c)));
    }

    private static void checkGolden(JsonNode golden) {
        double[] quantiles = Golden.array(golden.get("quantiles"));
        LossSelector selector =
                LossSelector.builder()
                        .optFocus(
                                Focus.valueOf(
                                        golden.get("focus").asText().toUpperCase(Locale.ROOT)))
                        .optFocusWeight(golden.get("focusWeight").asDouble())
                        .optQuantiles(quantiles[0], quantiles[1])
                        .optTemperature(golden.get("temperature").asDouble())
                        .build();
        assertArrayEquals(
                Golden.array(golden.get("probabilities")),
                selector.probabilities(Golden.array(golden.get("losses"))),
                1e-7); // float32 probabilities
    }

    @Test
    void probabilities_ofFourLosses_followTheFormula() {
        double[] losses = {4, 1, 3, 2}; // quartiles 1.75 and 3.25
        LossSelector.Builder builder =
                LossSelector.builder().optQuantiles(0.25, 0.75).optFocusWeight(3);
        assertArrayEquals(
                new double[] {1 / 6.0, 3 / 6.0, 1 / 6.0, 1 / 6.0},
                builder.optFocus(Focus.LOW).build().probabilities(losses),
                1e-15);
        assertArrayEquals(
                new double[] {1 / 8.0, 1 / 8.0, 3 / 8.0, 3 / 8.0},
                builder.optFocus(Focus.MEDIUM).build().probabilities(losses),
                1e-15);
        assertArrayEquals(
                new double[] {3 / 6.0, 1 / 6.0, 1 / 6.0, 1 / 6.0},
                builder.optFocus(Focus.HIGH).build().probabilities(losses),
                1e-15);
        double root = Math.sqrt(3);
        assertArrayEquals(
                new double[] {root, 1, 1, 1},
                scale(builder.optTemperature(2).build().probabilities(losses), 3 + root),
                1e-14);
    }

    @Test
    void probabilities_lossesOnTheBandsEnds_belongToTheBandBelow() {
        double[] losses = {0, 1, 2}; // quantiles 0.5 and 1 are 1 and 2
        LossSelector.Builder builder =
                LossSelector.builder().optQuantiles(0.5, 1).optFocusWeight(2);
        assertArrayEquals(
                new double[] {0.4, 0.4, 0.2},
                builder.optFocus(Focus.LOW).build().probabilities(losses),
                1e-15);
        assertArrayEquals(
                new double[] {0.25, 0.25, 0.5},
                builder.optFocus(Focus.MEDIUM).build().probabilities(losses),
                1e-15);
        assertArrayEquals(
                new double[] {0.25, 0.25, 0.5},
                builder.optQuantiles(0, 0.5).optFocus(Focus.HIGH).build().probabilities(losses),
                1e-15);
    }

    @Test
    void probabilities_equalLosses_areUniform() {
        for (Focus focus : Focus.values()) {
            assertArrayEquals(
                    new double[] {0.25, 0.25, 0.25, 0.25},
                    LossSelector.builder()
                            .optFocus(focus)
                            .build()
                            .probabilities(new double[] {2, 2, 2, 2}),
                    1e-15);
        }
    }

    @Test
    void probabilities_nonFiniteLosses_haveNone() {
        double[] losses = {1, Double.NaN, 2, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        assertArrayEquals(
                new double[] {1 / 6.0, 0, 5 / 6.0, 0, 0},
                new LossSelector().probabilities(losses),
                1e-15);
    }

    @Test
    void select_lowTemperature_exhaustsTheBandAndThenFillsUp() {
        LossSelector selector = LossSelector.builder().optTemperature(1e-5).build();
        double[] losses = IntStream.range(0, 12).mapToDouble(i -> i).toArray();
        double upper = Quantiles.of(losses, 0.66)[0]; // 7.26, so 4 losses lie above
        FakeContexts contexts = contexts(i -> losses[(int) i], 12);
        List<Long> drawn = selector.select(contexts.selection(10)).indices().asList();
        assertEquals(
                List.of(8L, 9L, 10L, 11L),
                drawn.stream()
                        .limit(4)
                        .sorted()
                        .filter(i -> losses[i.intValue()] > upper)
                        .toList());
        assertEquals(10, drawn.stream().distinct().count());
    }

    @Test
    void select_manySeeds_drawsByTheProbabilities() {
        double[] p = new LossSelector().probabilities(new double[] {0, 1, 2, 3, 4});
        int[] drawn = new int[5];
        for (int seed = 0; seed < 8_000; seed++) {
            FakeContexts contexts = contexts(i -> i, 5).withSeed(seed);
            drawn[(int) new LossSelector().select(contexts.selection(1)).indices().get(0)]++;
        }
        for (int i = 0; i < 5; i++) {
            // four standard deviations
            assertEquals(8_000 * p[i], drawn[i], 4 * Math.sqrt(8_000 * p[i] * (1 - p[i])));
        }
    }

    @Test
    void select_scoresAreTheLosses_andOneCallAsksForAll() {
        FakeModelOps model = FakeModelOps.withLosses(i -> 10 + i);
        FakeContexts contexts = FakeContexts.of(FakePool.ofSize(9)).withModel(model);
        Selection selection = new LossSelector().select(contexts.selection(4));
        assertArrayEquals(
                selection.indices().stream().mapToDouble(i -> 10 + i).toArray(),
                selection.scores());
        assertEquals(
                new Quantiles.Summary(10, 12, 14, 16, 18),
                selection.candidateScores().orElseThrow());
        assertEquals(1, model.lossCalls().size());
        assertEquals(9, model.lossCalls().get(0).size());
    }

    @Test
    void select_nonFiniteLosses_areNeverDrawn() {
        for (int seed = 0; seed < 200; seed++) {
            FakeContexts contexts = contexts(i -> i % 3 == 0 ? Double.NaN : i, 9).withSeed(seed);
            Selection selection = new LossSelector().select(contexts.selection(6));
            assertEquals(
                    List.of(1L, 2L, 4L, 5L, 7L, 8L),
                    selection.indices().stream().sorted().boxed().toList());
        }
    }

    @Test
    void select_tooFewFiniteLosses_isRefused() {
        String mend = "; find out why the model's losses are NaN or infinite, or lower the budget";
        IllegalStateException some =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                new LossSelector()
                                        .select(
                                                contexts(i -> i < 5 ? 1 / 0.0 : i, 9)
                                                        .selection(6)));
        assertEquals(
                "the loss of 4 of 9 candidates is finite, too few for a budget of 6" + mend,
                some.getMessage());
        IllegalStateException none =
                assertThrows(
                        IllegalStateException.class,
                        () -> new LossSelector().select(contexts(i -> Double.NaN, 9).selection(1)));
        assertEquals(
                "the loss of 0 of 9 candidates is finite, too few for a budget of 1" + mend,
                none.getMessage());
    }

    @Test
    void builder_valuesOutOfRange_areRefused() {
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(
                    "focusWeight = " + bad + ", must be finite and above 0",
                    () -> LossSelector.builder().optFocusWeight(bad));
            assertRefused(
                    "temperature = " + bad + ", must be finite and above 0",
                    () -> LossSelector.builder().optTemperature(bad));
        }
        double[][] quantiles = {{-0.1, 0.5}, {0.7, 0.3}, {0.5, 1.1}, {Double.NaN, 1}};
        for (double[] bad : quantiles) {
            assertRefused(
                    "quantiles = "
                            + bad[0]
                            + ","
                            + bad[1]
                            + ", must be lower,upper with 0 <= lower <= upper <= 1",
                    () -> LossSelector.builder().optQuantiles(bad[0], bad[1]));
        }
        NullPointerException missing =
                assertThrows(
                        NullPointerException.class, () -> LossSelector.builder().optFocus(null));
        assertEquals("focus", missing.getMessage());
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    private static FakeContexts contexts(LongToDoubleFunction lossOf, long size) {
        return FakeContexts.of(FakePool.ofSize(size)).withModel(FakeModelOps.withLosses(lossOf));
    }

    private static double[] scale(double[] values, double by) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i] * by).toArray();
    }
}
