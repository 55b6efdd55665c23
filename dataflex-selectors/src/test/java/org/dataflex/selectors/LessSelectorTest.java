package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.dataflex.data.SampleSet;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.Projection;
import org.dataflex.selectors.LessSelector.Preconditioning;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.Selector;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakeModelOps;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.Golden;
import org.dataflex.testing.SelectorContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class LessSelectorTest implements SelectorContract {

    private static final SampleSet EXAM = FakePool.samples(3);
    private static final SampleSet QUIZ = FakePool.samples(2);

    @Override
    public Selector create() {
        return LessSelector.builder()
                .addSubtask("exam", EXAM)
                .addSubtask("quiz", QUIZ)
                .optChunkSize(5)
                .build();
    }

    @Override
    public boolean isDeterministic() {
        return true;
    }

    @Override
    public boolean isCreatableByName() {
        return false;
    }

    @Override
    public FakeModelOps modelAt(long step) {
        return FakeModelOps.withGradients(
                null,
                (set, i) ->
                        GaussianRows.of(
                                6, set == EXAM || set == QUIZ ? set.size() : 0, i + 1_000 * step));
    }

    @Test
    void nameAndSettings() {
        assertEquals("less", create().name());
        assertEquals(
                "{targets=exam:3 fake samples,quiz:2 fake samples, preconditioner=adam,"
                        + " biasCorrection=false, compatibility=none, parameters=, chunkSize=5}",
                create().settings().toString());
        assertEquals(
                "{targets=exam:3 fake samples, preconditioner=none, biasCorrection=false,"
                        + " compatibility=dataflex, parameters=lora, chunkSize=256,"
                        + " projection=Rademacher[dimension=4, seed=1],"
                        + " checkpoints=step-5:0.5,step-5:0.25}",
                LessSelector.builder()
                        .addSubtask("exam", EXAM)
                        .optPreconditioner(Preconditioning.NONE)
                        .optCompatibility(Compatibility.DATAFLEX)
                        .optParameters(Pattern.compile("lora"))
                        .optStore(Path.of("store"), new Projection.Rademacher(4, 1))
                        .addCheckpoint(Path.of("run/step-5"), 0.5)
                        .addCheckpoint(Path.of("other/step-5"), 0.25)
                        .build()
                        .settings()
                        .toString());
    }

    @Test
    void targets_areTheSubtasks() {
        assertEquals(Map.of("exam", EXAM, "quiz", QUIZ), create().targets());
    }

    @Test
    void select_overCheckpoints_ranksAsTheReferences() {
        JsonNode golden = Golden.cases("less-selector.json").get(0);
        assertRanking(golden, Compatibility.NONE, "score", "ranking");
        assertRanking(golden, Compatibility.DATAFLEX, "meanScore", "meanRanking");
    }

    private static void assertRanking(
            JsonNode golden, Compatibility compatibility, String scores, String ranking) {
        double[][] targets = matrix(golden.get("targets"));
        int each = golden.get("targetsPerSubtask").asInt();
        double[] rates = Golden.array(golden.get("learningRates"));
        LessSelectorBuilder builder = LessSelector.builder().optCompatibility(compatibility);
        Map<SampleSet, Integer> firsts = new LinkedHashMap<>();
        for (int first = 0; first < targets.length; first += each) {
            SampleSet subtask = new Subtask(each);
            firsts.put(subtask, first);
            builder.addSubtask("from " + first, subtask);
        }
        Map<Path, ModelOps> checkpoints = new LinkedHashMap<>();
        for (int e = 0; e < rates.length; e++) {
            Path path = Path.of("epoch-" + e).toAbsolutePath();
            builder.addCheckpoint(path, rates[e]);
            double[][] candidates = matrix(golden.get("candidates").get(e));
            BiFunction<SampleSet, Long, double[]> gradients =
                    (set, i) ->
                            firsts.containsKey(set)
                                    ? targets[firsts.get(set) + i.intValue()]
                                    : candidates[i.intValue()];
            checkpoints.put(path, FakeModelOps.withGradients(null, gradients));
        }
        double[] expected = Golden.array(golden.get(scores));
        FakeContexts contexts =
                FakeContexts.of(FakePool.ofSize(expected.length)).withCheckpoints(checkpoints);
        Selection selection = builder.build().select(contexts.selection(expected.length));
        long[] order =
                Arrays.stream(Golden.array(golden.get(ranking))).mapToLong(i -> (long) i).toArray();
        assertArrayEquals(order, selection.indices().stream().toArray());
        for (int rank = 0; rank < order.length; rank++) { // float32 in the reference
            assertEquals(expected[(int) order[rank]], selection.scores()[rank], 1e-6);
        }
    }

    /** Samples of which no two sets are equal, as records are. */
    private static final class Subtask implements SampleSet {

        private final long size;

        Subtask(long size) {
            this.size = size;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public ai.djl.training.dataset.Batch batch(
                ai.djl.ndarray.NDManager manager, org.dataflex.data.SampleIndices indices) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String fingerprint() {
            return "subtask";
        }
    }

    @Test
    void select_closedForm_takesTheBestSubtask_zerosThenNaNLast() {
        double[][] candidates = {
            {0, 0},
            {Double.NaN, 1},
            {3, 4},
            {-2, 0},
            {0, 0},
            {1e-3, 0},
            {Double.POSITIVE_INFINITY, 0}
        };
        double[][] exam = {{1, 0}, {0, 2}, {5, 0}}; // unit mean (2/3, 1/3)
        double[][] quiz = {{0, 1}, {0, -4}}; // unit mean 0
        FakeModelOps model =
                FakeModelOps.withGradients(
                        null,
                        (set, i) ->
                                (set == EXAM ? exam : set == QUIZ ? quiz : candidates)
                                        [i.intValue()]);
        FakeContexts contexts = FakeContexts.of(FakePool.ofSize(7)).withModel(model);
        Selection best = create().select(contexts.selection(7));
        // -2/3 in exam is 0 in quiz; ties go to the lower position
        assertEquals(List.of(2L, 5L, 0L, 3L, 4L, 1L, 6L), best.indices().asList());
        double infinite = Double.NEGATIVE_INFINITY;
        assertArrayEquals(
                new double[] {2.0 / 3, 2.0 / 3, 0, 0, 0, infinite, infinite}, best.scores(), 1e-6);
        Selector mean =
                LessSelector.builder()
                        .addSubtask("exam", EXAM)
                        .addSubtask("quiz", QUIZ)
                        .optCompatibility(Compatibility.DATAFLEX)
                        .build();
        Selection averaged = mean.select(contexts.selection(7));
        assertEquals(List.of(2L, 5L, 0L, 4L, 3L, 1L, 6L), averaged.indices().asList());
        assertArrayEquals(
                new double[] {0.4, 0.4, 0, 0, -0.4, infinite, infinite}, averaged.scores(), 1e-6);
    }

    @Test
    void select_asksForThePreconditionerOfTheSettings() {
        LessSelectorBuilder[] builders = {
            LessSelector.builder(),
            LessSelector.builder().optCompatibility(Compatibility.DATAFLEX),
            LessSelector.builder().optBiasCorrection(true),
            LessSelector.builder().optPreconditioner(Preconditioning.NONE)
        };
        Preconditioner[] expected = {
            Preconditioner.Adam.less(),
            Preconditioner.Adam.dataFlex(),
            Preconditioner.Adam.less().withBiasCorrection(),
            new Preconditioner.None()
        };
        for (int i = 0; i < builders.length; i++) {
            FakeModelOps model = modelAt(1);
            Selector selector = builders[i].addSubtask("exam", EXAM).build();
            selector.select(FakeContexts.of(FakePool.ofSize(9)).withModel(model).selection(2));
            assertEquals(List.of(expected[i]), model.preconditioners());
        }
    }

    @Test
    void select_asksInChunks_eachCandidateOnce() {
        FakeModelOps model = modelAt(1);
        create().select(FakeContexts.of(FakePool.ofSize(12)).withModel(model).selection(2));
        assertEquals(
                List.of(3, 2, 5, 5, 2),
                model.gradientCalls().stream().map(samples -> samples.size()).toList());
        assertEquals(10, model.gradientCalls().get(4).indices().get(0));
    }

    @Test
    void select_noFiniteGradient_isRefused() {
        FakeModelOps model =
                FakeModelOps.withGradients(
                        null, (set, i) -> new double[] {set == EXAM ? 1 : Double.NaN});
        Selector selector = LessSelector.builder().addSubtask("exam", EXAM).build();
        assertEquals(
                "the gradient of none of 4 candidates is finite; find out why the model's losses"
                        + " are NaN or infinite",
                assertThrows(
                                IllegalStateException.class,
                                () ->
                                        selector.select(
                                                FakeContexts.of(FakePool.ofSize(4))
                                                        .withModel(model)
                                                        .selection(1)))
                        .getMessage());
    }

    @Test
    void select_targetsWithoutGradients_isRefused() {
        FakeModelOps model =
                FakeModelOps.withGradients(
                        null, (set, i) -> set == EXAM ? new double[2] : new double[] {1, i});
        LessSelector selector = LessSelector.builder().addSubtask("exam", EXAM).build();
        assertEquals(
                "the scores of all 4 candidates are 0, so none is better than another; see that the"
                        + " targets have gradients at this step over the parameters that are"
                        + " compared, or warm up longer",
                assertThrows(
                                IllegalStateException.class,
                                () ->
                                        selector.select(
                                                FakeContexts.of(FakePool.ofSize(4))
                                                        .withModel(model)
                                                        .selection(1)))
                        .getMessage());
    }

    @Test
    void builder_badInput_isRefused() {
        assertRefused(
                "two subtasks are named 'exam'",
                () -> LessSelector.builder().addSubtask("exam", EXAM).addSubtask("exam", QUIZ));
        assertRefused(
                "chunkSize = 0, must be in [1, 2147483647]",
                () -> LessSelector.builder().optChunkSize(0));
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(
                    "learningRate = " + bad + " of checkpoint c, must be finite and above 0",
                    () -> LessSelector.builder().addCheckpoint(Path.of("c"), bad));
        }
        assertRefused(
                "checkpoint a/../c is there twice",
                () ->
                        LessSelector.builder()
                                .addCheckpoint(Path.of("c"), 1)
                                .addCheckpoint(Path.of("a/../c"), 1));
        assertRefused(
                "files go to scores already; a store keeps what a score directory would: call"
                        + " either optStore or optScoreDirectory, once",
                () ->
                        LessSelector.builder()
                                .optScoreDirectory(Path.of("scores"))
                                .optStore(Path.of("store"), new Projection.Rademacher(4, 1)));
    }

    @Test
    void check_placesThatAreNone_areRefused(@TempDir Path directory) throws IOException {
        Path missing = directory.resolve("step-7");
        assertRefused(
                "checkpoint "
                        + missing
                        + " is no directory; give one that a run with a run directory and a"
                        + " checkpoint interval has saved",
                () ->
                        LessSelector.builder()
                                .addSubtask("exam", EXAM)
                                .addCheckpoint(missing, 1)
                                .build()
                                .check(FakePool.ofSize(3)));
        Path file = Files.writeString(directory.resolve("scores"), "");
        assertRefused(
                "scoreDirectory or store = "
                        + file
                        + " is a file, must be a directory or nothing"
                        + " yet",
                () ->
                        LessSelector.builder()
                                .addSubtask("exam", EXAM)
                                .optScoreDirectory(file)
                                .build()
                                .check(FakePool.ofSize(3)));
    }

    @Test
    void build_whatCannotWork_isRefused() {
        assertEquals(
                "no target samples; call addSubtask",
                assertThrows(IllegalStateException.class, () -> LessSelector.builder().build())
                        .getMessage());
        LessSelectorBuilder corrected =
                LessSelector.builder()
                        .addSubtask("exam", EXAM)
                        .optBiasCorrection(true)
                        .optPreconditioner(Preconditioning.NONE);
        assertRefused(
                "biasCorrection = true, but with preconditioner = none there is no Adam to correct;"
                        + " leave it out, or set preconditioner = adam",
                corrected::build);
        LessSelectorBuilder once = LessSelector.builder().addSubtask("exam", EXAM);
        once.build();
        assertTrue(
                assertThrows(IllegalStateException.class, once::build)
                        .getMessage()
                        .startsWith("this builder has made its selector"));
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    static double[][] matrix(JsonNode rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .map(Golden::array)
                .toArray(double[][]::new);
    }
}
