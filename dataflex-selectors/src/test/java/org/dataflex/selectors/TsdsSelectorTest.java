package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dataflex.math.NeighbourTransport;
import org.dataflex.math.NeighbourTransport.Densities;
import org.dataflex.math.TopK;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Strategies;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.Golden;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

class TsdsSelectorTest extends EmbeddingSelectorContract {

    @Override
    public Selector create() {
        return create(ofModel(), 12);
    }

    @Override
    Selector create(EmbeddingSource embeddings, int neighbours) {
        return TsdsSelector.builder()
                .setEmbeddings(embeddings)
                .optNeighbours(neighbours)
                .optReplacement(false)
                .build();
    }

    @Test
    void nameAndSettings() {
        assertEquals("tsds", create().name());
        assertEquals(
                Map.of(
                        "embeddings", "training model",
                        "pooling", "mean",
                        "targets", "3 fake samples",
                        "alpha", "0.5",
                        "scale", "5.0",
                        "bandwidth", "0.75",
                        "neighbours", "12",
                        "replacement", "false",
                        "compatibility", "none"),
                create().settings());
        assertEquals(
                "0.6",
                files("c", "t")
                        .optCompatibility(Compatibility.DATAFLEX)
                        .build()
                        .settings()
                        .get("alpha"));
    }

    private static TsdsSelectorBuilder files(String candidates, String targets) {
        return TsdsSelector.builder()
                .setEmbeddings(EmbeddingSource.files(Path.of(candidates), Path.of(targets)));
    }

    @TestFactory
    Stream<DynamicTest> probabilities_areThoseOfTheOriginals() {
        return Stream.of("tsds-dataflex.json", "tsds-official.json")
                .flatMap(file -> Golden.cases(file).stream())
                .map(c -> DynamicTest.dynamicTest(c.get("case").asText(), () -> checkGolden(c)));
    }

    private void checkGolden(JsonNode golden) {
        float[][] candidates = rows(golden.get("candidates"));
        TsdsSelector selector =
                tsds(candidates, rows(golden.get("targets")))
                        .optNeighbours(golden.get("neighbours").asInt())
                        .optDensityNeighbours(golden.get("densityNeighbours").asInt())
                        .optBandwidth(golden.get("bandwidth").asDouble())
                        .optAlpha(golden.get("alpha").asDouble())
                        .optScale(golden.get("scale").asDouble())
                        .build();
        assertArrayEquals(
                Golden.array(golden.get("probabilities")),
                probabilities(selector, candidates.length),
                1e-5); // vectors rounded to 1e-4 of length 1, which are scaled here and not there
    }

    private static float[][] rows(JsonNode rows) {
        return new ObjectMapper().convertValue(rows, float[][].class);
    }

    private static double[] probabilities(TsdsSelector selector, int count) {
        Selection all = selector.select(FakeContexts.of(FakePool.ofSize(count)).selection(count));
        double[] p = new double[count];
        for (int i = 0; i < count; i++) {
            p[(int) all.indices().get(i)] = all.scores()[i];
        }
        return p;
    }

    @Test
    void probabilities_ofRandomVectors_areThoseOfDoublePrecision() {
        for (long seed = 0; seed < 6; seed++) {
            int n = 60 + (int) seed * 15;
            float[][] candidates = EmbeddingFiles.random(n, 3, seed);
            float[][] targets = EmbeddingFiles.random(4, 3, seed + 100);
            TsdsSelector selector =
                    tsds(candidates, targets)
                            .optNeighbours(25)
                            .optDensityNeighbours(6)
                            .optScale(0.5)
                            .build();
            assertArrayEquals(
                    inDoublePrecision(units(candidates), units(targets), 25, 6, 0.5),
                    probabilities(selector, n),
                    1e-6, // float32 products
                    "seed " + seed);
        }
    }

    private static double[] inDoublePrecision(
            double[][] candidates, double[][] targets, int k, int kernelK, double scale) {
        int[][] nearest = new int[targets.length][];
        double[][] distances = new double[targets.length][];
        for (int j = 0; j < targets.length; j++) {
            double[] target = targets[j];
            double[] closeness =
                    Arrays.stream(candidates).mapToDouble(c -> -distance(c, target)).toArray();
            nearest[j] = TopK.largest(closeness, k);
            distances[j] = Arrays.stream(nearest[j]).mapToDouble(i -> -closeness[i]).toArray();
        }
        int[] union = Arrays.stream(nearest).flatMapToInt(Arrays::stream).distinct().toArray();
        double[] density = new double[candidates.length];
        for (int u : union) {
            density[u] =
                    Arrays.stream(union)
                            .mapToDouble(v -> distance(candidates[u], candidates[v]))
                            .sorted()
                            .limit(kernelK)
                            .map(d -> Math.max(0, 1 - d * d / (0.75 * 0.75)))
                            .sum();
        }
        return NeighbourTransport.mass(nearest, distances, Densities.known(density), 0.5, scale);
    }

    private static double distance(double[] a, double[] b) {
        double squares = 0;
        for (int f = 0; f < a.length; f++) {
            squares += (a[f] - b[f]) * (a[f] - b[f]);
        }
        return Math.sqrt(squares);
    }

    private static double[][] units(float[][] rows) {
        return Arrays.stream(rows)
                .map(
                        row -> {
                            double[] wide =
                                    IntStream.range(0, row.length)
                                            .mapToDouble(i -> row[i])
                                            .toArray();
                            double norm = Math.sqrt(Arrays.stream(wide).map(v -> v * v).sum());
                            return Arrays.stream(wide).map(v -> v / norm).toArray();
                        })
                .toArray(double[][]::new);
    }

    @Test
    void probabilities_copiesOfACandidate_shareItsChance() {
        float[][] candidates = {{1, 0.1f}, {1, -0.1f}, {1, -0.1f}, {1, -0.1f}, {-1, 0}};
        double[] p =
                probabilities(
                        tsds(candidates, new float[][] {{1, 0}})
                                .optNeighbours(5)
                                .optDensityNeighbours(5)
                                .optBandwidth(0.05)
                                .optScale(0.1)
                                .build(),
                        5);
        assertArrayEquals(new double[] {0.5, 1 / 6.0, 1 / 6.0, 1 / 6.0, 0}, p, 1e-4); // d ~ 1e-4
    }

    @Test
    void counts_notSet_followTheCandidates() {
        float[][] candidates = EmbeddingFiles.random(40, 3, 1);
        float[][] targets = EmbeddingFiles.random(2, 3, 2);
        assertArrayEquals( // a tenth
                probabilities(
                        tsds(candidates, targets).optNeighbours(4).optDensityNeighbours(4).build(),
                        40),
                probabilities(tsds(candidates, targets).build(), 40));
        assertArrayEquals( // all
                probabilities(
                        tsds(candidates, targets)
                                .optNeighbours(40)
                                .optDensityNeighbours(40)
                                .optAlpha(0.6)
                                .build(),
                        40),
                probabilities(
                        tsds(candidates, targets).optCompatibility(Compatibility.DATAFLEX).build(),
                        40));
    }

    @Test
    void select_manySeeds_drawsByTheProbabilities() {
        float[][] candidates = EmbeddingFiles.random(12, 3, 1);
        TsdsSelector selector =
                tsds(candidates, EmbeddingFiles.random(2, 3, 2))
                        .optNeighbours(8)
                        .optDensityNeighbours(8)
                        .optScale(1)
                        .build();
        double[] p = probabilities(selector, 12);
        int[] drawn = new int[12];
        FakeContexts contexts = FakeContexts.of(FakePool.ofSize(12));
        for (int seed = 0; seed < 8_000; seed++) {
            drawn[(int) selector.select(contexts.withSeed(seed).selection(1)).indices().get(0)]++;
        }
        for (int i = 0; i < 12; i++) { // four standard deviations
            assertEquals(8_000 * p[i], drawn[i], 4 * Math.sqrt(8_000 * p[i] * (1 - p[i])));
        }
    }

    @Test
    void select_fewerProbableCandidatesThanTheBudget_takesAllAndFillsUp() {
        float[][] candidates = EmbeddingFiles.random(30, 3, 1);
        for (boolean replacement : new boolean[] {true, false}) {
            Set<Long> filled = new HashSet<>();
            for (int seed = 0; seed < 200; seed++) {
                TsdsSelector selector =
                        tsds(candidates, new float[][] {{1, 0, 0}})
                                .optNeighbours(5)
                                .optScale(1_000) // never stops, and nothing is left for the last
                                .optReplacement(replacement)
                                .build();
                Selection selection =
                        selector.select(
                                FakeContexts.of(FakePool.ofSize(30)).withSeed(seed).selection(6));
                assertTrue(Arrays.stream(selection.scores()).limit(4).allMatch(p -> p > 0));
                assertArrayEquals(new double[2], Arrays.copyOfRange(selection.scores(), 4, 6));
                filled.addAll(selection.indices().asList().subList(4, 6));
            }
            assertEquals(26, filled.size()); // every other one, by and by
        }
    }

    @Test
    void select_withoutReplacement_drawsAllBeforeAnyAgain() {
        TsdsSelector selector =
                tsds(EmbeddingFiles.random(30, 3, 1), EmbeddingFiles.random(1, 3, 2))
                        .optNeighbours(11)
                        .optScale(1_000)
                        .optReplacement(false)
                        .build();
        FakeContexts contexts = FakeContexts.of(FakePool.ofSize(30));
        Set<Long> round = new HashSet<>();
        for (int update = 0; update < 2; update++) {
            round.addAll(draw(selector, contexts.atStep(update), 4));
        }
        assertEquals(8, round.size());
        List<Long> next = draw(selector, contexts.atStep(2), 4);
        round.addAll(next.subList(0, 2)); // the two that were left
        assertEquals(10, round.size());
        Set<Long> second = new HashSet<>(next.subList(2, 4));
        second.addAll(draw(selector, contexts.atStep(3), 4));
        second.addAll(draw(selector, contexts.atStep(4), 4));
        assertEquals(round, second);
    }

    private static List<Long> draw(TsdsSelector selector, FakeContexts contexts, int budget) {
        return selector.select(contexts.selection(budget)).indices().asList();
    }

    @Test
    void createByName_ofFiles_givesTheSameSelector() {
        TsdsSelector made =
                tsds(EmbeddingFiles.random(20, 4, 1), EmbeddingFiles.random(3, 4, 2))
                        .optNeighbours(9)
                        .optDensityNeighbours(8)
                        .optAlpha(0.7)
                        .optScale(2)
                        .optBandwidth(0.5)
                        .optReplacement(false)
                        .build();
        Selector named = Strategies.create(Selector.class, "tsds", made.settings());
        assertEquals(made.settings(), named.settings());
        SelectionContext context = FakeContexts.of(FakePool.ofSize(20)).selection(6);
        SelectionContext same = FakeContexts.of(FakePool.ofSize(20)).selection(6);
        assertEquals(made.select(context).indices(), named.select(same).indices());
    }

    @Test
    void check_moreDensityNeighboursThanThePoolHas_isRefused() {
        assertRefused(
                "densityNeighbours = 30, but the pool has 20 samples; lower it or leave it out",
                () -> files("c", "t").optDensityNeighbours(30).build().check(FakePool.ofSize(20)));
    }

    @Test
    void probabilities_moreDensityNeighboursThanCandidates_countAllOfThese() {
        float[][] candidates = EmbeddingFiles.random(12, 3, 1);
        float[][] targets = EmbeddingFiles.random(2, 3, 2);
        assertArrayEquals(
                probabilities(tsds(candidates, targets).optDensityNeighbours(12).build(), 12),
                probabilities(tsds(candidates, targets).optDensityNeighbours(99).build(), 12));
    }

    @Test
    void builder_badSettings_areRefused() {
        for (double bad : new double[] {0, -1, 1.5, Double.NaN}) {
            assertRefused(
                    "alpha = " + bad + ", must be above 0 and at most 1",
                    () -> TsdsSelector.builder().optAlpha(bad));
        }
        for (double bad : new double[] {0, -1, Double.POSITIVE_INFINITY, Double.NaN}) {
            assertRefused(
                    "scale = " + bad + ", must be finite and above 0",
                    () -> TsdsSelector.builder().optScale(bad));
        }
        for (double bad : new double[] {-1, Double.POSITIVE_INFINITY, Double.NaN}) {
            assertRefused(
                    "bandwidth = " + bad + ", must be finite and at least 0",
                    () -> TsdsSelector.builder().optBandwidth(bad));
        }
        assertRefused(
                "neighbours = 0, must be in [1, 2147483647]",
                () -> TsdsSelector.builder().optNeighbours(0));
        assertRefused(
                "densityNeighbours = -3, must be in [1, 2147483647]",
                () -> TsdsSelector.builder().optDensityNeighbours(-3));
        assertEquals(
                "setEmbeddings was not called; give the embeddings of candidates and target set",
                assertThrows(IllegalStateException.class, () -> TsdsSelector.builder().build())
                        .getMessage());
    }

    private TsdsSelectorBuilder tsds(float[][] candidates, float[][] targets) {
        return TsdsSelector.builder().setEmbeddings(ofFiles(candidates, targets));
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
