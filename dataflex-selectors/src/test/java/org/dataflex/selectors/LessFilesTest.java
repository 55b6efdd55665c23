package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dataflex.data.SampleSet;
import org.dataflex.math.Seeds;
import org.dataflex.model.Projection;
import org.dataflex.strategy.Selection;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakeModelOps;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.Golden;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What LESS leaves in files: cosines of a killed pass, and projected gradients. */
@ExtendWith(NoLeaks.class)
class LessFilesTest {

    private static final SampleSet EXAM = FakePool.samples(3);
    private static final SampleSet QUIZ = FakePool.samples(2);
    private static final int POOL = 48;
    private static final int CHUNK = 5; // ten chunks, the last of three

    @TempDir Path directory;

    private LessSelector exact(SampleSet targets) {
        return LessSelector.builder()
                .addSubtask("exam", targets)
                .optChunkSize(CHUNK)
                .optScoreDirectory(directory.resolve("files"))
                .build();
    }

    private LessSelector stored(SampleSet... targets) {
        LessSelectorBuilder builder =
                LessSelector.builder()
                        .optChunkSize(CHUNK)
                        .optStore(directory.resolve("files"), new Projection.Rademacher(6, 1));
        for (SampleSet set : targets) {
            builder.addSubtask(set.fingerprint(), set);
        }
        return builder.build();
    }

    private static BiFunction<SampleSet, Long, double[]> gradients(long seed) {
        return (set, index) -> {
            long origin = set == EXAM || set == QUIZ ? set.size() : 0;
            RandomGenerator random = Seeds.generator(seed, origin, index);
            return IntStream.range(0, 6).mapToDouble(k -> random.nextGaussian()).toArray();
        };
    }

    private static FakeModelOps model(long seed) {
        return FakeModelOps.withGradients(null, gradients(seed));
    }

    /** A model that is killed when asked for the candidate at a position. */
    private static FakeModelOps mortal(long seed, long position) {
        return FakeModelOps.withGradients(
                null,
                (set, index) -> {
                    if (set != EXAM && index == position) {
                        throw new IllegalStateException("killed");
                    }
                    return gradients(seed).apply(set, index);
                });
    }

    private static Selection select(LessSelector selector, FakeModelOps model) {
        return selector.select(
                FakeContexts.of(FakePool.ofSize(POOL)).withModel(model).selection(POOL));
    }

    private static void assertSame(Selection expected, Selection actual) {
        assertEquals(expected.indices().asList(), actual.indices().asList());
        assertArrayEquals(expected.scores(), actual.scores()); // bit for bit
    }

    private static Selection withoutFiles(long seed) {
        LessSelector selector =
                LessSelector.builder().addSubtask("exam", EXAM).optChunkSize(CHUNK).build();
        return select(selector, model(seed));
    }

    private Path file() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("files"))) {
            return files.findAny().orElseThrow();
        }
    }

    private long files() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("files"))) {
            return files.count();
        }
    }

    @Test
    void select_afterAKill_goesOnFromTheLastChunk_withEqualBits() throws Exception {
        FakeModelOps dies = mortal(1, 22); // in the fifth chunk
        assertThrows(IllegalStateException.class, () -> select(exact(EXAM), dies));
        FakeModelOps resumed = model(1);
        assertSame(withoutFiles(1), select(exact(EXAM), resumed));
        // targets, the first chunk to know the model by, chunks five to ten
        assertEquals(1 + 1 + 6, resumed.gradientCalls().size());
        FakeModelOps again = model(1);
        assertSame(withoutFiles(1), select(exact(EXAM), again));
        assertEquals(1 + 1, again.gradientCalls().size());
        assertEquals(1, files());
    }

    @Test
    void select_anotherModel_usesNothingOfTheFile() throws Exception {
        select(exact(EXAM), model(1));
        FakeModelOps dies = mortal(2, 22);
        assertThrows(IllegalStateException.class, () -> select(exact(EXAM), dies));
        assertSame(withoutFiles(2), select(exact(EXAM), model(2)));
        assertEquals(1, files());
    }

    @Test
    void select_firstChunksOfZeros_tellNothingOfTheModel() throws Exception {
        select(exact(EXAM), zerosFirst(null, 1));
        FakeModelOps other = zerosFirst(null, 2);
        Selection selection = select(exact(EXAM), other);
        assertEquals(1 + 10, other.gradientCalls().size());
        FakeModelOps same = zerosFirst(null, 2);
        assertSame(selection, select(exact(EXAM), same));
        assertEquals(1 + 3, same.gradientCalls().size()); // the third chunk tells
    }

    @Test
    void select_stored_firstChunksOfZeros_tellNothingOfTheModel() {
        try (NDManager manager = NDManager.newBaseManager()) {
            select(stored(EXAM), zerosFirst(manager, 1));
            FakeModelOps other = zerosFirst(manager, 2);
            select(stored(EXAM), other);
            assertEquals(1 + 10, other.gradientCalls().size());
            FakeModelOps same = zerosFirst(manager, 2);
            select(stored(EXAM), same);
            assertEquals(1 + 3, same.gradientCalls().size());
        }
    }

    /** Candidates of the first two chunks have no gradient, or none that is finite. */
    private static FakeModelOps zerosFirst(NDManager manager, long seed) {
        return FakeModelOps.withGradients(
                manager,
                (set, index) -> {
                    double[] gradient = gradients(seed).apply(set, index);
                    if (set != EXAM && index < 2 * CHUNK) {
                        Arrays.fill(gradient, index % 3 == 0 ? Double.NaN : 0);
                    }
                    return gradient;
                });
    }

    @Test
    void select_aRecordThatIsNotWhole_isComputedAgain() throws Exception {
        select(exact(EXAM), model(1));
        try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 1);
        }
        FakeModelOps resumed = model(1);
        assertSame(withoutFiles(1), select(exact(EXAM), resumed));
        assertEquals(1 + 1 + 1, resumed.gradientCalls().size());
    }

    @Test
    void select_aTailOfZeros_isComputedAgain() throws Exception {
        select(exact(EXAM), model(1));
        byte[] bytes = Files.readAllBytes(file());
        Arrays.fill(bytes, 64 + 4 * (8 + 4 * CHUNK), bytes.length, (byte) 0); // after four chunks
        Files.write(file(), bytes);
        FakeModelOps resumed = model(1);
        assertSame(withoutFiles(1), select(exact(EXAM), resumed));
        assertEquals(1 + 1 + 6, resumed.gradientCalls().size());
    }

    @Test
    void select_aFlippedBit_endsTheFileThere() throws Exception {
        select(exact(EXAM), model(1));
        byte[] bytes = Files.readAllBytes(file());
        bytes[64 + 7 * (8 + 4 * CHUNK) + 8] ^= 1; // of the eighth chunk
        Files.write(file(), bytes);
        FakeModelOps resumed = model(1);
        assertSame(withoutFiles(1), select(exact(EXAM), resumed));
        assertEquals(1 + 1 + 3, resumed.gradientCalls().size());
    }

    @Test
    void select_otherTargetsOrCandidates_haveFilesOfTheirOwn() throws Exception {
        select(exact(EXAM), model(1));
        select(exact(QUIZ), model(1));
        FakeContexts larger = FakeContexts.of(FakePool.ofSize(POOL + 1)).withModel(model(1));
        exact(EXAM).select(larger.selection(1));
        assertEquals(3, files());
    }

    @Test
    void select_fileInUse_isRefused() throws Exception {
        select(exact(EXAM), model(1));
        String key = Files.readString(file(), java.nio.charset.StandardCharsets.ISO_8859_1);
        try (RowFile open =
                RowFile.open(directory.resolve("files"), "less", key.substring(0, 64))) {
            UncheckedIOException e =
                    assertThrows(UncheckedIOException.class, () -> select(exact(EXAM), model(1)));
            assertTrue(open.toString().endsWith(".rows with 10 chunks"), open::toString);
            assertEquals(
                    file() + " is in use by another run; give each run a directory of its own",
                    e.getCause().getMessage());
        }
    }

    @Test
    void select_stored_ranksAsDataFlex() {
        JsonNode golden = Golden.cases("less-selector.json").get(1);
        double[][] candidates = LessSelectorTest.matrix(golden.get("candidates"));
        double[][] targets = LessSelectorTest.matrix(golden.get("targets"));
        SampleSet set = FakePool.samples(targets.length);
        LessSelector selector =
                LessSelector.builder()
                        .addSubtask("all", set)
                        .optCompatibility(Compatibility.DATAFLEX)
                        .optStore(directory, new Projection.Rademacher(8, 123))
                        .build();
        try (NDManager manager = NDManager.newBaseManager()) {
            FakeModelOps model =
                    FakeModelOps.withGradients(
                            manager,
                            (from, i) -> (from == set ? targets : candidates)[i.intValue()]);
            double[] expected = Golden.array(golden.get("score"));
            Selection selection =
                    selector.select(
                            FakeContexts.of(FakePool.ofSize(expected.length))
                                    .withModel(model)
                                    .selection(4));
            assertArrayEquals(
                    Arrays.stream(Golden.array(golden.get("selected")))
                            .mapToLong(i -> (long) i)
                            .toArray(),
                    selection.indices().stream().toArray());
            for (int rank = 0; rank < 4; rank++) { // float16: 2^-11 a value of a unit row
                double score = expected[(int) selection.indices().get(rank)];
                assertEquals(score, selection.scores()[rank], 0x1p-11);
            }
        }
    }

    @Test
    void select_stored_isUsedAgainWhateverTheTargets_untilTheModelChanges() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Selection both = select(stored(EXAM, QUIZ), onEngine(manager, 1));
            FakeModelOps second = onEngine(manager, 1);
            Selection exam = select(stored(EXAM), second);
            assertEquals(1 + 1, second.gradientCalls().size()); // targets and the first chunk
            assertClose(withoutFiles(1), exam);
            assertTrue(both.scores()[0] >= exam.scores()[0]); // the maximum of more
            FakeModelOps third = onEngine(manager, 2);
            assertClose(withoutFiles(2), select(stored(EXAM), third));
            assertEquals(1 + 10, third.gradientCalls().size());
        }
    }

    private static FakeModelOps onEngine(NDManager manager, long seed) {
        return FakeModelOps.withGradients(manager, gradients(seed));
    }

    /** The fake projects by the identity, so that stored and exact cosines differ by rounding. */
    private static void assertClose(Selection exact, Selection stored) {
        double[] expected = new double[POOL];
        for (int rank = 0; rank < POOL; rank++) {
            expected[(int) exact.indices().get(rank)] = exact.scores()[rank];
        }
        for (int rank = 0; rank < POOL; rank++) {
            double score = expected[(int) stored.indices().get(rank)];
            assertEquals(score, stored.scores()[rank], 0x1p-11);
        }
    }

    @Test
    void select_stored_zeroGradientsAreZero_othersThatAreNotFiniteLast() {
        double[][] candidates = {{0, 0}, {Double.NaN, 1}, {3, 4}, {-3, 0}, {1 / 0.0, 0}};
        try (NDManager manager = NDManager.newBaseManager()) {
            FakeModelOps model =
                    FakeModelOps.withGradients(
                            manager,
                            (set, i) ->
                                    set == EXAM ? new double[] {2, 0} : candidates[i.intValue()]);
            Selection selection =
                    stored(EXAM)
                            .select(
                                    FakeContexts.of(FakePool.ofSize(5))
                                            .withModel(model)
                                            .selection(5));
            assertEquals(List.of(2L, 0L, 3L, 1L, 4L), selection.indices().asList());
            double infinite = Double.NEGATIVE_INFINITY;
            assertArrayEquals(
                    new double[] {0.6, 0, -1, infinite, infinite}, selection.scores(), 0x1p-11);
        }
    }

    @Test
    void select_stored_targetThatIsNotFinite_isRefused() {
        try (NDManager manager = NDManager.newBaseManager()) {
            FakeModelOps model =
                    FakeModelOps.withGradients(manager, (set, i) -> new double[] {Double.NaN, 1});
            TrainingDivergedException e =
                    assertThrows(
                            TrainingDivergedException.class, () -> select(stored(EXAM), model));
            assertEquals(
                    "the gradient of a target sample is not finite; score without a store to learn"
                            + " which",
                    e.getMessage());
        }
    }
}
