package org.dataflex.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class TokenSequencesTest {

    private final TokenSequences three =
            TokenSequences.builder()
                    .add(new int[] {11, 12, 13}, 1)
                    .add(new int[] {0, Integer.MAX_VALUE})
                    .add(new int[] {31, 32, 33, 34}, new boolean[] {true, false, false, true})
                    .build();

    @TempDir private Path directory;

    @Test
    void add_anySequence_isReadBackAsItWas() {
        assertEquals(3, three.size());
        assertEquals(4, three.length(2));
        assertArrayEquals(new int[] {11, 12, 13}, three.ids(0));
        assertArrayEquals(new int[] {0, Integer.MAX_VALUE}, three.ids(1));
        assertArrayEquals(new int[] {31, 32, 33, 34}, three.ids(2));
        assertArrayEquals(new boolean[] {false, true, true}, three.targets(0));
        assertArrayEquals(new boolean[] {true, true}, three.targets(1));
        assertArrayEquals(new boolean[] {true, false, false, true}, three.targets(2));
    }

    @Test
    void add_callersArraysChange_staysAsItWas() {
        int[] ids = {1, 2};
        TokenSequences built = TokenSequences.builder().add(ids, 1).build();
        assertArrayEquals(new int[] {1, 2}, ids);
        ids[0] = 9;
        built.ids(0)[1] = 9;
        assertArrayEquals(new int[] {1, 2}, built.ids(0));
    }

    @Test
    void build_moreTokensThanAChunk_keepsThemAll() {
        TokenSequences.Builder builder = TokenSequences.builder();
        for (int i = 0; i < 50; i++) {
            builder.add(counting(i), i);
        }
        TokenSequences many = builder.build();
        for (int i = 0; i < 50; i++) {
            assertArrayEquals(counting(i), many.ids(i));
        }
    }

    @Test
    void build_exactlyAChunk_keepsItsLastToken() {
        int[] ids = new int[1 << 18];
        ids[ids.length - 1] = 7;
        assertArrayEquals(ids, TokenSequences.builder().add(ids).build().ids(0));
    }

    @Test
    void join_emptySetsAnywhere_findsEveryPosition() {
        TokenSequences none = TokenSequences.builder().build();
        for (int k = 0; k < 25; k++) {
            List<SampleSet> others = new ArrayList<>(Collections.nCopies(k / 5, none));
            others.add(three);
            others.addAll(Collections.nCopies(k % 5, none));
            TokenSequences all = (TokenSequences) three.join(others);
            assertEquals(6, all.size());
            for (int i = 0; i < 6; i++) {
                assertArrayEquals(three.ids(i % 3), all.ids(i));
            }
        }
    }

    @Test
    void join_memoryAndFile_isOneSet() throws IOException {
        Path path = directory.resolve("three.tokens");
        three.save(path);
        TokenSequences one = TokenSequences.builder().add(new int[] {7}).build();
        TokenSequences none = TokenSequences.builder().build();
        try (TokenSequences file = TokenSequences.open(path)) {
            SampleSet joined = none.join(List.of(one, none, file, three, none));
            TokenSequences all = assertInstanceOf(TokenSequences.class, joined);
            assertEquals(7, all.size());
            assertArrayEquals(new int[] {7}, all.ids(0));
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(three.ids(i), all.ids(1 + i));
                assertArrayEquals(three.targets(i), all.targets(4 + i));
            }
        }
    }

    @Test
    void join_twice_isTheSameAsOnce() {
        TokenSequences one = TokenSequences.builder().add(new int[] {7}).build();
        SampleSet once = one.join(List.of(three, one));
        SampleSet twice = one.join(List.of(three)).join(List.of(one));
        assertEquals(once.fingerprint(), twice.fingerprint());
        assertArrayEquals(new int[] {7}, ((TokenSequences) twice).ids(4));
        assertSame(one, one.join(List.of()));
    }

    @Test
    void join_otherKind_fallsBack() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SampleSet joined =
                    three.join(List.of(three, SampleSet.of(Numbers.dataset(manager, 0, 2, 1))));
            assertInstanceOf(ConcatenatedSamples.class, joined);
            assertEquals(8, joined.size());
        }
    }

    @Test
    void join_moreSequencesThanAnInt_isReadByLongPositions() {
        TokenSequences huge = new TokenSequences(new Repeated(5_000_000_000L));
        TokenSequences all = (TokenSequences) huge.join(List.of(three, huge));
        assertEquals(10_000_000_003L, all.size());
        assertArrayEquals(new int[] {705_032_703}, all.ids(4_999_999_999L));
        assertArrayEquals(new int[] {11, 12, 13}, all.ids(5_000_000_000L));
        assertArrayEquals(new int[] {0}, all.ids(5_000_000_003L));
        assertArrayEquals(new int[] {705_032_703}, all.ids(10_000_000_002L));
    }

    @Test
    void fingerprint_sameContent_isTheSame() {
        assertEquals(fingerprint(new int[] {1, 2}, 1), fingerprint(new int[] {1, 2}, 1));
        assertTrue(
                fingerprint(new int[] {1, 2}, 1).matches("[0-9a-f]{16}-1"),
                fingerprint(new int[] {1, 2}, 1));
    }

    @Test
    void fingerprint_oneTokenOrItsMaskOrACutElsewhere_changes() {
        String fingerprint = fingerprint(new int[] {1, 2, 3}, 0);
        assertNotEquals(fingerprint, fingerprint(new int[] {1, 2, 4}, 0));
        assertNotEquals(fingerprint, fingerprint(new int[] {1, 2, 3}, 1));
        TokenSequences cut =
                TokenSequences.builder().add(new int[] {1, 2}).add(new int[] {3}).build();
        TokenSequences cutElsewhere =
                TokenSequences.builder().add(new int[] {1}).add(new int[] {2, 3}).build();
        assertNotEquals(cut.fingerprint(), cutElsewhere.fingerprint());
    }

    @Test
    void read_outside_saysWhichAndHowMany() {
        for (long position : new long[] {-1, 3, 1L << 32}) {
            String message = "position " + position + " of 3";
            assertOutside(message, () -> three.length(position));
            assertOutside(message, () -> three.ids(position));
            assertOutside(message, () -> three.targets(position));
        }
        try (NDManager manager = NDManager.newBaseManager()) {
            SampleIndices indices = SampleIndices.of(0, 1L << 32);
            assertOutside("position 4294967296 of 3", () -> three.batch(manager, indices));
        }
    }

    @Test
    void add_badSequence_saysWhichAndWhy() {
        TokenSequences.Builder builder = TokenSequences.builder().add(new int[] {1});
        assertRefused("sequence 1 is empty", () -> builder.add(new int[0]));
        assertRefused("sequence 1: id[2] is negative: -3", () -> builder.add(new int[] {1, 2, -3}));
        assertRefused(
                "sequence 1: promptLength = 3, must be in [0, 2]",
                () -> builder.add(new int[] {1, 2}, 3));
        assertRefused(
                "sequence 1: promptLength = -1, must be in [0, 2]",
                () -> builder.add(new int[] {1, 2}, -1));
        assertRefused(
                "sequence 1: 2 ids, but 3 target flags",
                () -> builder.add(new int[] {1, 2}, new boolean[3]));
        assertEquals(1, builder.build().size());
    }

    @Test
    void builder_afterBuild_isRefused() {
        TokenSequences.Builder builder = TokenSequences.builder();
        builder.build();
        for (Executable use :
                List.<Executable>of(builder::build, () -> builder.add(new int[] {1}))) {
            Exception e = assertThrows(IllegalStateException.class, use);
            assertEquals("this builder has built its token sequences", e.getMessage());
        }
    }

    @Test
    void close_inMemory_changesNothing() {
        three.close();
        assertEquals(3, three.length(0));
    }

    private static String fingerprint(int[] ids, int promptLength) {
        return TokenSequences.builder().add(ids, promptLength).build().fingerprint();
    }

    /** Fifty of these fill more than one chunk of memory. */
    private static int[] counting(int start) {
        int[] ids = new int[7_001 + start];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = start * 1_000_000 + i;
        }
        return ids;
    }

    private static void assertOutside(String message, Executable read) {
        assertEquals(message, assertThrows(IndexOutOfBoundsException.class, read).getMessage());
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
