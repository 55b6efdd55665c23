package org.dataflex.mixers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.math.Simplex;
import org.dataflex.mixers.OnlineDataMixingMixer.Variant;
import org.dataflex.strategy.DomainLosses;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Mixture;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.MixerContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class OnlineDataMixingMixerTest {

    @Nested
    class AsPaper implements MixerContract {
        @Override
        public Mixer create(List<Domain> domains) {
            return OnlineDataMixingMixer.builder().optAlpha(0.8).build();
        }
    }

    @Nested
    class AsRepoGroup implements MixerContract {
        @Override
        public Mixer create(List<Domain> domains) {
            return variant(Variant.REPO_GROUP);
        }
    }

    @Nested
    class AsRepoSingle implements MixerContract {
        @Override
        public Mixer create(List<Domain> domains) {
            return variant(Variant.REPO_SINGLE);
        }
    }

    @Nested
    class AsExp3Cumulative implements MixerContract {
        @Override
        public Mixer create(List<Domain> domains) {
            return variant(Variant.EXP3_CUMULATIVE);
        }
    }

    private static OnlineDataMixingMixer variant(Variant variant) {
        return OnlineDataMixingMixer.builder().optVariant(variant).build();
    }

    @Nested
    class AsDataFlex implements MixerContract {
        @Override
        public Mixer create(List<Domain> domains) {
            return OnlineDataMixingMixer.builder()
                    .optVariant(Variant.DATAFLEX)
                    .optAlpha(0.7)
                    .optRewardScale(3)
                    .optMinExploration(0.01)
                    .optWarmUpSteps(5)
                    .build();
        }
    }

    @Test
    void nameAndSettings() {
        assertEquals("odm", new OnlineDataMixingMixer().name());
        assertEquals(
                "{variant=paper, alpha=0.9}", new OnlineDataMixingMixer().settings().toString());
        assertEquals(
                "{variant=dataflex, alpha=0.9, rewardScale=15.0, minExploration=0.03,"
                        + " warmUpSteps=0}",
                dataFlex().build().settings().toString());
        assertEquals(
                "{variant=repo_group, alpha=0.9}",
                variant(Variant.REPO_GROUP).settings().toString());
        assertEquals(
                "{variant=exp3_cumulative}",
                variant(Variant.EXP3_CUMULATIVE).settings().toString());
    }

    @Test
    void mix_manyDomains_everyVariantKeepsItsExploration() {
        for (int k : new int[] {2, 34, 64, 200}) {
            CandidatePool pool = pool(k);
            for (Variant variant : Variant.values()) {
                OnlineDataMixingMixer mixer = variant(variant);
                Mixture mixture = uniform(pool);
                for (long step = 1; step <= 50; step++) {
                    DomainLosses seen = observation(mixture, (int) (step % k), 1 + step % 3);
                    mixture = mixer.mix(FakeContexts.of(pool).atStep(step).mixing(mixture, seen));
                }
                double least = mixer.saveState().get("exploration")[0];
                assertTrue(least > 0 && least <= 1.0 / k, variant + " " + least);
                for (double share : mixture.toArray(pool.domains())) {
                    assertTrue(share >= least * (1 - 1e-9), variant + " " + share);
                }
            }
        }
    }

    @Test
    void mix_asPaper_learnsFromEveryStepWithItsOwnMixture() {
        CandidatePool pool = pool(2);
        Mixture first = Mixture.of(pool.domains(), 0.8, 0.2);
        Mixture second = Mixture.of(pool.domains(), 0.5, 0.5);
        OnlineDataMixingMixer mixer = new OnlineDataMixingMixer();
        Mixture mixture =
                mixer.mix(
                        FakeContexts.of(pool)
                                .mixing(
                                        second,
                                        observation(first, 0, 2.0),
                                        observation(first, 1, 3.0),
                                        observation(second, 0, 1.0)));
        double r0 = 0.9 * (0.1 * 2.0 / 0.8) + 0.1 * 1.0 / 0.5;
        double r1 = 0.1 * 3.0 / 0.2;
        assertArrayEquals(new double[] {r0, r1}, mixer.saveState().get("rewards"), 1e-15);
        double eps2 = Math.sqrt(Math.log(2) / 4);
        double eps3 = Math.sqrt(Math.log(2) / 6);
        double share0 = 1 / (1 + Math.exp(eps2 * (r1 - r0)));
        assertEquals((1 - 2 * eps3) * share0 + eps3, mixture.of(pool.domains().get(0)), 1e-12);
    }

    @Test
    void mix_asDataFlex_learnsFromTheLastStepOnly() {
        CandidatePool pool = pool(2);
        Mixture current = uniform(pool);
        OnlineDataMixingMixer mixer = dataFlex().build();
        mixer.mix(
                FakeContexts.of(pool)
                        .atStep(9)
                        .mixing(current, observation(current, 0, 2), observation(current, 1, 3)));
        assertArrayEquals(new double[] {0, 9}, mixer.saveState().get("rewards"), 1e-12);
    }

    @Test
    void mix_asDataFlex_clipsRewardsAndExponents() {
        CandidatePool pool = pool(2);
        Mixture current = uniform(pool);
        OnlineDataMixingMixer mixer = dataFlex().optMinExploration(0.05).build();
        Mixture mixture =
                mixer.mix(
                        FakeContexts.of(pool)
                                .atStep(1_000_000)
                                .mixing(current, observation(current, 0, 1e9)));
        assertArrayEquals(new double[] {1e4, 0}, mixer.saveState().get("rewards"));
        double least = Math.exp(-5) / (1 + Math.exp(-5));
        assertEquals(0.9 * least + 0.05, mixture.of(pool.domains().get(1)), 1e-12);
    }

    @Test
    void mix_withoutObservations_keepsTheMixtureAndTheState() {
        CandidatePool pool = pool(3);
        Mixture current = Mixture.of(pool.domains(), 0.2, 0.3, 0.5);
        for (OnlineDataMixingMixer mixer :
                List.of(new OnlineDataMixingMixer(), dataFlex().build())) {
            assertSame(current, mixer.mix(FakeContexts.of(pool).atStep(5).mixing(current)));
            assertEquals(0, mixer.saveState().get("observed")[0]);
        }
    }

    @Test
    void mix_lossesThatAreNotFinite_areLeftOut() {
        CandidatePool pool = pool(3);
        Mixture current = Mixture.of(pool.domains(), 0.25, 0.25, 0.5);
        DomainLosses useless = observation(current, 1, Double.NaN);
        DomainLosses partly =
                new DomainLosses(
                        2,
                        current,
                        Map.of(
                                pool.domains().get(0),
                                Double.POSITIVE_INFINITY,
                                pool.domains().get(2),
                                4.0));
        OnlineDataMixingMixer mixer = new OnlineDataMixingMixer();
        assertSame(current, mixer.mix(FakeContexts.of(pool).mixing(current, useless)));
        Mixture next = mixer.mix(FakeContexts.of(pool).mixing(current, useless, partly, useless));
        assertNotEquals(current, next);
        assertArrayEquals(new double[] {0, 0, 0.8}, mixer.saveState().get("rewards"), 1e-15);
        assertEquals(1, mixer.saveState().get("observed")[0]);
    }

    @Test
    void mix_oneDomain_getsEverything() {
        CandidatePool pool = pool(1);
        Mixture current = uniform(pool);
        assertEquals(
                current,
                new OnlineDataMixingMixer()
                        .mix(FakeContexts.of(pool).mixing(current, observation(current, 0, 3))));
    }

    /** With a fixed exploration of 0.03, DataFlex mixes 34 or more domains uniformly for ever. */
    @Test
    void mix_asDataFlex_learnsWithManyDomains() {
        CandidatePool pool = pool(64);
        OnlineDataMixingMixer mixer = dataFlex().build();
        Mixture mixture = uniform(pool);
        for (long step = 1_000; step < 1_010; step++) {
            DomainLosses observation = observation(mixture, 5, 4);
            mixture = mixer.mix(FakeContexts.of(pool).atStep(step).mixing(mixture, observation));
        }
        assertTrue(mixture.of(pool.domains().get(5)) > 10 * mixture.of(pool.domains().get(6)));
    }

    @Test
    void restoreState_ofOtherDomains_isRefused() {
        OnlineDataMixingMixer mixer = new OnlineDataMixingMixer();
        mixer.mix(FakeContexts.of(pool(3)).mixing(uniform(pool(3))));
        OnlineDataMixingMixer resumed = new OnlineDataMixingMixer();
        resumed.restoreState(mixer.saveState());
        IllegalStateException e =
                assertThrows(
                        IllegalStateException.class,
                        () -> resumed.mix(FakeContexts.of(pool(4)).mixing(uniform(pool(4)))));
        assertEquals(
                "the state is of 3 domains, the pool has 4; resume with the pool that the state was"
                        + " saved with",
                e.getMessage());
    }

    @Test
    void restoreState_ofAnotherStrategy_isRefused() {
        OnlineDataMixingMixer mixer = new OnlineDataMixingMixer();
        assertRefused(
                "the state of an odm mixer has 'rewards' = null among [alpha]; restore what such a"
                        + " mixer saved",
                () -> mixer.restoreState(Map.of("alpha", new double[1])));
        assertRefused(
                "the state of an odm mixer has 'observed' = [1.0, 2.0] among [exploration,"
                        + " observed, rewards]; restore what such a mixer saved",
                () ->
                        mixer.restoreState(
                                Map.of(
                                        "rewards", new double[2],
                                        "observed", new double[] {1, 2},
                                        "exploration", new double[1])));
    }

    @Test
    void saveState_laterUpdates_haveNoEffectOnIt() {
        CandidatePool pool = pool(2);
        Mixture current = uniform(pool);
        OnlineDataMixingMixer mixer = new OnlineDataMixingMixer();
        mixer.mix(FakeContexts.of(pool).mixing(current, observation(current, 0, 2)));
        double saved = mixer.saveState().get("rewards")[0];
        Map<String, double[]> state = mixer.saveState();
        mixer.mix(FakeContexts.of(pool).mixing(current, observation(current, 0, 9)));
        assertEquals(saved, state.get("rewards")[0]);
        assertNotEquals(saved, mixer.saveState().get("rewards")[0]);
    }

    @Test
    void builder_valuesOutOfRange_areRefused() {
        for (double bad : new double[] {-0.1, 1, Double.NaN}) {
            assertRefused(
                    "alpha = " + bad + ", must be at least 0 and less than 1",
                    () -> OnlineDataMixingMixer.builder().optAlpha(bad));
        }
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(
                    "rewardScale = " + bad + ", must be finite and above 0",
                    () -> OnlineDataMixingMixer.builder().optRewardScale(bad));
        }
        for (double bad : new double[] {-0.1, 1.1, Double.NaN}) {
            assertRefused(
                    "minExploration = " + bad + ", must be in [0, 1]",
                    () -> OnlineDataMixingMixer.builder().optMinExploration(bad));
        }
        assertRefused(
                "warmUpSteps = -1, must be at least 0",
                () -> OnlineDataMixingMixer.builder().optWarmUpSteps(-1));
        assertRefused(
                "rewardScale, minExploration and warmUpSteps have no meaning in variant paper;"
                        + " leave them out, or set variant to dataflex",
                () -> OnlineDataMixingMixer.builder().optRewardScale(15).build());
        assertRefused(
                "alpha has no meaning in variant exp3_cumulative; leave it out, or set another"
                        + " variant",
                () ->
                        OnlineDataMixingMixer.builder()
                                .optVariant(Variant.EXP3_CUMULATIVE)
                                .optAlpha(0.5)
                                .build());
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    private static OnlineDataMixingMixerBuilder dataFlex() {
        return OnlineDataMixingMixer.builder().optVariant(Variant.DATAFLEX);
    }

    private static DomainLosses observation(Mixture mixture, int domain, double loss) {
        return new DomainLosses(1, mixture, Map.of(new Domain("d" + domain), loss));
    }

    private static Mixture uniform(CandidatePool pool) {
        return Mixture.of(pool.domains(), Simplex.uniform(pool.domains().size()));
    }

    private static CandidatePool pool(int domains) {
        return FakePool.ofSizes(LongStream.rangeClosed(1, domains).toArray());
    }
}
