package org.dataflex.weighters;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dataflex.data.SampleSet;
import org.dataflex.math.Seeds;
import org.dataflex.strategy.Weighter;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakeModelOps;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.Golden;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.WeighterContract;
import org.dataflex.weighters.AdaptWeighter.Compatibility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

@ExtendWith(NoLeaks.class)
class AdaptWeighterTest implements WeighterContract {

    private static final SampleSet EXAM = FakePool.samples(3);

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void tearDown() {
        manager.close();
    }

    private static AdaptWeighter.Builder builder() {
        return AdaptWeighter.builder().setTargets("exam", EXAM);
    }

    @Override
    public Weighter create() {
        return builder().optTemperature(0.2).build();
    }

    @Override
    public boolean isCreatableByName() {
        return false;
    }

    @Override
    public boolean isLossOnly() {
        return false;
    }

    @Override
    public FakeContexts contexts() {
        return embedded(AdaptWeighterTest::embedding);
    }

    private FakeContexts embedded(LongFunction<float[]> embeddingOf) {
        return FakeContexts.of(FakePool.ofSize(64))
                .withModel(FakeModelOps.withEmbeddings(manager, embeddingOf));
    }

    private static float[] embedding(long index) {
        RandomGenerator random = Seeds.generator(9, index);
        float[] values = new float[5];
        for (int d = 0; d < values.length; d++) {
            values[d] = (float) random.nextGaussian();
        }
        return values;
    }

    @TestFactory
    Stream<DynamicTest> weigh_isThatOfDataFlex() {
        return Golden.cases("adapt-weighter.json").stream()
                .map(c -> DynamicTest.dynamicTest(c.get("case").asText(), () -> check(c)));
    }

    private static void check(JsonNode golden) {
        try (NDManager manager = NDManager.newBaseManager()) {
            float[] mean = weigh(manager, golden, Compatibility.NONE);
            assertArrayEquals(
                    Golden.array(golden.get("weights")),
                    IntStream.range(0, 3).mapToDouble(i -> mean[i]).toArray(),
                    1e-6); // float32 there
            assertEquals(golden.get("mean").asDouble(), batchLoss(golden, mean), 1e-6);
            float[] sum = weigh(manager, golden, Compatibility.DATAFLEX);
            assertEquals(golden.get("sum").asDouble(), batchLoss(golden, sum), 2e-6);
        }
    }

    private static float[] weigh(NDManager manager, JsonNode golden, Compatibility compatibility) {
        AdaptWeighter weighter =
                AdaptWeighter.builder()
                        .setTargets("anchors", FakePool.samples(2))
                        .optTemperature(golden.get("temperature").asDouble())
                        .optClip(golden.get("clip").isNull() ? 1 : golden.get("clip").asDouble())
                        .optCompatibility(compatibility)
                        .build();
        FakeContexts contexts = FakeContexts.of(FakePool.ofSize(3));
        weighter.refresh(
                contexts.withModel(pooled(manager, golden, "targetHidden", "targetMask"))
                        .refreshing());
        return weighter.weigh(
                        contexts.withModel(pooled(manager, golden, "hidden", "mask"))
                                .weighting(1, 1, 1))
                .toArray();
    }

    /** Pools by rank among the real tokens. */
    private static FakeModelOps pooled(
            NDManager manager, JsonNode golden, String hidden, String mask) {
        return FakeModelOps.withEmbeddings(
                manager,
                i -> {
                    JsonNode states = golden.get(hidden).get((int) i);
                    float[] sum = new float[4];
                    double rank = 0;
                    for (int t = 0; t < states.size(); t++) {
                        if (golden.get(mask).get((int) i).get(t).asInt() == 1) {
                            rank++;
                            for (int d = 0; d < 4; d++) {
                                sum[d] += (float) (rank * states.get(t).get(d).asDouble());
                            }
                        }
                    }
                    return sum;
                });
    }

    private static double batchLoss(JsonNode golden, float[] weights) {
        double[] losses = Golden.array(golden.get("losses"));
        return IntStream.range(0, 3).mapToDouble(i -> weights[i] * losses[i] / 3).sum();
    }

    @Test
    void weigh_closedForms() {
        // targets 0, 1, 2 and the batch are (1, 0), (0, 1), (0, 0), (-3, -4)
        float[][] rows = {{2, 0}, {0, 5}, {0, 0}, {-3, -4}};
        AdaptWeighter weighter = builder().optTemperature(1 / 3.0).build();
        FakeContexts contexts = embedded(i -> rows[(int) i]);
        weighter.refresh(contexts.refreshing());
        float[] weights = weighter.weigh(contexts.weighting(1, 1, 1, 1)).toArray();
        double near = 1 / (1 + Math.exp(-1)); // a mean of (1/3, 1/3), over tau
        assertArrayEquals(
                new float[] {(float) near, (float) near, 0.5f, (float) (1 / (1 + Math.exp(1.4)))},
                weights,
                1e-6f);
    }

    @Test
    void weigh_farFromTargets_atALowTemperature_isNotZero() {
        AdaptWeighter weighter = builder().optTemperature(1e-9).build();
        FakeContexts contexts = embedded(i -> new float[] {i == 3 ? -1 : 1});
        weighter.refresh(contexts.refreshing());
        float[] weights = weighter.weigh(contexts.weighting(1, 1, 1, 1)).toArray();
        assertArrayEquals(new float[] {1, 1, 1, Float.MIN_NORMAL}, weights);
    }

    /** A run that is resumed between two refreshes goes on with the mean of the last. */
    @Test
    void restoreState_withoutARefresh_givesTheSameWeights() {
        AdaptWeighter weighter = builder().build();
        assertEquals(Map.of(), weighter.saveState());
        weighter.refresh(contexts().refreshing());
        AdaptWeighter resumed = builder().build();
        resumed.restoreState(weighter.saveState());
        FakeContexts moved = embedded(i -> embedding(i + 20));
        assertArrayEquals(
                weighter.weigh(moved.weighting(1, 2)).toArray(),
                resumed.weigh(moved.weighting(1, 2)).toArray());
    }

    @Test
    void refresh_embedsAllTargetsOnce_inPieces() {
        SampleSet many = FakePool.samples(600);
        FakeModelOps model = FakeModelOps.withEmbeddings(manager, i -> new float[] {1, i % 2});
        AdaptWeighter weighter = AdaptWeighter.builder().setTargets("many", many).build();
        weighter.refresh(FakeContexts.of(FakePool.ofSize(4)).withModel(model).refreshing());
        assertEquals(600, model.embedCalls().stream().mapToInt(s -> s.size()).sum());
        double[] mean = weighter.saveState().get("mean");
        assertEquals((1 + Math.sqrt(0.5)) / 2, mean[0], 1e-7);
        assertEquals(Math.sqrt(0.5) / 2, mean[1], 1e-7);
    }

    @Test
    void nameSettingsAndTargets() {
        AdaptWeighter weighter = builder().build();
        assertEquals("adapt", weighter.name());
        assertEquals(
                "{targets=exam:3 fake samples, temperature=1.0, clip=1.0, compatibility=none}",
                weighter.settings().toString());
        assertEquals(Map.of("exam", EXAM), weighter.targets());
    }

    @Test
    void builder_whatIsWrong_isRefused() {
        refused("temperature = 0.0, must be finite and above 0", () -> builder().optTemperature(0));
        refused("clip = 0.0, must be in (0, 1]", () -> builder().optClip(0));
        refused("clip = NaN, must be in (0, 1]", () -> builder().optClip(Double.NaN));
        assertEquals(
                "no targets; call setTargets",
                assertThrows(IllegalStateException.class, () -> AdaptWeighter.builder().build())
                        .getMessage());
    }

    private static void refused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
