package org.dataflex.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Arrays;
import java.util.List;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ConcatenatedSamplesTest {

    private static final String ADVICE =
            "; give them one shape (pad them) and type, or use TokenSequences, which pads a batch"
                    + " by itself";

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void join_nothing_isTheSetItself() {
        SampleSet set = SampleSet.of(Numbers.dataset(manager, 0, 2, 1));
        assertSame(set, set.join(List.of()));
    }

    @Test
    void length_isThatOfThePart_andOneWhereThereIsNone() {
        SampleSet texts = TokenSequences.builder().add(new int[5]).add(new int[3]).build();
        SampleSet numbers = SampleSet.of(Numbers.dataset(manager, 0, 2, 1));
        SampleSet joined = numbers.join(List.of(texts));
        int[] lengths = {1, 1, 5, 3};
        for (int i = 0; i < lengths.length; i++) {
            assertEquals(lengths[i], joined.length(i));
            assertEquals(lengths[i], CandidatePool.of(joined).length(i));
        }
        for (long outside : new long[] {-1, 4}) {
            IndexOutOfBoundsException e =
                    assertThrows(IndexOutOfBoundsException.class, () -> joined.length(outside));
            assertEquals("position " + outside + " of 4", e.getMessage());
        }
    }

    @Test
    void batch_emptyPartsAnywhere_findsEveryPosition() throws Exception {
        SampleSet empty = TokenSequences.builder().build();
        SampleSet two = SampleSet.of(Numbers.dataset(manager, 0, 2, 1));
        SampleSet three = SampleSet.of(Numbers.dataset(manager, 100, 3, 1));
        List<List<SampleSet>> orders =
                List.of(
                        List.of(two, three),
                        List.of(empty, two, three),
                        List.of(two, empty, three),
                        List.of(two, empty, empty, empty, three),
                        List.of(two, three, empty),
                        List.of(empty, empty, two, empty, three, empty, empty));
        for (List<SampleSet> sets : orders) {
            SampleSet joined = ConcatenatedSamples.of(sets.get(0), sets.subList(1, sets.size()));
            assertEquals(5, joined.size());
            assertArrayEquals(new long[] {0, 1, 100, 101, 102}, labels(joined, 0, 1, 2, 3, 4));
            assertArrayEquals(new long[] {102, 1}, labels(joined, 4, 1));
            long[] alone = {0, 1, 100, 101, 102};
            for (int i = 0; i < 5; i++) {
                assertArrayEquals(new long[] {alone[i]}, labels(joined, i));
            }
        }
    }

    @Test
    void batch_otherShape_showsBothAndLeavesNothing() throws Throwable {
        assertRefused(Numbers.dataset(manager, 0, 2, 3), "[[(2) float32], [(3) float32]]");
    }

    @Test
    void batch_otherType_showsBoth() throws Throwable {
        ArrayDataset doubles =
                new ArrayDataset.Builder()
                        .setData(manager.create(new double[][] {{1, 2}}))
                        .optLabels(manager.create(new long[] {1}))
                        .setSampling(1, false)
                        .build();
        assertEquals(DataType.FLOAT64, manager.create(1.0).getDataType());
        assertRefused(doubles, "[[(2) float32], [(2) float64]]");
    }

    @Test
    void batch_onePartWithoutLabels_isRefused() throws Throwable {
        ArrayDataset unlabelled =
                new ArrayDataset.Builder()
                        .setData(manager.create(new float[][] {{1, 2}}))
                        .setSampling(1, false)
                        .build();
        assertRefused(unlabelled, "[[() int64], []]");
    }

    @Test
    void batch_outsideOrEmpty_isRefused() {
        SampleSet joined =
                SampleSet.of(Numbers.dataset(manager, 0, 2, 1))
                        .join(List.of(SampleSet.of(Numbers.dataset(manager, 0, 2, 1))));
        SampleIndices outside = SampleIndices.of(4);
        SampleIndices none = SampleIndices.of();
        Exception e =
                assertThrows(IndexOutOfBoundsException.class, () -> joined.batch(manager, outside));
        assertEquals("position 4 of 4", e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> joined.batch(manager, none));
        assertEquals("a batch needs at least one sample", e.getMessage());
    }

    @Test
    void fingerprint_ofParts_namesThemInOrder() {
        SampleSet first = SampleSet.of(Numbers.dataset(manager, 0, 2, 1));
        SampleSet second = SampleSet.of(Numbers.dataset(manager, 0, 3, 1));
        assertEquals(
                first.fingerprint() + " + " + second.fingerprint(),
                first.join(List.of(second)).fingerprint());
    }

    private void assertRefused(RandomAccessDataset other, String forms) throws Throwable {
        SampleSet joined =
                SampleSet.of(Numbers.dataset(manager, 0, 2, 2)).join(List.of(SampleSet.of(other)));
        NativeMemory.assertNothingLeft(
                manager -> {
                    Exception e =
                            assertThrows(
                                    IllegalArgumentException.class,
                                    () -> joined.batch(manager, SampleIndices.of(2, 0)));
                    assertEquals(
                            "samples of different domains have different shapes " + forms + ADVICE,
                            e.getMessage());
                });
    }

    private long[] labels(SampleSet set, long... positions) throws Exception {
        try (Batch batch = set.batch(manager, SampleIndices.of(positions))) {
            assertEquals(Arrays.stream(positions).boxed().toList(), batch.getIndices());
            return batch.getLabels().head().toLongArray();
        }
    }
}
