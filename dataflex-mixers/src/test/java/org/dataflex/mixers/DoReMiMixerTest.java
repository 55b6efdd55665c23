package org.dataflex.mixers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.dataflex.ReferenceLosses;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.math.Simplex;
import org.dataflex.mixers.DoReMiMixer.Variant;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Strategies;
import org.dataflex.strategy.Weighter;
import org.dataflex.strategy.WeightingContext;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.Golden;
import org.dataflex.testing.MixerContract;
import org.dataflex.testing.WeighterContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class DoReMiMixerTest implements MixerContract {

    private static final float[] ZERO = {0};

    @TempDir Path directory;

    /** Two samples of d0, one of d1. */
    private final CandidatePool pool = FakePool.ofSizes(2, 1);

    private final List<ReferenceLosses> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(ReferenceLosses::close);
    }

    private ReferenceLosses reference(CandidatePool of, float[]... losses) {
        try {
            ReferenceLosses stored =
                    StoredReference.of(directory.resolve("reference-" + opened.size()), of, losses);
            opened.add(stored);
            return stored;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private DoReMiMixerBuilder builder(float[]... losses) {
        return DoReMiMixer.builder().setReference(reference(pool, losses));
    }

    private static SampleWeights weigh(
            DoReMiMixer mixer, CandidatePool pool, long step, float[]... losses) {
        int k = pool.domains().size();
        mixer.mix(FakeContexts.of(pool).mixing(Mixture.of(pool.domains(), Simplex.uniform(k))));
        return mixer.weigh(FakeContexts.of(pool).atStep(step).weightingTokens(losses));
    }

    @Override
    public Mixer create(List<Domain> domains) {
        return builder(ZERO, ZERO, ZERO).optSampling(StaticMixer.natural()).build();
    }

    @Override
    public boolean isCreatableByName() {
        return false;
    }

    /** The mixer is the run's weighter too; here each sample is one token. */
    @Nested
    class AsWeighter implements WeighterContract {

        private final CandidatePool many = FakePool.ofSizes(1, 1, 62);
        private long step;

        @Override
        public Weighter create() {
            float[][] zeros = new float[(int) many.size()][1];
            DoReMiMixer mixer =
                    DoReMiMixer.builder()
                            .setReference(reference(many, zeros))
                            .optSampling(StaticMixer.natural())
                            .build();
            mixer.mix(FakeContexts.of(many).mixing(Mixture.of(many.domains(), 0.3, 0.3, 0.4)));
            return mixer;
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
            return FakeContexts.of(many);
        }

        /** Each batch is a step: within one, alpha depends on all of its batches. */
        @Override
        public WeightingContext weighting(float... losses) {
            float[][] tokens = new float[losses.length][1];
            for (int i = 0; i < losses.length; i++) {
                tokens[i][0] = losses[i];
            }
            return contexts().atStep(step++).weightingTokens(tokens);
        }
    }

    @Test
    void nameAndSettings() {
        DoReMiMixer mixer = builder(ZERO, ZERO, ZERO).build();
        assertEquals("doremi", mixer.name());
        assertEquals(
                "{variant=paper, stepSize=1.0, smoothing=0.001, sampling=uniform, reference="
                        + opened.get(0).fingerprint()
                        + "}",
                mixer.settings().toString());
        DoReMiMixer dataFlex = builder(ZERO, ZERO, ZERO).optVariant(Variant.DATAFLEX).build();
        assertEquals(
                "{variant=dataflex, stepSize=0.1, smoothing=0.01, sampling=uniform, reference="
                        + opened.get(1).fingerprint()
                        + "}",
                dataFlex.settings().toString());
    }

    @Test
    void weigh_alphaIsBroughtUpToDateBeforeTheBatchIsWeighed() {
        DoReMiMixer mixer =
                builder(new float[] {1, 1}, new float[] {2}, new float[] {1})
                        .optSampling(StaticMixer.of(0.75, 0.25))
                        .build();
        SampleWeights weights =
                weigh(mixer, pool, 0, new float[] {2, 0.5f}, new float[] {3.5f}, new float[] {1});
        double lambda0 = (1 + 0 + 1.5) / 3;
        double odds = Math.exp(lambda0);
        double alpha0 = 0.999 * odds / (1 + odds) + 0.0005;
        assertEquals(alpha0, mixer.averageWeights(pool).of(new Domain("d0")), 1e-12);
        double w0 = alpha0 / 0.75;
        double w1 = (1 - alpha0) / 0.25;
        double scale = 4 / (3 * w0 + w1);
        assertArrayEquals(
                new float[] {(float) (scale * w0), (float) (scale * w0), (float) (scale * w1)},
                weights.toArray(),
                1e-6f);
    }

    /** The objective of a run with the loss by token, sum(w_i c_i l_i) / sum(c_i). */
    @Test
    void weigh_withTheLossByToken_isTheWeightedProxyLossOfTheAuthorsCode() {
        JsonNode golden = Golden.cases("doremi-tokens.json").get(0);
        CandidatePool three = FakePool.ofSizes(3, 1, 1);
        float[][] proxy = new float[5][0]; // the sample of d1 has no target tokens
        int[] rows = {0, 1, 3, -1, 2};
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] >= 0) {
                proxy[i] =
                        GroupDroTest.targets(
                                golden.get("proxy").get(rows[i]), golden.get("mask").get(rows[i]));
            }
        }
        DoReMiMixer mixer =
                DoReMiMixer.builder()
                        .setReference(reference(three, proxy))
                        .optSmoothing(1e-12)
                        .build();
        mixer.restoreState(
                Map.of(
                        "weights", Golden.array(golden.get("domainWeights")),
                        "scores", new double[3],
                        "sum", new double[3],
                        "count", new double[1]));
        float[] weights = weigh(mixer, three, 0, proxy).toArray();
        double sum = 0;
        int tokens = 0;
        for (int i = 0; i < proxy.length; i++) {
            for (float loss : proxy[i]) {
                sum += weights[i] * loss;
                tokens++;
            }
        }
        assertEquals(golden.get("proxyLoss").asDouble(), sum / tokens, 1e-6);
    }

    @Test
    void weigh_microBatchesOfAStep_countAsOneUpdate() {
        DoReMiMixer parts = builder(ZERO, ZERO, ZERO).build();
        weigh(parts, pool, 0, new float[] {9}, new float[] {1});
        weigh(parts, pool, 0, new float[] {1}, new float[] {0}, new float[] {3});
        weigh(parts, pool, 1, ZERO, ZERO, ZERO);
        double lambda0 = (9 + 1 + 1 + 0) / 4.0;
        double odds = Math.exp(lambda0 - 3);
        double first = 0.999 * odds / (1 + odds) + 0.0005;
        double second = 0.999 * first + 0.0005;
        assertEquals((first + second) / 2, parts.averageWeights(pool).of(new Domain("d0")), 1e-12);
    }

    @Test
    void weigh_asDataFlex_centresTheScores() {
        DoReMiMixer mixer =
                builder(ZERO, ZERO, ZERO)
                        .optVariant(Variant.DATAFLEX)
                        .optStepSize(1)
                        .optSmoothing(0.01)
                        .build();
        weigh(mixer, pool, 0, new float[] {20}, new float[] {20}, new float[] {0});
        double odds = Math.exp(5 + 5);
        assertEquals(
                0.99 * odds / (1 + odds) + 0.005,
                mixer.averageWeights(pool).of(new Domain("d0")),
                1e-12);
    }

    @Test
    void weigh_noTargetTokensAtAll_givesFiniteWeights() {
        DoReMiMixer mixer = builder(ZERO, ZERO, ZERO).build();
        weigh(mixer, pool, 0, ZERO, ZERO, ZERO);
        CandidatePool empty = FakePool.ofSizes(2, 1);
        DoReMiMixer none =
                DoReMiMixer.builder()
                        .setReference(reference(empty, new float[0], new float[0], new float[0]))
                        .build();
        assertArrayEquals(
                new float[] {1, 1, 1},
                weigh(none, empty, 0, new float[0], new float[0], new float[0]).toArray());
    }

    @Test
    void weigh_otherNumberOfTokensThanTheReference_isRefused() {
        DoReMiMixer mixer = builder(ZERO, ZERO, ZERO).build();
        assertEquals(
                "the reference has losses of 1 tokens of sample 1, the run of 2; compute the"
                        + " reference losses of this pool with its tokenizer",
                assertThrows(
                                IllegalStateException.class,
                                () -> weigh(mixer, pool, 0, ZERO, new float[2], ZERO))
                        .getMessage());
    }

    @Test
    void check_whatCannotBeMixed_isRefusedBeforeTraining() {
        CandidatePool one = FakePool.ofSize(2);
        assertRefused(
                "the pool has one domain, [all]; proportions need at least two",
                () ->
                        DoReMiMixer.builder()
                                .setReference(reference(one, ZERO, ZERO))
                                .build()
                                .check(one));
        CandidatePool other = FakePool.ofSizes(3, 1);
        assertRefused(
                "the reference losses are of other samples, "
                        + pool.fingerprint()
                        + "; compute those of "
                        + other.fingerprint(),
                () -> builder(ZERO, ZERO, ZERO).build().check(other));
        assertRefused(
                "sampling gives 'd1' no share; every domain must be drawn to be weighed",
                () ->
                        builder(ZERO, ZERO, ZERO)
                                .optSampling(StaticMixer.of(1, 0))
                                .build()
                                .check(pool));
        builder(ZERO, ZERO, ZERO).build().check(pool);
    }

    @Test
    void mix_isTheSampling() {
        Mixture current = Mixture.of(pool.domains(), Simplex.uniform(2));
        assertArrayEquals(
                new double[] {2 / 3.0, 1 / 3.0},
                create(pool.domains())
                        .mix(FakeContexts.of(pool).mixing(current))
                        .toArray(pool.domains()));
    }

    @Test
    void weigh_whatThisMixerDidNotDraw_isRefused() {
        DoReMiMixer mixer = builder(ZERO, ZERO, ZERO).build();
        assertEquals(
                "the batches are not drawn in the proportions of this mixer, by which their losses"
                        + " are divided; call optMixer with it too, without warm-up",
                assertThrows(
                                IllegalStateException.class,
                                () ->
                                        mixer.weigh(
                                                FakeContexts.of(pool)
                                                        .weightingTokens(ZERO, ZERO, ZERO)))
                        .getMessage());
    }

    @Test
    void averageWeights_ofARunThatDidNotWeigh_areRefused() {
        DoReMiMixer mixer = builder(ZERO, ZERO, ZERO).build();
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    "no batch was weighed yet; the mixer must be the run's weighter too: call"
                            + " optWeighter with it, and fit",
                    assertThrows(IllegalStateException.class, () -> mixer.averageWeights(pool))
                            .getMessage());
            mixer.mix(FakeContexts.of(pool).mixing(Mixture.of(pool.domains(), Simplex.uniform(2))));
        }
    }

    @Test
    void weigh_afterRestoreState_isThatOfAnUninterruptedRun() {
        float[][] first = {{1, 2}, {0.5f}, {3}};
        float[][] second = {{2, 2}, {1.5f}, {0}};
        DoReMiMixer straight = builder(new float[2], ZERO, ZERO).build();
        weigh(straight, pool, 0, first);
        Map<String, double[]> state = straight.saveState();
        float[] expected = weigh(straight, pool, 1, second).toArray();
        for (int resume = 0; resume < 2; resume++) { // as mixer and as weighter
            DoReMiMixer resumed = builder(new float[2], ZERO, ZERO).build();
            resumed.restoreState(state);
            resumed.restoreState(state);
            assertArrayEquals(expected, weigh(resumed, pool, 1, second).toArray());
            assertEquals(straight.averageWeights(pool), resumed.averageWeights(pool));
        }
        DoReMiMixer other = builder(new float[2], ZERO, ZERO).build();
        other.restoreState(state);
        CandidatePool three = FakePool.ofSizes(1, 1, 1);
        assertEquals(
                "the state is of 2 domains, the pool has 3; resume with the pool that the state was"
                        + " saved with",
                assertThrows(
                                IllegalStateException.class,
                                () -> weigh(other, three, 1, new float[2], ZERO, ZERO))
                        .getMessage());
    }

    @Test
    void warnings_areGivenOnce() {
        DoReMiMixer mixer = builder(ZERO, ZERO, ZERO).build();
        String warned =
                warned(
                        () -> {
                            for (int step = 0; step < 9; step++) {
                                weigh(mixer, pool, step, new float[] {4}, ZERO);
                            }
                        });
        assertEquals(1, count(warned, "has no tokens of [d1]"), warned);
        assertTrue(
                warned.contains(
                        "step 1: the batch has no tokens of [d1], whose scores stay as they were;"
                                + " draw more rows a step"),
                warned);
        assertEquals(1, count(warned, "of the domain weights"), warned);
        assertTrue(warned.contains("step 2: domain 'd0' has 0.9"), warned);
        assertTrue(
                warned.contains(
                        "of the domain weights, the others hardly count; lower stepSize, raise"
                                + " smoothing, or train the reference longer"),
                warned);
    }

    @Test
    void warnings_ofASoundRun_areNone() {
        DoReMiMixer mixer = builder(ZERO, ZERO, ZERO).build();
        assertEquals(
                "",
                warned(
                        () -> {
                            for (int step = 0; step < 9; step++) {
                                weigh(mixer, pool, step, ZERO, new float[] {0.1f}, ZERO);
                            }
                        }));
    }

    private static String warned(Runnable run) {
        PrintStream before = System.err;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            run.run();
        } finally {
            System.setErr(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static long count(String text, String part) {
        return Arrays.stream(text.split("\n")).filter(line -> line.contains(part)).count();
    }

    @Test
    void builder_valuesOutOfRange_areRefused() {
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(
                    "stepSize = " + bad + ", must be finite and above 0",
                    () -> DoReMiMixer.builder().optStepSize(bad));
        }
        for (double bad : new double[] {0, -0.1, 1.1, Double.NaN}) {
            assertRefused(
                    "smoothing = " + bad + ", must be above 0 and at most 1",
                    () -> DoReMiMixer.builder().optSmoothing(bad));
        }
        assertRefused(
                "no reference; compute ReferenceLosses of the pool and call setReference",
                () -> DoReMiMixer.builder().build());
    }

    @Test
    void createByName_readsAStore() {
        reference(pool, ZERO, ZERO, ZERO);
        Mixer mixer =
                Strategies.create(
                        Mixer.class,
                        "doremi",
                        Map.of(
                                "reference",
                                directory.resolve("reference-0").toString(),
                                "stepSize",
                                "0.5",
                                "smoothing",
                                "0.01",
                                "sampling",
                                "d0=0.5,d1=0.5"));
        assertEquals(
                "{variant=paper, stepSize=0.5, smoothing=0.01, sampling=d0=0.5,d1=0.5, reference="
                        + opened.get(0).fingerprint()
                        + "}",
                mixer.settings().toString());
        assertRefused(
                "mixer 'doremi': no reference; set it to a directory that ReferenceLosses.compute"
                        + " made",
                () -> Strategies.create(Mixer.class, "doremi", Map.of()));
        assertRefused(
                "mixer 'doremi': reference: "
                        + directory
                        + " holds no reference losses: it has no reference.json",
                () ->
                        Strategies.create(
                                Mixer.class, "doremi", Map.of("reference", directory.toString())));
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
