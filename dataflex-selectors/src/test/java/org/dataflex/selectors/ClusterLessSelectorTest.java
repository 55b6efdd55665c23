package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.data.TokenSequences;
import org.dataflex.model.Preconditioner;
import org.dataflex.selectors.ClusterLessSelector.Method;
import org.dataflex.selectors.ClusterLessSelector.Representatives;
import org.dataflex.selectors.ClusterLessSelector.Ties;
import org.dataflex.selectors.LessSelector.Preconditioning;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Strategies;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakeModelOps;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.Golden;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.SelectorContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class ClusterLessSelectorTest implements SelectorContract {

    private static final SampleSet EXAM = FakePool.samples(3);
    private static final SampleSet QUIZ = FakePool.samples(2);

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        assertEquals(0, manager.getManagedArrays().size(), "embeddings were not closed");
        manager.close();
    }

    private static ClusterLessSelectorBuilder builder() {
        return ClusterLessSelector.builder().addSubtask("exam", EXAM).addSubtask("quiz", QUIZ);
    }

    @Override
    public Selector create() {
        return builder().optClusterSize(6).optSamplesPerCluster(2).optChunkSize(5).build();
    }

    @Override
    public boolean isCreatableByName() {
        return false; // see createByName_hasItsTargetsAndSettings
    }

    @Override
    public FakeModelOps modelAt(long step) {
        return FakeModelOps.withGradients(
                        null,
                        (set, i) ->
                                GaussianRows.of(
                                        5,
                                        set == EXAM || set == QUIZ ? set.size() : 0,
                                        i + 1_000 * step))
                .andEmbeddings(manager, i -> floats(GaussianRows.of(5, 99, i + 1_000 * step)));
    }

    private static float[] floats(double... values) {
        float[] floats = new float[values.length];
        for (int j = 0; j < floats.length; j++) {
            floats[j] = (float) values[j];
        }
        return floats;
    }

    private static <T> T read(JsonNode node, Class<T> type) {
        return new ObjectMapper().convertValue(node, type);
    }

    private static JsonNode golden(int index) {
        return Golden.cases("cluster-less-selector.json").get(index);
    }

    @Test
    void nameSettingsAndTargets() {
        assertEquals("cluster-less", create().name());
        assertEquals(Map.of("exam", EXAM, "quiz", QUIZ), create().targets());
        assertEquals(
                "{targets=exam:3 fake samples,quiz:2 fake samples, clustering=kmeans,"
                        + " clusterSize=64, iterations=20, samplesPerCluster=3,"
                        + " representatives=random, ties=embedding, embeddings=training model,"
                        + " preconditioner=adam, compatibility=none, parameters=, chunkSize=256}",
                builder().build().settings().toString());
        assertEquals(
                "{targets=exam:3 fake samples,quiz:2 fake samples, clustering=lsh,"
                        + " numClusters=7, iterations=20, samplesPerCluster=3,"
                        + " representatives=alternating, ties=position, embeddings=training model,"
                        + " preconditioner=none, compatibility=dataflex, parameters=,"
                        + " chunkSize=256}",
                builder()
                        .optClustering(Method.LSH)
                        .optNumClusters(7)
                        .optRepresentatives(Representatives.ALTERNATING)
                        .optPreconditioner(Preconditioning.NONE)
                        .optCompatibility(Compatibility.DATAFLEX)
                        .build()
                        .settings()
                        .toString());
    }

    @Test
    void clusters_countIsThatOfDataFlex() {
        JsonNode golden = golden(0);
        int[] n = read(golden.get("n"), int[].class);
        int[] k = read(golden.get("k"), int[].class);
        ClusterLessSelector bySize = builder().optClusterSize(5).build();
        assertArrayEquals(k, Arrays.stream(n).map(bySize::clusters).toArray());
        assertEquals(3, builder().optNumClusters(9).build().clusters(3));
        assertEquals(9, builder().optNumClusters(9).build().clusters(300));
    }

    @Test
    void representatives_areOrderedAsByDataFlex() {
        JsonNode golden = golden(1);
        float[][] rows = read(golden.get("features"), float[][].class);
        int[] members = read(golden.get("members"), int[].class);
        float[][] own = Arrays.stream(members).mapToObj(i -> rows[i]).toArray(float[][]::new);
        float[] centroid = ClusterMembers.centroids(own, new int[own.length], 1)[0];
        int[] nearest = read(golden.get("nearest"), int[].class);
        assertArrayEquals(
                nearest,
                ClusterRanking.byDistance(rows, members, centroid, Representatives.NEAREST));
        assertArrayEquals(
                read(golden.get("farthest"), int[].class),
                ClusterRanking.byDistance(rows, members, centroid, Representatives.FARTHEST));
        assertArrayEquals(
                new int[] {2, 0, 7, 11, 5, 9},
                ClusterRanking.byDistance(rows, members, centroid, Representatives.ALTERNATING));
    }

    @Test
    void select_dataflex_scoresAreThoseOfDataFlex() {
        JsonNode golden = golden(2);
        double[][] gradients = read(golden.get("gradients"), double[][].class);
        double[][] targets = read(golden.get("targets"), double[][].class);
        float[][] features = read(golden.get("features"), float[][].class);
        int[] clusters = read(golden.get("clusters"), int[].class);
        List<Integer> representatives =
                Arrays.stream(read(golden.get("representatives"), int[].class)).boxed().toList();
        FakeModelOps model =
                FakeModelOps.withGradients(
                                null,
                                (set, i) ->
                                        set == EXAM
                                                ? targets[i.intValue()]
                                                : gradients[representatives.indexOf(i.intValue())])
                        .andEmbeddings(manager, i -> features[(int) i]);
        ClusterLessSelector selector =
                ClusterLessSelector.builder()
                        .addSubtask("exam", EXAM)
                        .optSamplesPerCluster(2)
                        .optRepresentatives(Representatives.NEAREST)
                        .optCompatibility(Compatibility.DATAFLEX)
                        .build();
        selector.restoreState(stateOf(features, clusters));
        Selection all =
                selector.select(
                        FakeContexts.of(FakePool.ofSize(14)).withModel(model).selection(14));
        double[] expected = Golden.array(golden.get("clusterScores"));
        for (int rank = 0; rank < 14; rank++) {
            int cluster = clusters[(int) all.indices().get(rank)];
            assertEquals(expected[cluster], all.scores()[rank], 1e-6);
        }
        // whole clusters by score, within each the lower position
        assertEquals(
                List.of(4L, 5L, 8L, 13L, 2L, 3L, 7L, 12L, 0L, 1L, 6L, 9L, 10L, 11L),
                all.indices().asList());
        assertEquals(
                List.of(Preconditioner.Adam.dataFlex(), Preconditioner.Adam.dataFlex()),
                model.preconditioners());
        assertEquals(8, model.gradientCalls().get(1).size());
    }

    @Test
    void select_clusterWithoutGradients_scores0() {
        for (Compatibility compatibility : Compatibility.values()) {
            FakeModelOps model =
                    FakeModelOps.withGradients(
                                    null,
                                    (set, i) ->
                                            set != EXAM && i < 4
                                                    ? new double[2]
                                                    : new double[] {1, i})
                            .andEmbeddings(manager, i -> floats(i < 4 ? 1 : -1, 0));
            Selection all =
                    ClusterLessSelector.builder()
                            .addSubtask("exam", EXAM)
                            .optNumClusters(2)
                            .optCompatibility(compatibility)
                            .build()
                            .select(
                                    FakeContexts.of(FakePool.ofSize(8))
                                            .withModel(model)
                                            .selection(8));
            for (int rank = 0; rank < 8; rank++) {
                boolean isFlat = all.indices().get(rank) < 4;
                assertEquals(isFlat, all.scores()[rank] == 0, compatibility + " " + rank);
            }
        }
    }

    /** A state of four clusters, in the form of a saved one. */
    private Map<String, double[]> stateOf(float[][] features, int[] clusters) {
        ClusterMembers members = new ClusterMembers();
        members.admit(
                new Samples(FakePool.ofSize(14), SampleIndices.range(0, 14)),
                FakeModelOps.withEmbeddings(manager, i -> features[(int) i]),
                5,
                (rows, k, seed) -> clusters,
                4,
                0);
        return members.save();
    }

    /** Two groups of embeddings, even and odd positions, 2 a degree apart within a group. */
    private static float[] group(long i) {
        double angle = i % 2 * Math.PI / 2 + Math.toRadians(2) * (i / 2);
        return floats(Math.cos(angle), Math.sin(angle));
    }

    private FakeModelOps grouped(LongFunction<double[]> gradientOf) {
        return FakeModelOps.withGradients(
                        null,
                        (set, i) ->
                                set == EXAM
                                        ? new double[] {1, 0}
                                        : set == QUIZ ? new double[] {0, 1} : gradientOf.apply(i))
                .andEmbeddings(manager, ClusterLessSelectorTest::group);
    }

    private static ClusterLessSelectorBuilder two() {
        return builder().optNumClusters(2).optSamplesPerCluster(99);
    }

    @Test
    void select_closedForm_takesTheBestSubtask_andTheTiedBySimilarEmbedding() {
        // even: cosines to exam 0.6 0.6 0.6 1 0.6, mean 0.68; odd: to quiz 0.8 each
        FakeModelOps model =
                grouped(
                        i ->
                                i % 2 == 1
                                        ? new double[] {-3, 4}
                                        : i == 6 ? new double[] {1, 0} : new double[] {3, -4});
        Selection all =
                two().build()
                        .select(
                                FakeContexts.of(FakePool.ofSize(10))
                                        .withModel(model)
                                        .selection(10));
        assertEquals(
                List.of(1L, 3L, 5L, 7L, 9L, 6L, 4L, 8L, 2L, 0L).subList(0, 6),
                all.indices().asList().subList(0, 6));
        assertEquals(0L, all.indices().get(9)); // the farthest from 6
        assertArrayEquals(
                new double[] {0.8, 0.8, 0.8, 0.8, 0.8, 0.68, 0.68, 0.68, 0.68, 0.68},
                all.scores(),
                1e-6);
    }

    @Test
    void select_gradientsThatAreNotFinite_doNotCount_andPutTheirClusterLast() {
        FakeModelOps some =
                grouped(i -> i == 1 ? new double[] {Double.NaN, 0} : new double[] {-1, -1e-3 * i});
        Selection odd =
                two().build()
                        .select(FakeContexts.of(FakePool.ofSize(8)).withModel(some).selection(8));
        assertTrue(Arrays.stream(odd.scores()).allMatch(Double::isFinite));
        FakeModelOps none =
                grouped(i -> i % 2 == 1 ? new double[] {Double.NaN, 0} : new double[] {-1, -1});
        Selection last =
                two().build()
                        .select(FakeContexts.of(FakePool.ofSize(8)).withModel(none).selection(8));
        assertEquals(Double.NEGATIVE_INFINITY, last.scores()[4]);
        assertTrue(last.indices().asList().subList(4, 8).stream().allMatch(i -> i % 2 == 1));
        FakeModelOps all = grouped(i -> new double[] {Double.NaN, 0});
        assertRefused(
                IllegalStateException.class,
                "the gradient of none of 8 candidates is finite; find out why the model's losses"
                        + " are NaN or infinite",
                () ->
                        two().build()
                                .select(
                                        FakeContexts.of(FakePool.ofSize(8))
                                                .withModel(all)
                                                .selection(8)));
    }

    @Test
    void select_everyMethodAndStrategy_choosesWholeBudget() {
        for (Method method : Method.values()) {
            for (Representatives which : Representatives.values()) {
                for (Ties ties : Ties.values()) {
                    Selector selector =
                            builder()
                                    .optClustering(method)
                                    .optClusterSize(4)
                                    .optRepresentatives(which)
                                    .optTies(ties)
                                    .build();
                    Selection chosen =
                            selector.select(
                                    FakeContexts.of(FakePool.ofSize(30))
                                            .withModel(modelAt(1))
                                            .selection(11));
                    assertEquals(11, chosen.indices().stream().distinct().count());
                }
            }
        }
    }

    @Test
    void select_again_embedsNewcomersOnly_evenAfterAResume() {
        ClusterLessSelector selector = (ClusterLessSelector) create();
        Samples first = samples(0, 20);
        FakeModelOps model = modelAt(1);
        selector.select(contexts(model).selection(first, 4));
        assertEquals(20, embedded(model));
        ClusterLessSelector resumed = (ClusterLessSelector) create();
        resumed.restoreState(selector.saveState());
        for (ClusterLessSelector each : List.of(selector, resumed)) {
            FakeModelOps later = modelAt(2);
            each.select(contexts(later).selection(first, 4));
            assertEquals(0, embedded(later));
            each.select(contexts(later).selection(samples(15, 30), 4));
            assertEquals(10, embedded(later));
        }
        assertSameBits(selector.saveState(), resumed.saveState());
        double[] clusters = selector.saveState().get("clusters");
        assertEquals(30, clusters.length);
        assertTrue(Arrays.stream(clusters).allMatch(c -> c < 4), "newcomers joined");
        selector.select(contexts(modelAt(3)).selection(samples(30, 42), 4));
        clusters = selector.saveState().get("clusters");
        assertEquals(5, Arrays.stream(clusters).max().orElseThrow(), "2 new clusters of 12");
    }

    private static Samples samples(int from, int to) {
        return new Samples(FakePool.ofSize(48), SampleIndices.range(from, to));
    }

    private static FakeContexts contexts(FakeModelOps model) {
        return FakeContexts.of(FakePool.ofSize(48)).withModel(model);
    }

    private static int embedded(FakeModelOps model) {
        return model.embedCalls().stream().mapToInt(Samples::size).sum();
    }

    private static void assertSameBits(Map<String, double[]> a, Map<String, double[]> b) {
        assertEquals(List.copyOf(a.keySet()), List.copyOf(b.keySet()));
        a.forEach(
                (name, values) ->
                        assertArrayEquals(
                                bits(values).toArray(), bits(b.get(name)).toArray(), name));
    }

    private static LongStream bits(double[] values) {
        return Arrays.stream(values).mapToLong(Double::doubleToRawLongBits);
    }

    @Test
    void select_embeddingWithoutDirection_namesTheCandidate() {
        assertNoDirection(floats(0, 0), " is all zeros");
        assertNoDirection(floats(Double.NaN, 1), " has a value that is NaN or infinite");
    }

    private void assertNoDirection(float[] bad, String what) {
        FakeModelOps model = FakeModelOps.withEmbeddings(manager, i -> i == 7 ? bad : floats(1, i));
        assertRefused(
                IllegalArgumentException.class,
                "the model's embedding of candidate 7"
                        + what
                        + ", so that it has no direction; embed that sample anew or leave it out",
                () -> create().select(contexts(model).selection(samples(0, 9), 2)));
    }

    @Test
    void build_badSettings_areRefused() {
        assertRefused(
                IllegalStateException.class,
                "no target samples; call addSubtask",
                () -> ClusterLessSelector.builder().build());
        assertRefused(
                IllegalArgumentException.class,
                "two subtasks are named 'exam'",
                () -> builder().addSubtask("exam", EXAM));
        ClusterLessSelectorBuilder twice = builder();
        twice.build();
        assertRefused(
                IllegalStateException.class,
                "this builder has made its selector; start another with"
                        + " ClusterLessSelector.builder()",
                twice::build);
        String range = " = 0, must be in [1, 2147483647]";
        Map<String, Executable> settings =
                Map.of(
                        "clusterSize", () -> builder().optClusterSize(0),
                        "numClusters", () -> builder().optNumClusters(0),
                        "iterations", () -> builder().optIterations(0),
                        "samplesPerCluster", () -> builder().optSamplesPerCluster(0),
                        "chunkSize", () -> builder().optChunkSize(0));
        settings.forEach(
                (name, call) -> assertRefused(IllegalArgumentException.class, name + range, call));
    }

    @Test
    void createByName_hasItsTargetsAndSettings(@TempDir Path directory) throws Exception {
        Path exam = directory.resolve("exam.tokens");
        TokenSequences.builder().add(new int[] {1, 2}).add(new int[] {3}).build().save(exam);
        Selector plain = byName(Map.of("targets", "exam:" + exam));
        SampleSet targets = plain.targets().get("exam");
        assertEquals(
                ClusterLessSelector.builder().addSubtask("exam", targets).build().settings(),
                plain.settings());
        Map<String, String> settings =
                Map.of(
                        "targets", "exam:" + exam,
                        "clustering", "farthest_first",
                        "numClusters", "9",
                        "iterations", "8",
                        "samplesPerCluster", "7",
                        "representatives", "nearest",
                        "ties", "shuffle",
                        "preconditioner", "none",
                        "parameters", "lora",
                        "chunkSize", "6");
        Map<String, String> made = byName(settings).settings();
        settings.forEach(
                (name, value) -> {
                    if (!name.equals("targets")) {
                        assertEquals(value, made.get(name), name);
                    }
                });
        assertFalse(made.containsKey("clusterSize"));
        assertRefused(
                IllegalArgumentException.class,
                "selector 'cluster-less': targets = null, must be name:path,name:path of files that"
                        + " TokenSequences.save wrote",
                () -> byName(Map.of()));
    }

    private static Selector byName(Map<String, String> settings) {
        return Strategies.create(Selector.class, "cluster-less", settings);
    }

    private static void assertRefused(
            Class<? extends Exception> type, String message, Executable call) {
        assertEquals(message, assertThrows(type, call).getMessage());
    }
}
