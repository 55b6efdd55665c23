package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.LongToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
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

class DeltaLossSelectorTest implements SelectorContract {

    @Override
    public Selector create() {
        return DeltaLossSelector.builder().optWindowSize(0.3).optUpdates(4).build();
    }

    @Test
    void nameAndSettings() {
        assertEquals("delta-loss", new DeltaLossSelector().name());
        assertEquals(
                "{windowSize=0.2, compatibility=none}",
                new DeltaLossSelector().settings().toString());
        assertEquals(
                Map.of("windowSize", "0.3", "updates", "4", "compatibility", "dataflex"),
                DeltaLossSelector.builder()
                        .optWindowSize(0.3)
                        .optUpdates(4)
                        .optCompatibility(Compatibility.DATAFLEX)
                        .build()
                        .settings());
    }

    @TestFactory
    Stream<DynamicTest> window_isThatOfDataFlex() {
        return Golden.cases("delta-loss-window.json").stream()
                .map(
                        c ->
                                DynamicTest.dynamicTest(
                                        c.get("case").asText(),
                                        () ->
                                                assertArrayEquals(
                                                        Golden.array(c.get("window")),
                                                        doubles(
                                                                DeltaLossSelector.window(
                                                                        c.get("t").asDouble()
                                                                                / c.get("T")
                                                                                        .asDouble(),
                                                                        c.get("N").asInt(),
                                                                        c.get("windowSize")
                                                                                .asDouble())))));
    }

    private static double[] doubles(int[] values) {
        return IntStream.of(values).asDoubleStream().toArray();
    }

    @TestFactory
    Stream<DynamicTest> compatibility_chancesAreThoseOfDataFlex() {
        return Golden.cases("delta-loss-selector.json").stream()
                .map(c -> DynamicTest.dynamicTest(c.get("case").asText(), () -> checkGolden(c)));
    }

    private static void checkGolden(JsonNode golden) {
        double[] first = Golden.array(golden.get("firstLosses"));
        double[] losses = Golden.array(golden.get("losses"));
        DeltaLossSelector selector =
                DeltaLossSelector.builder()
                        .optWindowSize(golden.get("windowSize").asDouble())
                        .optUpdates(golden.get("T").asInt() + 1)
                        .optCompatibility(Compatibility.DATAFLEX)
                        .build();
        int t = golden.get("t").asInt();
        selector.select(contexts(i -> first[(int) i], first.length, 20).selection(2));
        for (int step = 21; step < 20 + t; step++) {
            selector.select(contexts(i -> losses[(int) i], first.length, step).selection(2));
        }
        Selection selection =
                selector.select(
                        contexts(i -> losses[(int) i], first.length, 20 + t)
                                .selection(first.length));
        double[] differences = Golden.array(golden.get("differences"));
        assertArrayEquals(
                selection.indices().stream().mapToDouble(i -> differences[(int) i]).toArray(),
                selection.scores(),
                1e-6); // differences of float32
        float[] now = new float[losses.length];
        for (int i = 0; i < now.length; i++) {
            now[i] = (float) losses[i];
        }
        double[] chances = selector.chances(now, differences, (double) t / golden.get("T").asInt());
        double sum = DoubleStream.of(chances).sum();
        assertArrayEquals(
                Golden.array(golden.get("probabilities")),
                DoubleStream.of(chances).map(c -> c / sum).toArray(),
                1e-7); // float32 probabilities
    }

    @Test
    void chances_lateUpdate_windowStaysAmongTheLossesThatFell() {
        DeltaLossSelector selector = DeltaLossSelector.builder().optWindowSize(0.4).build();
        float[] losses = new float[10];
        double[] falls = {9, -1, 7, -2, 5, 0, 3, -3, -4, -5}; // 5 of them not risen
        assertArrayEquals( // ranks floor(0.02) to floor(2.02)
                new double[] {1, .025, 1, .025, .025, .025, .025, .025, .025, .025},
                selector.chances(losses, falls, 0));
        assertArrayEquals( // ranks floor(1.5) to floor(3.5)
                new double[] {.025, .025, 1, .025, 1, .025, .025, .025, .025, .025},
                selector.chances(losses, falls, 0.5));
        assertArrayEquals( // ranks floor(2.98) to floor(4.98)
                new double[] {.025, .025, .025, .025, 1, .025, 1, .025, .025, .025},
                selector.chances(losses, falls, 1));
        double[] compatible = // ranks floor(5.96) to floor(9.96), cut at 5
                DeltaLossSelector.builder()
                        .optWindowSize(0.4)
                        .optCompatibility(Compatibility.DATAFLEX)
                        .build()
                        .chances(losses, falls, 1);
        assertTrue(Arrays.stream(compatible).allMatch(chance -> chance == 0.025));
    }

    @Test
    void chances_windowNarrowerThanARank_hasOne() {
        assertArrayEquals(
                new double[] {.025, 1, .025},
                DeltaLossSelector.builder()
                        .optWindowSize(0.01)
                        .build()
                        .chances(new float[3], new double[] {-1, 2, -3}, 0.5));
    }

    @Test
    void chances_allLossesRose_areAlike() {
        assertArrayEquals(
                new double[] {.025, .025},
                new DeltaLossSelector().chances(new float[2], new double[] {-1, -2}, 0.5));
    }

    @Test
    void progress_followsTheStepsOrTheUpdatesGiven() {
        DeltaLossSelector bySteps = new DeltaLossSelector(); // 1000 steps
        DeltaLossSelector byUpdates = DeltaLossSelector.builder().optUpdates(3).build();
        for (DeltaLossSelector selector : List.of(bySteps, byUpdates)) {
            assertEquals(0, selector.progress(100, 1000));
            selector.select(contexts(i -> i, 5, 100).selection(2));
            selector.select(contexts(i -> i, 5, 300).selection(2));
        }
        assertEquals(0.25, bySteps.progress(300, 1000)); // 100, 300, 500, 700, 900
        assertEquals(1, bySteps.progress(900, 1000));
        assertEquals(0.5, byUpdates.progress(300, 1000));
        assertEquals(1, byUpdates.progress(500, 1000));
        assertEquals(1, byUpdates.progress(900, 1000));
    }

    @Test
    void progress_onlyOneUpdateFits_isAtItsEnd() {
        DeltaLossSelector selector = new DeltaLossSelector();
        selector.select(contexts(i -> i, 5, 0).selection(2));
        selector.select(contexts(i -> i, 5, 900).selection(2));
        assertEquals(1, selector.progress(900, 1000));
    }

    @Test
    void select_firstUpdate_drawsUniformlyWithoutScores() {
        int[] drawn = new int[5];
        for (int seed = 0; seed < 5_000; seed++) {
            Selection selection =
                    new DeltaLossSelector()
                            .select(contexts(i -> i, 5, 0).withSeed(seed).selection(1));
            assertEquals(0, selection.scores().length);
            drawn[(int) selection.indices().get(0)]++;
        }
        for (int count : drawn) {
            assertEquals(1_000, count, 4 * Math.sqrt(5_000 * 0.2 * 0.8)); // standard deviations
        }
    }

    @Test
    void select_laterUpdate_drawsByTheWindow() {
        double[] now = {1, 1, 0.5, 1, 1, 1, 1.5, 1, 1, 1}; // 2 fell most, 6 rose
        int[] drawn = new int[10];
        for (int seed = 0; seed < 4_000; seed++) {
            DeltaLossSelector selector =
                    DeltaLossSelector.builder().optWindowSize(0.12).optUpdates(1000).build();
            selector.select(contexts(i -> 1, 10, 0).withSeed(seed).selection(1));
            Selection selection =
                    selector.select(contexts(i -> now[(int) i], 10, 1).withSeed(seed).selection(1));
            drawn[(int) selection.indices().get(0)]++;
        }
        double p = 1 / (1 + 9 * 0.025);
        assertEquals(4_000 * p, drawn[2], 4 * Math.sqrt(4_000 * p * (1 - p)));
    }

    @Test
    void select_candidatesSeenLater_areMeasuredFirst() {
        DeltaLossSelector selector = new DeltaLossSelector();
        FakeContexts first = contexts(i -> 2, 6, 0);
        selector.select(first.selection(some(0, 3), 3));
        Selection second = selector.select(contexts(i -> 1, 6, 1).selection(some(2, 5), 3));
        for (int i = 0; i < 3; i++) {
            assertEquals(second.indices().get(i) == 2 ? 1 : Double.NaN, second.scores()[i]);
        }
        Selection third = selector.select(contexts(i -> 0.5, 6, 2).selection(some(0, 5), 5));
        for (int i = 0; i < 5; i++) {
            assertEquals(third.indices().get(i) < 3 ? 1.5 : 0.5, third.scores()[i]);
        }
    }

    private static Samples some(long from, long to) {
        return new Samples(FakePool.ofSize(6), SampleIndices.range(from, to));
    }

    @Test
    void select_nonFiniteLosses_areNeverDrawn() {
        for (int seed = 0; seed < 100; seed++) {
            DeltaLossSelector selector = new DeltaLossSelector();
            selector.select(contexts(i -> i == 1 ? Double.NaN : 1, 6, 0).selection(5));
            Selection selection =
                    selector.select(
                            contexts(i -> i == 4 ? Double.POSITIVE_INFINITY : 1, 6, 1)
                                    .withSeed(seed)
                                    .selection(5));
            assertEquals(
                    List.of(0L, 1L, 2L, 3L, 5L),
                    selection.indices().stream().sorted().boxed().toList());
        }
        assertEquals(
                "the loss of 1 of 3 candidates is finite, too few for a budget of 2; find out why"
                        + " the model's losses are NaN or infinite, or lower the budget",
                assertThrows(
                                IllegalStateException.class,
                                () ->
                                        new DeltaLossSelector()
                                                .select(
                                                        contexts(i -> i == 0 ? 1 : Double.NaN, 3, 0)
                                                                .selection(2)))
                        .getMessage());
    }

    @Test
    void builder_valuesOutOfRange_areRefused() {
        for (double bad : new double[] {0, -0.1, 1.1, Double.NaN}) {
            assertRefused(
                    "windowSize = " + bad + ", must be above 0 and at most 1",
                    () -> DeltaLossSelector.builder().optWindowSize(bad));
        }
        assertRefused(
                "updates = 1, must be at least 2: the first only measures the losses",
                () -> DeltaLossSelector.builder().optUpdates(1));
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    private static FakeContexts contexts(LongToDoubleFunction lossOf, long size, long step) {
        return FakeContexts.of(FakePool.ofSize(size))
                .atStep(step)
                .withModel(FakeModelOps.withLosses(lossOf));
    }
}
