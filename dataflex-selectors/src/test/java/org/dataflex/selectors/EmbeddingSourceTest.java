package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Blocks;
import ai.djl.training.util.ProgressBar;
import ai.djl.translate.Batchifier;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleSet;
import org.dataflex.model.Pooling;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakeModelOps;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class EmbeddingSourceTest {

    private static final String NO_DIRECTION =
            ", so that it has no direction; embed that sample anew or leave it out";

    @TempDir private Path directory;

    @Test
    void files_rows_areReadByPositionAndScaledToLength1() {
        float[][] rows = EmbeddingFiles.random(50, 3, 1);
        EmbeddingSource source = files(rows, EmbeddingFiles.random(2, 3, 2));
        SelectionContext context = FakeContexts.of(FakePool.ofSize(50)).selection(1);
        UnitVectors all = source.candidates(context);
        assertEquals(50, all.size());
        assertEquals(3, all.dimension());
        try (NDManager manager = source.newManager();
                NDArray some = all.gather(manager, new int[] {41, 7})) {
            assertEquals(new Shape(2, 3), some.getShape());
            float[] values = some.toFloatArray();
            for (int f = 0; f < 3; f++) {
                assertEquals(rows[41][f] / norm(rows[41]), values[f], 1e-6); // float32
                assertEquals(rows[7][f] / norm(rows[7]), values[3 + f], 1e-6);
            }
        }
    }

    private static double norm(float[] row) {
        double squares = 0;
        for (float value : row) {
            squares += (double) value * value;
        }
        return Math.sqrt(squares);
    }

    @Test
    void files_otherNumberOfRowsThanThePool_areRefused() {
        EmbeddingSource source = files(EmbeddingFiles.random(5, 2, 1), new float[][] {{1, 0}});
        assertRefused(
                "candidateEmbeddings = "
                        + directory.resolve("c")
                        + " has 5 rows for a pool of 6 samples; embed every sample, in the pool's"
                        + " order",
                () -> source.check(FakePool.ofSize(6)));
    }

    @Test
    void files_otherDimensions_areRefused() {
        EmbeddingSource source = files(new float[5][2], new float[4][3]);
        assertRefused(
                "targetEmbeddings = "
                        + directory.resolve("t")
                        + " has rows of 3 values, candidateEmbeddings = "
                        + directory.resolve("c")
                        + " of 2; embed both by the same model",
                () -> source.check(FakePool.ofSize(5)));
    }

    @Test
    void files_noTargets_areRefused() {
        EmbeddingSource source = files(new float[5][1], new float[0][1]);
        assertRefused(
                "targetEmbeddings = "
                        + directory.resolve("t")
                        + " has no rows; embed samples of the task to be good at",
                () -> source.check(FakePool.ofSize(5)));
    }

    @Test
    void files_zeroOrNotFiniteRows_areRefusedByRow() {
        float[][] zero = EmbeddingFiles.random(5, 2, 1);
        zero[3] = new float[2];
        float[][] nan = EmbeddingFiles.random(5, 2, 1);
        nan[4][1] = Float.NaN;
        float[][] infinite = EmbeddingFiles.random(5, 2, 1);
        infinite[0][0] = Float.NEGATIVE_INFINITY;
        float[][] fine = EmbeddingFiles.random(2, 2, 2);
        String file = " of " + directory.resolve("c");
        assertRefused("row 3" + file + " is all zeros" + NO_DIRECTION, () -> near(zero, fine));
        assertRefused(
                "row 4" + file + " has a value that is NaN or infinite" + NO_DIRECTION,
                () -> near(nan, fine));
        assertRefused(
                "row 0" + file + " has a value that is NaN or infinite" + NO_DIRECTION,
                () -> near(infinite, fine));
        assertRefused(
                "row 1 of " + directory.resolve("t") + " is all zeros" + NO_DIRECTION,
                () -> near(EmbeddingFiles.random(5, 2, 1), new float[][] {{1, 0}, {0, 0}}));
    }

    private void near(float[][] candidates, float[][] targets) {
        NearSelector.builder()
                .setEmbeddings(files(candidates, targets))
                .build()
                .select(FakeContexts.of(FakePool.ofSize(candidates.length)).selection(1));
    }

    @Test
    void files_ofAnotherForm_areRefused() {
        Path targets = EmbeddingFiles.write(directory.resolve("t"), new float[][] {{1, 0}});
        Path candidates = directory.resolve("c");
        EmbeddingFiles.write(
                candidates, Map.of("a", Tensor.of(new double[2]), "b", Tensor.of(new double[2])));
        assertRefused(
                "candidateEmbeddings = " + candidates + " has 2 tensors, must have one",
                () -> EmbeddingSource.files(candidates, targets).check(FakePool.ofSize(2)));
        EmbeddingFiles.write(candidates, Map.of("a", Tensor.of(new double[2])));
        assertRefused(
                "candidateEmbeddings = "
                        + candidates
                        + " holds F64 (2), must be F32 of shape (samples, features)",
                () -> EmbeddingSource.files(candidates, targets).check(FakePool.ofSize(2)));
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = manager.zeros(new Shape(2, 3), DataType.INT32);
            EmbeddingFiles.write(candidates, Map.of("a", Tensor.of(array)));
        }
        assertRefused(
                "candidateEmbeddings = "
                        + candidates
                        + " holds I32 (2, 3), must be F32 of shape (samples, features)",
                () -> EmbeddingSource.files(candidates, targets).check(FakePool.ofSize(2)));
    }

    @Test
    void files_missing_areNamed() {
        Path missing = directory.resolve("missing");
        String mend = "); give a safetensors file of embeddings";
        assertRefused(
                "candidateEmbeddings = "
                        + missing
                        + " cannot be read (there is no such file"
                        + mend,
                () -> EmbeddingSource.files(missing, missing).check(FakePool.ofSize(2)));
        assertRefused(
                "candidateEmbeddings = " + directory + " cannot be read (it is a directory" + mend,
                () -> EmbeddingSource.files(directory, missing).check(FakePool.ofSize(2)));
    }

    @Test
    void files_settings_tellWhatTheyHoldOnceTheyAreLookedAt() {
        float[][] candidates = EmbeddingFiles.random(2, 3, 1);
        EmbeddingSource source = files(candidates, candidates);
        assertEquals(Set.of("candidateEmbeddings", "targetEmbeddings"), source.settings().keySet());
        source.check(FakePool.ofSize(2));
        String rows = source.settings().get("candidateRows");
        assertTrue(rows.matches("2-[0-9a-f]{16}"), rows);
        assertEquals(rows, source.settings().get("targetRows"));
        candidates[1][2] += 1;
        EmbeddingSource other = files(candidates, candidates);
        other.check(FakePool.ofSize(2));
        assertNotEquals(rows, other.settings().get("candidateRows"));
    }

    @Test
    void filesAndTexts_ofAPoolThatGrows_areRefused() throws TranslateException {
        CandidatePool growing = CandidatePool.growing("stream", FakePool.samples(2));
        String message =
                "embeddings of files and texts are of samples that are known before training, and a"
                        + " streaming pool grows; embed by a model, or take a pool of files";
        float[][] rows = EmbeddingFiles.random(2, 3, 1);
        assertRefused(message, () -> files(rows, rows).check(growing));
        EmbeddingSource texts = texts(List.of("1", "2"), List.of("3"));
        assertRefused(message, () -> texts.check(growing));
    }

    @Test
    void fixedAnswers_areOfOnePool() {
        EmbeddingSource source = files(EmbeddingFiles.random(3, 2, 1), new float[][] {{1, 0}});
        FixedAnswers<Integer> answers = new FixedAnswers<>();
        CandidatePool first = FakePool.ofSize(3);
        CandidatePool second = FakePool.ofSize(3);
        int[] computed = new int[1];
        for (CandidatePool pool : List.of(first, first, second, second)) {
            SelectionContext context = FakeContexts.of(pool).selection(1);
            answers.get(source, context, () -> ++computed[0]);
            assertEquals(pool == first ? 1 : 2, computed[0]);
        }
    }

    @Test
    void trainingModel_emptyTargetSet_isRefused() {
        assertRefused(
                "targets has no samples; give samples of the task to be good at",
                () -> EmbeddingSource.trainingModel(FakePool.samples(0), Pooling.MEAN));
    }

    @Test
    void missingParts_areNamed() {
        assertMissing("targets", () -> EmbeddingSource.trainingModel(null, Pooling.MEAN));
        assertMissing("pooling", () -> EmbeddingSource.trainingModel(FakePool.samples(1), null));
        assertMissing(
                "model", () -> EmbeddingSource.model(null, FakePool.samples(1), Pooling.MEAN));
        assertMissing("candidates", () -> EmbeddingSource.files(null, directory));
        assertMissing("targets", () -> EmbeddingSource.files(directory, null));
    }

    private static void assertMissing(String name, Executable call) {
        assertEquals(name, assertThrows(NullPointerException.class, call).getMessage());
    }

    @Test
    void trainingModel_embeddingWithoutDirection_isRefusedByPosition() {
        try (NDManager manager = NDManager.newBaseManager()) {
            FakeModelOps model =
                    FakeModelOps.withEmbeddings(
                            manager, i -> new float[] {1, i == 4 ? Float.NaN : 0});
            assertRefused(
                    "the model's embedding of candidate 4 has a value that is NaN or infinite"
                            + NO_DIRECTION,
                    () ->
                            EmbeddingSource.trainingModel(FakePool.samples(2), Pooling.LAST)
                                    .candidates(
                                            FakeContexts.of(FakePool.ofSize(6))
                                                    .withModel(model)
                                                    .selection(1)));
        }
    }

    /** A text of numbers is embedded as these. */
    private static final class Numbers implements Translator<String, float[]> {

        @Override
        public NDList processInput(TranslatorContext context, String text) {
            float[] values = new float[text.split(" ").length];
            for (int i = 0; i < values.length; i++) {
                values[i] = Float.parseFloat(text.split(" ")[i]);
            }
            return new NDList(context.getNDManager().create(values));
        }

        @Override
        public float[] processOutput(TranslatorContext context, NDList list) {
            return list.singletonOrThrow().toFloatArray();
        }

        @Override
        public Batchifier getBatchifier() {
            return Batchifier.STACK;
        }
    }

    private static EmbeddingSource texts(List<String> candidates, List<String> targets)
            throws TranslateException {
        try (Model model = Model.newInstance("numbers")) {
            model.setBlock(Blocks.identityBlock());
            try (Predictor<String, float[]> predictor = model.newPredictor(new Numbers())) {
                return EmbeddingSource.texts(candidates, targets, predictor, new ProgressBar());
            }
        }
    }

    @Test
    void texts_areEmbeddedInThePoolsOrder() throws TranslateException {
        List<String> candidates =
                IntStream.range(0, 70).mapToObj(i -> i + " 1").toList(); // by several batches
        EmbeddingSource source = texts(candidates, List.of("3 4", "0 2"));
        SelectionContext context = FakeContexts.of(FakePool.ofSize(70)).selection(1);
        float[] row = new float[2];
        UnitVectors all = source.candidates(context);
        for (int i = 0; i < 70; i++) {
            all.copy(i, row, 0);
            assertArrayEquals(
                    new float[] {(float) (i / Math.hypot(i, 1)), (float) (1 / Math.hypot(i, 1))},
                    row,
                    1e-6f);
        }
        source.targets(context).copy(0, row, 0);
        assertArrayEquals(new float[] {0.6f, 0.8f}, row, 1e-6f);
        assertEquals(List.of(1L), nearest(source, 70).indices().stream().boxed().toList());
    }

    private static Selection nearest(EmbeddingSource source, int size) {
        NearSelector selector = NearSelector.builder().setEmbeddings(source).build();
        return selector.select(FakeContexts.of(FakePool.ofSize(size)).selection(1));
    }

    @Test
    void texts_settings_areThoseOfTheirEmbeddings() throws TranslateException {
        Map<String, String> settings = texts(List.of("1 2", "3 4"), List.of("1 0")).settings();
        assertEquals(settings, texts(List.of("2 4", "3 4"), List.of("1 0")).settings());
        assertNotEquals(settings, texts(List.of("3 4", "1 2"), List.of("1 0")).settings());
        assertNotEquals(settings, texts(List.of("1 2", "3 4"), List.of("0 1")).settings());
    }

    @Test
    void texts_thatDoNotFit_areRefused() {
        assertRefused(
                "targets has no texts; give texts of the task to be good at",
                () -> texts(List.of("1"), List.of()));
        assertRefused(
                "candidates has 2 texts for a pool of 3 samples; give the text of every sample, in"
                        + " the pool's order",
                () -> texts(List.of("1 2", "3 4"), List.of("1 0")).check(FakePool.ofSize(3)));
        assertRefused(
                "the embedding of candidate text 0 has 3 values, that of target text 0 2; embed all"
                        + " texts to vectors of one size",
                () -> texts(List.of("1 2 3"), List.of("1 0")));
        assertRefused(
                "the embedding of candidate text 1 is all zeros" + NO_DIRECTION,
                () -> texts(List.of("1 2", "0 0"), List.of("1 0")));
        assertRefused(
                "the embedding of target text 0 has a value that is NaN or infinite" + NO_DIRECTION,
                () -> texts(List.of("1 2"), List.of("NaN 0")));
    }

    @Test
    void targetSets_areThoseOfModels() throws TranslateException {
        SampleSet targets = FakePool.samples(2);
        EmbeddingSource source = EmbeddingSource.trainingModel(targets, Pooling.MEAN);
        Map<String, SampleSet> known = Map.of("targets", targets);
        assertEquals(known, NearSelector.builder().setEmbeddings(source).build().targets());
        assertEquals(known, TsdsSelector.builder().setEmbeddings(source).build().targets());
        EmbeddingSource texts = texts(List.of("1"), List.of("1"));
        assertEquals(Map.of(), NearSelector.builder().setEmbeddings(texts).build().targets());
        EmbeddingSource files = EmbeddingSource.files(directory, directory);
        assertEquals(Map.of(), TsdsSelector.builder().setEmbeddings(files).build().targets());
    }

    private EmbeddingSource files(float[][] candidates, float[][] targets) {
        return EmbeddingSource.files(
                EmbeddingFiles.write(directory.resolve("c"), candidates),
                EmbeddingFiles.write(directory.resolve("t"), targets));
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
