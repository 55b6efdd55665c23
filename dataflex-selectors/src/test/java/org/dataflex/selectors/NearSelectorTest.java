package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Strategies;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakeModelOps;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.Golden;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

class NearSelectorTest extends EmbeddingSelectorContract {

    @Override
    public Selector create() {
        return NearSelector.builder().setEmbeddings(ofModel()).build();
    }

    @Override
    Selector create(EmbeddingSource embeddings, int neighbours) {
        return NearSelector.builder().setEmbeddings(embeddings).optNeighbours(neighbours).build();
    }

    @Override
    public boolean isDeterministic() {
        return true;
    }

    @Test
    void nameAndSettings() {
        assertEquals("near", create().name());
        assertEquals(
                Map.of(
                        "embeddings", "training model",
                        "pooling", "mean",
                        "targets", "3 fake samples",
                        "compatibility", "none"),
                create().settings());
        assertEquals(
                Map.of(
                        "candidateEmbeddings", "c.safetensors",
                        "targetEmbeddings", "t.safetensors",
                        "neighbours", "7",
                        "compatibility", "dataflex"),
                NearSelector.builder()
                        .setEmbeddings(
                                EmbeddingSource.files(
                                        Path.of("c.safetensors"), Path.of("t.safetensors")))
                        .optNeighbours(7)
                        .optCompatibility(Compatibility.DATAFLEX)
                        .build()
                        .settings());
    }

    @TestFactory
    Stream<DynamicTest> walk_isThatOfDataFlex() {
        return Golden.cases("near-walk.json").stream()
                .map(
                        c ->
                                DynamicTest.dynamicTest(
                                        c.get("case").asText(),
                                        () ->
                                                assertArrayEquals(
                                                        read(c.get("chosen"), int[].class),
                                                        NearSelector.walk(
                                                                        read(
                                                                                c.get("neighbours"),
                                                                                int[][].class),
                                                                        c.get("budget").asInt(),
                                                                        Set.of())
                                                                .stream()
                                                                .mapToInt(i -> i)
                                                                .toArray())));
    }

    private static <T> T read(JsonNode node, Class<T> type) {
        return new ObjectMapper().convertValue(node, type);
    }

    @Test
    void select_neighboursOfDataFlex_areChosenByRankThenByTarget() {
        JsonNode golden = Golden.cases("near-neighbours.json").get(0);
        int[][] neighbours = read(golden.get("neighbours"), int[][].class);
        double[][] squared = read(golden.get("squaredDistances"), double[][].class);
        float[][] candidates = read(golden.get("candidates"), float[][].class);
        NearSelector selector =
                near(candidates, read(golden.get("targets"), float[][].class))
                        .optNeighbours(golden.get("k").asInt())
                        .build();
        int distinct = new HashSet<>(NearSelector.walk(neighbours, 99, Set.of())).size();
        Selection selection =
                selector.select(
                        FakeContexts.of(FakePool.ofSize(candidates.length)).selection(distinct));
        assertEquals(
                NearSelector.walk(neighbours, distinct, Set.of()).stream()
                        .map(Integer::longValue)
                        .toList(),
                selection.indices().asList());
        for (int j = 0; j < 3; j++) { // the nearest of each target: cos = 1 - d^2 / 2
            assertTrue(selection.scores()[j] >= 1 - squared[j][0] / 2 - 1e-5); // rounded input
        }
    }

    @Test
    void select_laterUpdates_goOnWhereTheLastOneStopped() {
        float[][] candidates = {{1, 0}, {0.9f, 0.1f}, {0.8f, 0.2f}, {0.7f, 0.3f}, {0.6f, 0.4f}};
        NearSelector selector = near(candidates, new float[][] {{1, 0}}).build();
        NearSelector compatible =
                near(candidates, new float[][] {{1, 0}})
                        .optCompatibility(Compatibility.DATAFLEX)
                        .build();
        SelectionContext context = FakeContexts.of(FakePool.ofSize(5)).selection(2);
        List<List<Long>> chosen = new ArrayList<>();
        for (int update = 0; update < 4; update++) {
            chosen.add(selector.select(context).indices().asList());
            assertEquals(List.of(0L, 1L), compatible.select(context).indices().asList());
        }
        assertEquals(
                List.of(List.of(0L, 1L), List.of(2L, 3L), List.of(4L, 0L), List.of(1L, 2L)),
                chosen);
    }

    @Test
    void select_candidatesOfOneDomain_leaveTheOthersTurnAlone() {
        float[][] candidates = {{1, 0}, {0.9f, 0.1f}, {0.8f, 0.2f}, {0.7f, 0.3f}};
        NearSelector selector = near(candidates, new float[][] {{1, 0}}).build();
        FakeContexts contexts = FakeContexts.of(FakePool.ofSizes(2, 2));
        Samples second = new Samples(FakePool.ofSize(4), SampleIndices.range(2, 4));
        assertEquals(List.of(0L), chosen(selector, contexts.selection(1)));
        assertEquals(List.of(2L), chosen(selector, contexts.selection(second, 1)));
        assertEquals(List.of(3L, 2L), chosen(selector, contexts.selection(second, 2)));
        assertEquals(List.of(1L, 3L), chosen(selector, contexts.selection(2)));
    }

    private static List<Long> chosen(NearSelector selector, SelectionContext context) {
        return selector.select(context).indices().asList();
    }

    @Test
    void select_vectorsOfAnyLength_areComparedByCosine() {
        float[][] candidates = {{100, 100}, {0.01f, 0}, {-50, 1}};
        Selection selection =
                near(candidates, new float[][] {{7, 0}})
                        .build()
                        .select(FakeContexts.of(FakePool.ofSize(3)).selection(2));
        assertEquals(List.of(1L, 0L), selection.indices().asList());
        assertArrayEquals(new double[] {1, Math.sqrt(0.5)}, selection.scores(), 1e-6); // float32
    }

    @Test
    void select_equalCandidates_areChosenInOrder() {
        float[][] candidates = {{0, 1}, {1, 1}, {1, 1}, {0, 1}, {1, 1}};
        assertEquals(
                List.of(1L, 2L, 4L, 0L),
                chosen(
                        near(candidates, new float[][] {{1, 1}}).build(),
                        FakeContexts.of(FakePool.ofSize(5)).selection(4)));
    }

    @Test
    void select_trainingModel_isAskedAnewAtEachUpdate() {
        Selector selector = create();
        FakeModelOps model = modelAt(1);
        FakeContexts contexts = FakeContexts.of(FakePool.ofSize(300)).withModel(model);
        selector.select(contexts.selection(4));
        assertEquals(3, model.embedCalls().size()); // two chunks of candidates, one of targets
        selector.select(contexts.selection(4));
        assertEquals(6, model.embedCalls().size());
    }

    @Test
    void createByName_ofFiles_givesTheSameSelector() {
        NearSelector made =
                near(EmbeddingFiles.random(20, 4, 1), EmbeddingFiles.random(3, 4, 2))
                        .optNeighbours(9)
                        .build();
        Selector named = Strategies.create(Selector.class, "near", made.settings());
        assertEquals(made.settings(), named.settings());
        SelectionContext context = FakeContexts.of(FakePool.ofSize(20)).selection(6);
        assertEquals(chosen(made, context), chosen((NearSelector) named, context));
    }

    @Test
    void select_tooFewDistinctNeighbours_isRefused() {
        float[][] candidates = EmbeddingFiles.random(20, 4, 1);
        for (Compatibility compatibility : Compatibility.values()) {
            assertRefused(
                    IllegalStateException.class,
                    "the 2 nearest candidates of each of 1 targets are 2 distinct ones, too few"
                            + " for a budget of 3; raise neighbours or lower the budget",
                    () ->
                            near(candidates, EmbeddingFiles.random(1, 4, 2))
                                    .optNeighbours(2)
                                    .optCompatibility(compatibility)
                                    .build()
                                    .select(FakeContexts.of(FakePool.ofSize(20)).selection(3)));
        }
    }

    @Test
    void builder_badSettings_areRefused() {
        assertRefused(
                IllegalArgumentException.class,
                "neighbours = 0, must be in [1, 2147483647]",
                () -> NearSelector.builder().optNeighbours(0));
        assertRefused(
                IllegalStateException.class,
                "setEmbeddings was not called; give the embeddings of candidates and target set",
                () -> NearSelector.builder().build());
    }

    private NearSelector.Builder near(float[][] candidates, float[][] targets) {
        return NearSelector.builder().setEmbeddings(ofFiles(candidates, targets));
    }

    private static void assertRefused(
            Class<? extends RuntimeException> type, String message, Executable call) {
        assertEquals(message, assertThrows(type, call).getMessage());
    }
}
