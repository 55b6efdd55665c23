package org.dataflex.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class SampleIndicesTest {

    private static final long FAR = 5_000_000_000L;

    private final SampleIndices range = SampleIndices.range(FAR, FAR + 5);
    private final SampleIndices array = SampleIndices.of(FAR, FAR + 1, FAR + 2, FAR + 3, FAR + 4);

    @Test
    void range_anyQuestion_answersAsTheArrayForm() {
        assertEquals(array, range);
        assertEquals(range, array);
        assertEquals(array.hashCode(), range.hashCode());
        assertEquals(array.size(), range.size());
        assertEquals(array.asList(), range.asList());
        assertArrayEquals(array.toArray(), range.toArray());
        assertArrayEquals(array.stream().toArray(), range.stream().toArray());
        for (int i = 0; i < 5; i++) {
            assertEquals(array.get(i), range.get(i));
        }
    }

    @Test
    void slice_everyPart_answersAsTheArrayForm() {
        for (int from = 0; from <= 5; from++) {
            for (int to = from; to <= 5; to++) {
                SampleIndices slice = range.slice(from, to);
                assertEquals(array.slice(from, to), slice);
                assertEquals(to - from, slice.size());
                assertArrayEquals(array.slice(from, to).toArray(), slice.toArray());
            }
        }
    }

    @Test
    void slice_ofSlice_countsFromTheSlice() {
        assertEquals(SampleIndices.of(FAR + 2), range.slice(1, 4).slice(1, 2));
        assertEquals(SampleIndices.of(FAR + 2), array.slice(1, 4).slice(1, 2));
    }

    @Test
    void chunks_unevenSize_lastIsShorter() {
        List<SampleIndices> expected =
                List.of(
                        SampleIndices.of(FAR, FAR + 1),
                        SampleIndices.of(FAR + 2, FAR + 3),
                        SampleIndices.of(FAR + 4));
        assertEquals(expected, range.chunks(2));
        assertEquals(expected, array.chunks(2));
    }

    @Test
    void chunks_largerThanAll_isOne() {
        assertEquals(List.of(array), range.chunks(Integer.MAX_VALUE));
        assertEquals(List.of(), SampleIndices.of().chunks(3));
    }

    @Test
    void of_callersArrayChanges_staysAsItWas() {
        long[] values = {3, 1, 3};
        SampleIndices indices = SampleIndices.of(values);
        values[0] = 9;
        indices.toArray()[1] = 9;
        assertEquals(List.of(3L, 1L, 3L), indices.asList());
    }

    @Test
    void equals_otherOrderOrType_isFalse() {
        assertNotEquals(SampleIndices.of(1, 2), SampleIndices.of(2, 1));
        assertNotEquals(SampleIndices.of(1, 2), SampleIndices.of(1));
        assertNotEquals(SampleIndices.of(1), List.of(1L));
    }

    @Test
    void toString_eachForm_showsPositions() {
        assertEquals("SampleIndices[2 .. 4)", SampleIndices.range(2, 4).toString());
        assertEquals("SampleIndices[3, 1]", SampleIndices.of(3, 1).toString());
    }

    @Test
    void of_negative_saysWhich() {
        Exception e = assertThrows(IllegalArgumentException.class, () -> SampleIndices.of(1, -7));
        assertEquals("index[1] is negative: -7", e.getMessage());
    }

    @Test
    void range_notARange_saysBoth() {
        long[][] bad = {{-1, 3}, {4, 3}, {0, 1L << 31}};
        for (long[] range : bad) {
            Exception e =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> SampleIndices.range(range[0], range[1]));
            assertEquals("range [" + range[0] + ", " + range[1] + ")", e.getMessage());
        }
    }

    @Test
    void get_outside_saysWhichAndHowMany() {
        for (SampleIndices indices : List.of(range, array)) {
            for (int i : new int[] {-1, 5}) {
                Exception e = assertThrows(IndexOutOfBoundsException.class, () -> indices.get(i));
                assertEquals(i + " of 5", e.getMessage());
            }
        }
    }

    @Test
    void slice_outside_saysWhichAndHowMany() {
        int[][] bad = {{-1, 2}, {3, 2}, {0, 6}};
        for (SampleIndices indices : List.of(range, array)) {
            for (int[] part : bad) {
                Exception e =
                        assertThrows(
                                IndexOutOfBoundsException.class,
                                () -> indices.slice(part[0], part[1]));
                assertEquals("[" + part[0] + ", " + part[1] + ") of 5", e.getMessage());
            }
        }
    }

    @Test
    void chunks_zeroSize_isRefused() {
        Exception e = assertThrows(IllegalArgumentException.class, () -> range.chunks(0));
        assertEquals("chunkSize = 0, must be at least 1", e.getMessage());
    }
}
