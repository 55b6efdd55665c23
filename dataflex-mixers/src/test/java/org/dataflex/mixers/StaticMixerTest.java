package org.dataflex.mixers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.math.Simplex;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Mixture;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.Golden;
import org.dataflex.testing.MixerContract;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

class StaticMixerTest {

    @Nested
    class Natural implements MixerContract {
        @Override
        public Mixer create(List<Domain> domains) {
            return StaticMixer.natural();
        }
    }

    @Nested
    class Uniform implements MixerContract {
        @Override
        public Mixer create(List<Domain> domains) {
            return StaticMixer.uniform();
        }
    }

    @Nested
    class InOrder implements MixerContract {
        @Override
        public Mixer create(List<Domain> domains) {
            return StaticMixer.normalized(
                    IntStream.range(0, domains.size()).mapToDouble(i -> 1 + i % 3).toArray());
        }
    }

    @Nested
    class ByName implements MixerContract {
        @Override
        public Mixer create(List<Domain> domains) {
            double[] shares = Simplex.normalize(ratio(domains.size()));
            Map<String, Double> named = new LinkedHashMap<>();
            for (int i = domains.size() - 1; i >= 0; i--) {
                named.put(domains.get(i).name(), shares[i]);
            }
            return StaticMixer.of(named);
        }

        /** The second domain, if there is one, gets nothing. */
        private double[] ratio(int size) {
            return IntStream.range(0, size).mapToDouble(i -> i == 1 ? 0 : 1 + i).toArray();
        }
    }

    @Test
    void nameAndSettings() {
        assertEquals("static", StaticMixer.uniform().name());
        assertEquals(Map.of("proportions", "uniform"), StaticMixer.uniform().settings());
        assertEquals(Map.of("proportions", "natural"), StaticMixer.natural().settings());
        assertEquals(Map.of("proportions", "0.75,0.25"), StaticMixer.normalized(3, 1).settings());
        assertEquals(
                Map.of("proportions", "wiki=1.0"), StaticMixer.of(Map.of("wiki", 1.0)).settings());
    }

    @TestFactory
    Stream<DynamicTest> mix_isThatOfDataFlex() {
        return Golden.cases("static-mixer.json").stream()
                .map(c -> DynamicTest.dynamicTest(c.get("case").asText(), () -> checkGolden(c)));
    }

    private static void checkGolden(JsonNode golden) {
        if (golden.has("refused")) {
            CandidatePool pool = pool(golden.get("k").asInt());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> mix(StaticMixer.normalized(Golden.array(golden.get("values"))), pool));
            return;
        }
        double[] actual;
        if (golden.has("sizes")) {
            JsonNode sizes = golden.get("sizes");
            CandidatePool pool = FakePool.ofSizes(sizes.get(0).asLong(), sizes.get(1).asLong());
            actual = mix(StaticMixer.natural(), pool);
        } else if (golden.get("values").isNull()) {
            actual = mix(StaticMixer.uniform(), pool(golden.get("k").asInt()));
        } else {
            StaticMixer mixer = StaticMixer.normalized(Golden.array(golden.get("values")));
            actual = mix(mixer, pool(golden.get("k").asInt()));
        }
        assertArrayEquals(Golden.array(golden.get("proportions")), actual, 1e-9);
    }

    @Test
    void mix_named_followsThePoolsOrder() {
        Map<String, Long> sizes = new LinkedHashMap<>();
        sizes.put("wiki", 10L);
        sizes.put("code", 20L);
        sizes.put("books", 30L);
        CandidatePool pool = FakePool.of(sizes);
        StaticMixer mixer = StaticMixer.of(Map.of("books", 0.7, "wiki", 0.3, "code", 0.0));
        assertArrayEquals(new double[] {0.3, 0, 0.7}, mix(mixer, pool));
    }

    @Test
    void of_laterChangesOfTheArguments_haveNoEffect() {
        double[] shares = {0.5, 0.5};
        Map<String, Double> named = new LinkedHashMap<>(Map.of("d0", 0.5, "d1", 0.5));
        StaticMixer inOrder = StaticMixer.of(shares);
        StaticMixer byName = StaticMixer.of(named);
        shares[0] = 0.1;
        named.put("d0", 0.1);
        assertArrayEquals(new double[] {0.5, 0.5}, mix(inOrder, pool(2)));
        assertArrayEquals(new double[] {0.5, 0.5}, mix(byName, pool(2)));
    }

    @Test
    void of_sharesThatAreNoDistribution_areRefused() {
        assertRefused(
                "proportions sum to 4.0, must sum to 1: [1.0, 1.0, 1.0, 1.0]",
                () -> StaticMixer.of(1, 1, 1, 1));
        assertRefused(
                "proportions sum to 0.75, must sum to 1: {wiki=0.75}",
                () -> StaticMixer.of(Map.of("wiki", 0.75)));
        assertRefused("proportions sum to 0.0, must sum to 1: []", () -> StaticMixer.of());
        assertRefused("proportion 1 = -0.5, must be in [0, 1]", () -> StaticMixer.of(0.5, -0.5, 1));
        assertRefused("proportion 0 = NaN, must be in [0, 1]", () -> StaticMixer.of(Double.NaN));
        assertRefused(
                "proportion of wiki = 1.5, must be in [0, 1]",
                () -> StaticMixer.of(Map.of("wiki", 1.5)));
    }

    @Test
    void normalized_valuesWithoutARatio_areRefused() {
        assertRefused(
                "values[0] = -1.0, must be finite and at least 0",
                () -> StaticMixer.normalized(-1, 2));
        assertRefused(
                "values = 0 for all 2, at least one must be positive",
                () -> StaticMixer.normalized(0, 0));
    }

    @Test
    void mix_otherDomainsThanThePool_isRefused() {
        assertRefused(
                "a proportion is given for 'wikki', which is no domain; the pool has [d0, d1]",
                () -> mix(StaticMixer.of(Map.of("wikki", 1.0)), pool(2)));
        assertRefused(
                "no proportion is given for 'd1', only for [d0]; a proportion of 0 leaves a domain"
                        + " out",
                () -> mix(StaticMixer.of(Map.of("d0", 1.0)), pool(2)));
        assertRefused(
                "3 proportions are given, the pool has 2 domains: [d0, d1]",
                () -> mix(StaticMixer.of(0.5, 0.25, 0.25), pool(2)));
    }

    @Test
    void check_otherDomainsThanThePool_isRefusedBeforeTraining() {
        assertRefused(
                "a proportion is given for 'wikki', which is no domain; the pool has [d0, d1]",
                () -> StaticMixer.of(Map.of("wikki", 1.0)).check(pool(2)));
        StaticMixer.of(0.5, 0.5).check(pool(2));
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    private static double[] mix(StaticMixer mixer, CandidatePool pool) {
        Mixture current = Mixture.of(pool.domains(), Simplex.uniform(pool.domains().size()));
        return mixer.mix(FakeContexts.of(pool).mixing(current)).toArray(pool.domains());
    }

    private static CandidatePool pool(int domains) {
        return FakePool.ofSizes(LongStream.rangeClosed(1, domains).toArray());
    }
}
