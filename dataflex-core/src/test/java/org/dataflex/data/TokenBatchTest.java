package org.dataflex.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import java.nio.file.Path;
import java.util.List;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class TokenBatchTest {

    private final TokenSequences three =
            TokenSequences.builder()
                    .add(new int[] {11, 12, 13}, 1)
                    .add(new int[] {0, Integer.MAX_VALUE})
                    .add(new int[] {31, 32, 33, 34}, new boolean[] {true, false, false, true})
                    .build();

    @TempDir private Path directory;

    @Test
    void batch_differentLengths_isPaddedOnTheRight() throws Throwable {
        NativeMemory.assertNothingLeft(
                manager -> {
                    try (Batch batch = three.batch(manager, SampleIndices.of(0, 2, 0))) {
                        assertIds(
                                batch,
                                new long[][] {{11, 12, 13, 0}, {31, 32, 33, 34}, {11, 12, 13, 0}});
                        assertMask(batch, new float[][] {{1, 1, 1, 0}, {1, 1, 1, 1}, {1, 1, 1, 0}});
                        assertLabels(
                                batch,
                                new long[][] {
                                    {-100, 12, 13, -100}, {31, -100, -100, 34}, {-100, 12, 13, -100}
                                });
                        assertEquals(2, batch.getData().size());
                        assertEquals(1, batch.getLabels().size());
                        assertEquals(3, batch.getSize());
                        assertEquals(List.of(0L, 2L, 0L), batch.getIndices());
                    }
                });
    }

    @Test
    void batch_shorterSequences_takesNoMoreThanTheLongest() throws Throwable {
        try (NDManager manager = NDManager.newBaseManager();
                Batch batch = three.batch(manager, SampleIndices.range(1, 2))) {
            assertIds(batch, new long[][] {{0, Integer.MAX_VALUE}});
            assertMask(batch, new float[][] {{1, 1}});
            assertLabels(batch, new long[][] {{0, Integer.MAX_VALUE}});
        }
    }

    @Test
    void batch_closed_freesEachOfItsArrays() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Batch batch = three.batch(manager, SampleIndices.of(0));
            assertNotEquals(manager, batch.getManager());
            assertSame(manager, batch.getManager().getParentManager());
            assertEquals(3, batch.getManager().getManagedArrays().size());
            batch.close();
            assertEquals(0, manager.getManagedArrays().size());
        }
    }

    @Test
    void pool_ofTokenSequences_padsAcrossDomains() throws Exception {
        TokenSequences one = TokenSequences.builder().add(new int[] {7}).build();
        CandidatePool pool =
                CandidatePool.builder().addDomain("one", one).addDomain("three", three).build();
        try (NDManager manager = NDManager.newBaseManager();
                Batch batch = pool.batch(manager, SampleIndices.of(0, 2))) {
            assertIds(batch, new long[][] {{7, 0}, {0, Integer.MAX_VALUE}});
        }
    }

    @Test
    void batch_ofNothing_isRefused() {
        try (NDManager manager = NDManager.newBaseManager()) {
            assertRefused(
                    "a batch needs at least one sample",
                    () -> three.batch(manager, SampleIndices.of()));
        }
    }

    @Test
    void batch_tooLargeForOneArray_isRefused() {
        SampleIndices indices = SampleIndices.range(0, 1 << 28);
        TokenSequences huge = new TokenSequences(new Repeated(1 << 28));
        try (NDManager manager = NDManager.newBaseManager()) {
            assertRefused(
                    "a batch of 268435456 sequences of up to 1 tokens takes more than 2 GB an"
                            + " array; ask for fewer at once",
                    () -> huge.batch(manager, indices));
        }
    }

    @Test
    void batch_acrossMemoryAndFile_isPadded() throws Throwable {
        Path path = directory.resolve("three.tokens");
        three.save(path);
        TokenSequences one = TokenSequences.builder().add(new int[] {7}).build();
        try (TokenSequences file = TokenSequences.open(path)) {
            SampleSet all = one.join(List.of(file, three));
            NativeMemory.assertNothingLeft(
                    manager -> {
                        try (Batch batch = all.batch(manager, SampleIndices.of(6, 0, 1))) {
                            assertIds(
                                    batch,
                                    new long[][] {{31, 32, 33, 34}, {7, 0, 0, 0}, {11, 12, 13, 0}});
                        }
                    });
        }
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    private static void assertIds(Batch batch, long[][] expected) {
        assertInt64(expected, batch.getData().get(0));
    }

    private static void assertLabels(Batch batch, long[][] expected) {
        assertInt64(expected, batch.getLabels().get(0));
    }

    private static void assertInt64(long[][] expected, NDArray actual) {
        assertEquals(DataType.INT64, actual.getDataType());
        assertEquals(new Shape(expected.length, expected[0].length), actual.getShape());
        for (int row = 0; row < expected.length; row++) {
            assertArrayEquals(expected[row], actual.get(row).toLongArray());
        }
    }

    private static void assertMask(Batch batch, float[][] expected) {
        NDArray mask = batch.getData().get(1);
        assertEquals(DataType.FLOAT32, mask.getDataType());
        assertEquals(new Shape(expected.length, expected[0].length), mask.getShape());
        for (int row = 0; row < expected.length; row++) {
            assertArrayEquals(expected[row], mask.get(row).toFloatArray());
        }
    }
}
