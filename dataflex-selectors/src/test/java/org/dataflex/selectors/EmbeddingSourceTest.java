package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.model.Pooling;
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
        EmbeddingSource source = files(new float[5][2], new float[][] {{1, 0}});
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
        String message =
                assertThrows(
                                UncheckedIOException.class,
                                () ->
                                        EmbeddingSource.files(missing, missing)
                                                .check(FakePool.ofSize(2)))
                        .getMessage();
        assertTrue(
                message.startsWith("candidateEmbeddings = " + missing + " cannot be read: "),
                message);
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

    private EmbeddingSource files(float[][] candidates, float[][] targets) {
        return EmbeddingSource.files(
                EmbeddingFiles.write(directory.resolve("c"), candidates),
                EmbeddingFiles.write(directory.resolve("t"), targets));
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
