package org.dataflex.mixers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.math.Simplex;
import org.dataflex.mixers.DynamicMoeMixer.Layers;
import org.dataflex.mixers.DynamicMoeMixer.Start;
import org.dataflex.model.UnsupportedModelException;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Mixture;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakeModelOps;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.Golden;
import org.dataflex.testing.MixerContract;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

class DynamicMoeMixerTest {

    private static final double GOLDEN = 1e-9; // values have 10 digits

    @Nested
    class AsPaper implements MixerContract {
        @Override
        public Mixer create(List<Domain> domains) {
            return new DynamicMoeMixer();
        }

        @Override
        public FakeModelOps modelAt(long step) {
            return routing(step);
        }
    }

    @Nested
    class OfAllLayers implements MixerContract {
        @Override
        public Mixer create(List<Domain> domains) {
            return DynamicMoeMixer.builder()
                    .optStepSize(3)
                    .optSmoothing(0)
                    .optSamplesPerDomain(4)
                    .optLayers(Layers.ALL)
                    .optStart(Start.CURRENT)
                    .build();
        }

        @Override
        public FakeModelOps modelAt(long step) {
            return routing(step);
        }
    }

    /** Three experts and then two, whose loads depend on which samples are asked about. */
    private static FakeModelOps routing(long step) {
        return FakeModelOps.withExpertLoads(
                samples -> {
                    double[][] loads = {new double[3], new double[2]};
                    samples.indices().stream()
                            .forEach(
                                    i -> {
                                        loads[0][(int) ((i + step) % 3)] += 1 + i % 7;
                                        loads[1][(int) ((i * i + step) % 2)] += 1 + i % 5;
                                    });
                    return loads;
                });
    }

    @TestFactory
    Stream<DynamicTest> mix_goldenLoads_areTheAuthorsAndDataFlexsMixtures() {
        return Golden.cases("dynamic-moe.json").stream()
                .map(c -> DynamicTest.dynamicTest(c.get("case").asText(), () -> checkGolden(c)));
    }

    private static void checkGolden(JsonNode golden) {
        DynamicMoeMixer mixer =
                DynamicMoeMixer.builder()
                        .optStepSize(golden.get("stepSize").asDouble())
                        .optSmoothing(golden.get("smoothing").asDouble())
                        .build();
        CandidatePool pool = pool(golden.get("updates").get(0).get("loads").size());
        for (JsonNode update : golden.get("updates")) {
            List<double[][]> loads = new ArrayList<>();
            update.get("loads").forEach(row -> loads.add(new double[][] {Golden.array(row)}));
            assertArrayEquals(Golden.array(update.get("mixture")), mix(mixer, pool, loads), GOLDEN);
            if (update.has("distances")) {
                assertArrayEquals(
                        Golden.array(update.get("distances")),
                        RoutingDistances.ofLastLayer(loads),
                        GOLDEN);
            }
        }
    }

    @Test
    void nameAndSettings() {
        assertEquals("dynamic-moe", new DynamicMoeMixer().name());
        assertEquals(
                "{stepSize=10.0, smoothing=0.05, samplesPerDomain=20, layers=last, start=uniform}",
                new DynamicMoeMixer().settings().toString());
        assertEquals(
                "d1",
                DynamicMoeMixer.builder()
                        .addHeldOut("d1", FakePool.samples(3))
                        .build()
                        .settings()
                        .get("heldOut"));
    }

    @Test
    void mix_oneDomainRoutedApart_getsMoreByTheFormula() {
        List<double[][]> loads =
                List.of(layers(row(9, 9, 0)), layers(row(2, 2, 0)), layers(row(0, 0, 5)));
        double[] mixture = mix(new DynamicMoeMixer(), pool(3), loads);
        double apart = Math.sqrt(0.5 * 0.5 + 0.5 * 0.5 + 1);
        double ratio = Math.exp(10 * (2 * apart / 3 - apart / 3));
        double alpha = ratio / (ratio + 2);
        assertEquals(0.95 * alpha + 0.05 / 3, mixture[2], 1e-12);
        assertEquals(mixture[0], mixture[1], 1e-15);
    }

    /** Each of two is as far from the other. */
    @Test
    void mix_twoDomains_areNeverToldApart() {
        List<double[][]> loads = List.of(layers(row(9, 1)), layers(row(0, 3)));
        assertArrayEquals(
                new double[] {0.5, 0.5}, mix(new DynamicMoeMixer(), pool(2), loads), 1e-15);
    }

    @Test
    void mix_oneDomain_getsEverythingAndAsksNoModel() {
        CandidatePool pool = pool(1);
        Mixture all = new DynamicMoeMixer().mix(FakeContexts.of(pool).mixing(uniform(pool)));
        assertEquals(Mixture.of(pool.domains(), 1), all);
    }

    @Test
    void mix_layers_lastOrMeanOfAll() {
        List<double[][]> loads =
                List.of(
                        layers(row(1, 0), row(1, 0, 0)),
                        layers(row(1, 0), row(1, 0, 0)),
                        layers(row(0, 1), row(0, 1, 1)));
        double first = Math.sqrt(2);
        double last = Math.sqrt(1.5);
        double[] ofLast = {last / 3, last / 3, 2 * last / 3};
        assertArrayEquals(ofLast, RoutingDistances.ofLastLayer(loads), 1e-15);
        double mean = (first + last) / 2;
        double[] ofAll = {mean / 3, mean / 3, 2 * mean / 3};
        assertArrayEquals(ofAll, RoutingDistances.ofAllLayers(loads), 1e-15);
        DynamicMoeMixer all = DynamicMoeMixer.builder().optLayers(Layers.ALL).build();
        assertTrue(mix(all, pool(3), loads)[2] > mix(new DynamicMoeMixer(), pool(3), loads)[2]);
    }

    @Test
    void distances_nothingCounted_isAsIfUniform() {
        List<double[][]> none = List.of(layers(row(0, 0)), new double[0][], layers(row(3, 1)));
        List<double[][]> uniform = List.of(layers(row(2, 2)), layers(row(5, 5)), layers(row(3, 1)));
        assertArrayEquals(
                RoutingDistances.ofLastLayer(uniform), RoutingDistances.ofLastLayer(none));
        assertArrayEquals(
                RoutingDistances.ofAllLayers(uniform), RoutingDistances.ofAllLayers(none));
        List<double[][]> empty = List.of(new double[0][], new double[0][]);
        assertArrayEquals(new double[2], RoutingDistances.ofLastLayer(empty));
        assertArrayEquals(new double[2], RoutingDistances.ofAllLayers(empty));
    }

    @Test
    void mix_start_isUniformOrTheMixtureInForce() {
        CandidatePool pool = pool(3);
        Mixture current = Mixture.of(pool.domains(), 0.7, 0.3, 0);
        List<double[][]> alike = Collections.nCopies(3, layers(row(1, 2)));
        DynamicMoeMixer uniform = DynamicMoeMixer.builder().optSmoothing(0).build();
        DynamicMoeMixer fromCurrent =
                DynamicMoeMixer.builder().optSmoothing(0).optStart(Start.CURRENT).build();
        FakeContexts contexts = FakeContexts.of(pool).withModel(model(alike));
        assertArrayEquals(
                Simplex.uniform(3),
                uniform.mix(contexts.mixing(current)).toArray(pool.domains()),
                1e-15);
        assertArrayEquals(
                new double[] {0.7, 0.3, 0},
                fromCurrent
                        .mix(FakeContexts.of(pool).withModel(model(alike)).mixing(current))
                        .toArray(pool.domains()),
                1e-15);
    }

    @Test
    void mix_samples_areDrawnOnceFromTheRunsSeedWithinTheirDomain() {
        CandidatePool pool = FakePool.ofSizes(100, 7, 50);
        List<Samples> first = asked(pool, 1, null);
        assertEquals(List.of(20, 7, 20), first.stream().map(Samples::size).toList());
        for (int d = 0; d < 3; d++) {
            Samples asked = first.get(d);
            Domain domain = pool.domains().get(d);
            assertEquals(asked.size(), new HashSet<>(asked.indices().asList()).size());
            assertTrue(asked.indices().stream().allMatch(i -> pool.domainOf(i).equals(domain)));
        }
        assertEquals(first, asked(pool, 1, null));
        assertNotEquals(first, asked(pool, 2, null));
        SampleSet heldOut = FakePool.samples(30);
        assertSame(heldOut, asked(pool, 1, heldOut).get(1).source());
    }

    /** What two updates ask about; the second must ask about the same. */
    private static List<Samples> asked(CandidatePool pool, long seed, SampleSet heldOut) {
        DynamicMoeMixerBuilder builder = DynamicMoeMixer.builder();
        if (heldOut != null) {
            builder.addHeldOut("d1", heldOut);
        }
        DynamicMoeMixer mixer = builder.build();
        List<Samples> asked = new ArrayList<>();
        FakeModelOps model =
                FakeModelOps.withExpertLoads(
                        samples -> {
                            asked.add(samples);
                            return layers(row(1, 1));
                        });
        FakeContexts contexts = FakeContexts.of(pool).withSeed(seed).withModel(model);
        mixer.mix(contexts.mixing(uniform(pool)));
        mixer.mix(contexts.atStep(10).mixing(uniform(pool)));
        assertEquals(asked.subList(0, 3), asked.subList(3, 6));
        return asked.subList(0, 3);
    }

    @Test
    void mix_emptyHeldOutSet_countsAsEvenUse() {
        CandidatePool pool = pool(3);
        DynamicMoeMixer mixer =
                DynamicMoeMixer.builder().addHeldOut("d0", FakePool.samples(0)).build();
        FakeModelOps model =
                FakeModelOps.withExpertLoads(
                        samples -> samples.size() == 0 ? new double[0][] : layers(row(4, 0)));
        double[] mixture =
                mixer.mix(FakeContexts.of(pool).withModel(model).mixing(uniform(pool)))
                        .toArray(pool.domains());
        assertTrue(mixture[0] > mixture[1], Arrays.toString(mixture));
    }

    @Test
    void mix_modelWithoutExperts_isRefused() {
        CandidatePool pool = pool(2);
        FakeModelOps dense = FakeModelOps.withLosses(i -> 1);
        assertThrows(
                UnsupportedModelException.class,
                () ->
                        new DynamicMoeMixer()
                                .mix(FakeContexts.of(pool).withModel(dense).mixing(uniform(pool))));
    }

    @Test
    void check_heldOutSetOfNoDomain_isRefused() {
        DynamicMoeMixer mixer =
                DynamicMoeMixer.builder().addHeldOut("wiki", FakePool.samples(3)).build();
        assertRefused(
                "held-out sets of [wiki], but the pool has [d0, d1]", () -> mixer.check(pool(2)));
        new DynamicMoeMixer().check(pool(2));
    }

    @Test
    void restoreState_wrongOnes_areRefused() {
        DynamicMoeMixer mixer = new DynamicMoeMixer();
        assertRefused(
                "the state of a dynamic-moe mixer has 'weights' = [0.0, 0.0] and 'sampleSeed' ="
                        + " null; restore what such a mixer saved",
                () -> mixer.restoreState(Map.of("weights", new double[2])));
        mixer.restoreState(
                Map.of("weights", new double[] {0.5, 0.5}, "sampleSeed", new double[] {3}));
        Exception e =
                assertThrows(
                        IllegalStateException.class,
                        () -> mix(mixer, pool(3), Collections.nCopies(3, layers(row(1)))));
        assertEquals(
                "the state is of 2 domains, the pool has 3; resume with the pool that the state was"
                        + " saved with",
                e.getMessage());
    }

    @Test
    void builder_valuesOutOfRange_areRefused() {
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(
                    "stepSize = " + bad + ", must be finite and above 0",
                    () -> DynamicMoeMixer.builder().optStepSize(bad));
        }
        for (double bad : new double[] {-0.1, 1.1, Double.NaN}) {
            assertRefused(
                    "smoothing = " + bad + ", must be in [0, 1]",
                    () -> DynamicMoeMixer.builder().optSmoothing(bad));
        }
        assertRefused(
                "samplesPerDomain = 0, must be at least 1",
                () -> DynamicMoeMixer.builder().optSamplesPerDomain(0));
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    private static double[] mix(Mixer mixer, CandidatePool pool, List<double[][]> loads) {
        return mixer.mix(FakeContexts.of(pool).withModel(model(loads)).mixing(uniform(pool)))
                .toArray(pool.domains());
    }

    /** Answers with the loads of each domain in turn. */
    private static FakeModelOps model(List<double[][]> loads) {
        List<double[][]> left = new ArrayList<>(loads);
        Function<Samples, double[][]> next = samples -> left.remove(0);
        return FakeModelOps.withExpertLoads(next);
    }

    private static double[][] layers(double[]... layers) {
        return layers;
    }

    private static double[] row(double... loads) {
        return loads;
    }

    private static Mixture uniform(CandidatePool pool) {
        return Mixture.of(pool.domains(), Simplex.uniform(pool.domains().size()));
    }

    private static CandidatePool pool(int domains) {
        return FakePool.ofSizes(LongStream.rangeClosed(1, domains).toArray());
    }
}
