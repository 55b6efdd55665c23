package org.dataflex.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.translate.PaddingStackBatchifier;
import ai.djl.translate.TranslateException;
import ai.djl.util.Progress;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class DatasetSamplesTest {

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void batch_arraysWithPipelines_isDjlsOwnIteration() throws Throwable {
        assertSameAsDjl(
                Numbers.builder(manager, 0, 5, 3)
                        .addTransform(array -> array.mul(2).add(1))
                        .addTargetTransform(array -> array.neg())
                        .build());
    }

    @Test
    void batch_recordsOfTheirOwnLength_arePaddedByTheBatchifier() throws Throwable {
        RandomAccessDataset dataset = new Staircase(null);
        assertSameAsDjl(dataset);
        try (Batch batch = SampleSet.of(dataset).batch(manager, SampleIndices.of(3, 0))) {
            assertArrayEquals(
                    new float[] {3, 3, 3, 3, 0, -1, -1, -1}, batch.getData().head().toFloatArray());
        }
    }

    @Test
    void batch_anyOrderWithRepeats_isThatOrder() throws Throwable {
        SampleSet samples = SampleSet.of(Numbers.dataset(manager, 0, 5, 1));
        SampleIndices indices = SampleIndices.of(4, 0, 4, 2);
        NativeMemory.assertNothingLeft(
                manager -> {
                    try (Batch batch = samples.batch(manager, indices)) {
                        assertArrayEquals(
                                new long[] {4, 0, 4, 2}, batch.getLabels().head().toLongArray());
                        assertEquals(indices.asList(), batch.getIndices());
                        assertEquals(4, batch.getSize());
                    }
                });
    }

    @Test
    void batch_withoutLabels_hasNone() throws Exception {
        RandomAccessDataset dataset =
                new ArrayDataset.Builder()
                        .setData(manager.zeros(new Shape(3, 2)))
                        .setSampling(1, false)
                        .build();
        try (Batch batch = SampleSet.of(dataset).batch(manager, SampleIndices.of(2, 0))) {
            assertEquals(0, batch.getLabels().size());
        }
    }

    @Test
    void batch_readFails_throwsTheDatasetsOwnException() throws Throwable {
        IOException failure = new FileNotFoundException("train.bin");
        SampleSet samples = SampleSet.of(new Staircase(failure));
        NativeMemory.assertNothingLeft(
                manager ->
                        assertSame(
                                failure,
                                assertThrows(
                                        IOException.class,
                                        () -> samples.batch(manager, SampleIndices.of(0, 2)))));
    }

    @Test
    void batch_outsideOrEmpty_isRefused() {
        SampleSet samples = SampleSet.of(Numbers.dataset(manager, 0, 5, 1));
        SampleIndices beyond = SampleIndices.range(3, 6);
        SampleIndices none = SampleIndices.of();
        Exception e =
                assertThrows(IndexOutOfBoundsException.class, () -> samples.batch(manager, beyond));
        assertEquals("position 5 of 5", e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> samples.batch(manager, none));
        assertEquals("a batch needs at least one sample", e.getMessage());
    }

    @Test
    void of_null_isNamed() {
        Exception e = assertThrows(NullPointerException.class, () -> SampleSet.of(null));
        assertEquals("dataset", e.getMessage());
    }

    @Test
    void fingerprint_ofADataset_isItsClassSizeAndContent() {
        String fingerprint = SampleSet.of(Numbers.dataset(manager, 0, 5, 1)).fingerprint();
        assertTrue(
                fingerprint.matches(
                        "ai.djl.training.dataset.ArrayDataset of 5 samples, [0-9a-f]{16}"),
                fingerprint);
        assertEquals(fingerprint, SampleSet.of(Numbers.dataset(manager, 0, 5, 1)).fingerprint());
        for (RandomAccessDataset other :
                List.of(
                        Numbers.dataset(manager, 1, 5, 1), // other numbers
                        Numbers.dataset(manager, 0, 5, 2), // another shape
                        Numbers.builder(manager, 0, 5, 1)
                                .addTransform(array -> array.toType(DataType.FLOAT64, true))
                                .build(),
                        Numbers.builder(manager, 0, 5, 1)
                                .addTargetTransform(array -> array.add(1))
                                .build())) {
            assertNotEquals(fingerprint, SampleSet.of(other).fingerprint());
        }
    }

    @Test
    void fingerprint_ofRowsThatVary_isClassAndSize() {
        AtomicInteger reads = new AtomicInteger();
        SampleSet samples =
                SampleSet.of(
                        Numbers.builder(manager, 0, 5, 1)
                                .addTransform(array -> array.add(reads.incrementAndGet()))
                                .build());
        assertEquals(
                "ai.djl.training.dataset.ArrayDataset of 5 samples, varying",
                samples.fingerprint());
    }

    @Test
    void fingerprint_readFails_namesTheSample() {
        SampleSet samples = SampleSet.of(new Staircase(new FileNotFoundException("train.bin")));
        assertEquals(
                "sample 2 cannot be read",
                assertThrows(UncheckedIOException.class, samples::fingerprint).getMessage());
    }

    /** The dataset's own sampling is sequential, two at a time. */
    private void assertSameAsDjl(RandomAccessDataset dataset) throws Throwable {
        SampleSet samples = SampleSet.of(dataset);
        NativeMemory.assertNothingLeft(
                manager -> {
                    long from = 0;
                    for (Batch expected : dataset.getData(manager)) {
                        long to = from + expected.getSize();
                        try (expected;
                                Batch batch =
                                        samples.batch(manager, SampleIndices.range(from, to))) {
                            assertSameArrays(expected.getData(), batch.getData());
                            assertSameArrays(expected.getLabels(), batch.getLabels());
                            assertEquals(expected.getIndices(), batch.getIndices());
                        }
                        from = to;
                    }
                    assertEquals(dataset.size(), from);
                });
    }

    private static void assertSameArrays(NDList expected, NDList actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i), actual.get(i));
        }
    }

    /** Four records: record i is i + 1 times the number i, its label is 10 * i. */
    private static final class Staircase extends RandomAccessDataset {

        private final IOException failure;

        Staircase(IOException failure) {
            super(new Builder());
            this.failure = failure;
        }

        @Override
        public Record get(NDManager manager, long index) throws IOException {
            NDArray data = manager.full(new Shape(index + 1), index);
            if (failure != null && index == 2) {
                throw failure;
            }
            return new Record(new NDList(data), new NDList(manager.create(10 * index)));
        }

        @Override
        protected long availableSize() {
            return 4;
        }

        @Override
        public void prepare(Progress progress) throws IOException, TranslateException {
            // nothing to prepare
        }

        private static final class Builder extends BaseBuilder<Builder> {

            Builder() {
                setSampling(2, false);
                optDataBatchifier(
                        PaddingStackBatchifier.builder()
                                .optIncludeValidLengths(false)
                                .addPad(0, 0, m -> m.full(new Shape(1), -1f))
                                .build());
            }

            @Override
            protected Builder self() {
                return this;
            }
        }
    }
}
