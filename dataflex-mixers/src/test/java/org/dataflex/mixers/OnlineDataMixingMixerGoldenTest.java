package org.dataflex.mixers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.math.Simplex;
import org.dataflex.mixers.OnlineDataMixingMixer.Variant;
import org.dataflex.strategy.DomainLosses;
import org.dataflex.strategy.Mixture;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.Golden;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The trajectories of the formula and of DataFlex. */
class OnlineDataMixingMixerGoldenTest {

    private static final double GOLDEN = 1e-9; // values have 10 digits

    @TestFactory
    Stream<DynamicTest> mix_asPaper_isTheFormulas() {
        return Golden.cases("odm-paper.json").stream().map(c -> test(c, Variant.PAPER));
    }

    @TestFactory
    Stream<DynamicTest> mix_asTheAuthorsCode_isThatOfTheCode() {
        return Golden.cases("odm-official.json").stream()
                .map(
                        c ->
                                test(
                                        c,
                                        Variant.valueOf(
                                                c.get("variant")
                                                        .asText()
                                                        .toUpperCase(Locale.ROOT))));
    }

    private static DynamicTest test(JsonNode golden, Variant variant) {
        return DynamicTest.dynamicTest(
                golden.get("case").asText(), () -> checkEveryStep(golden, variant));
    }

    private static void checkEveryStep(JsonNode golden, Variant variant) {
        CandidatePool pool = pool(golden.get("domains").asInt());
        OnlineDataMixingMixerBuilder builder = OnlineDataMixingMixer.builder().optVariant(variant);
        if (golden.has("alpha")) {
            builder.optAlpha(golden.get("alpha").asDouble());
        }
        OnlineDataMixingMixer mixer = builder.build();
        Mixture mixture = Mixture.of(pool.domains(), Simplex.uniform(pool.domains().size()));
        long step = 0;
        for (JsonNode update : golden.get("updates")) {
            Map<Domain, Double> losses = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> loss : update.get("losses").properties()) {
                losses.put(new Domain("d" + loss.getKey()), loss.getValue().asDouble());
            }
            step++;
            DomainLosses observation = new DomainLosses(step, mixture, losses);
            mixture = mixer.mix(FakeContexts.of(pool).atStep(step).mixing(mixture, observation));
            checkUpdate(update, mixer, mixture.toArray(pool.domains()));
            assertEquals(step, mixer.saveState().get("observed")[0]);
        }
    }

    @TestFactory
    Stream<DynamicTest> mix_asDataFlex_isThatOfDataFlex() {
        return Golden.cases("odm-dataflex.json").stream()
                .map(c -> DynamicTest.dynamicTest(c.get("case").asText(), () -> checkDataFlex(c)));
    }

    private static void checkDataFlex(JsonNode golden) {
        double[] initial = Golden.array(golden.get("initial"));
        CandidatePool pool = pool(initial.length);
        OnlineDataMixingMixer mixer =
                OnlineDataMixingMixer.builder()
                        .optVariant(Variant.DATAFLEX)
                        .optAlpha(golden.get("alpha").asDouble())
                        .optRewardScale(golden.get("rewardScale").asDouble())
                        .optMinExploration(golden.get("minExploration").asDouble())
                        .optWarmUpSteps(golden.get("warmUpSteps").asLong())
                        .build();
        Mixture mixture = Mixture.of(pool.domains(), initial);
        for (JsonNode update : golden.get("updates")) {
            Domain domain = pool.domains().get(update.get("domain").asInt());
            DomainLosses observation =
                    new DomainLosses(1, mixture, Map.of(domain, update.get("loss").asDouble()));
            long step = update.get("step").asLong();
            mixture = mixer.mix(FakeContexts.of(pool).atStep(step).mixing(mixture, observation));
            if (step > golden.get("warmUpSteps").asLong()) {
                checkUpdate(update, mixer, mixture.toArray(pool.domains()));
            } else {
                assertArrayEquals(initial, mixture.toArray(pool.domains()));
            }
        }
    }

    private static void checkUpdate(
            JsonNode expected, OnlineDataMixingMixer mixer, double[] mixture) {
        Map<String, double[]> state = mixer.saveState();
        assertArrayEquals(Golden.array(expected.get("mixture")), mixture, GOLDEN);
        assertArrayEquals(Golden.array(expected.get("rewards")), state.get("rewards"), GOLDEN);
        if (expected.has("exploration")) {
            assertEquals(
                    expected.get("exploration").asDouble(), state.get("exploration")[0], GOLDEN);
        }
    }

    private static CandidatePool pool(int domains) {
        return FakePool.ofSizes(LongStream.rangeClosed(1, domains).toArray());
    }
}
