package org.dataflex.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class TokenFileTest {

    private static final int SEQUENCES = 16;
    private static final int TOKENS = 24;
    private static final int FIRST_TOKEN = 64;

    /** Two sequences of 7 tokens in all, so that the file is 64 + 28 + 4 + 24 bytes long. */
    private final TokenSequences two =
            TokenSequences.builder()
                    .add(new int[] {1, 2, 3, 4, 5}, 2)
                    .add(new int[] {6, 7})
                    .build();

    @TempDir private Path directory;
    private Path path;

    @BeforeEach
    void save() throws IOException {
        path = directory.resolve("two.tokens");
        two.save(path);
    }

    @Test
    void open_savedFile_isTheSameSet() throws Throwable {
        try (TokenSequences file = TokenSequences.open(path)) {
            assertSame(two, file);
            NativeMemory.assertNothingLeft(
                    manager -> {
                        try (Batch batch = file.batch(manager, SampleIndices.of(1, 0))) {
                            assertArrayEquals(
                                    new long[] {6, 7, 0, 0, 0, 1, 2, 3, 4, 5},
                                    batch.getData().head().toLongArray());
                            assertArrayEquals(
                                    new long[] {6, 7, -100, -100, -100, -100, -100, 3, 4, 5},
                                    batch.getLabels().head().toLongArray());
                        }
                    });
        }
    }

    @Test
    void open_tinySegments_readsAcrossThem() throws IOException {
        TokenSequences.Builder builder = TokenSequences.builder();
        for (int i = 0; i < 20; i++) {
            int[] ids = new int[1 + i * 7 % 23];
            Arrays.setAll(ids, t -> t + 3);
            builder.add(ids, i % ids.length);
        }
        TokenSequences many = builder.build();
        many.save(path);
        for (int segmentBits : new int[] {3, 4, 5, 9, TokenFile.SEGMENT_BITS}) {
            assertSame(many, new TokenSequences(TokenFile.open(path, segmentBits)));
        }
    }

    @Test
    void read_fromSeveralThreads_isSound() throws IOException {
        try (TokenSequences file = TokenSequences.open(path)) {
            IntStream.range(0, 10_000)
                    .parallel()
                    .forEach(i -> assertArrayEquals(two.ids(i % 2), file.ids(i % 2)));
        }
    }

    @Test
    void open_withoutSequences_isEmpty() throws IOException {
        TokenSequences.builder().build().save(path);
        try (TokenSequences empty = TokenSequences.open(path)) {
            assertEquals(0, empty.size());
            assertEquals(TokenSequences.builder().build().fingerprint(), empty.fingerprint());
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX) // where a hole in a file takes no room
    void open_moreThanTwoGigabytes_readsTheEnd() throws IOException {
        long tokens = 700_000_000;
        writeLarge(tokens, 300_000_000, tokens - 3, tokens);
        try (TokenSequences large = TokenSequences.open(path)) {
            assertEquals(399_999_997, large.length(1));
            assertArrayEquals(new int[] {7, 8, 9}, large.ids(2));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX) // where a hole in a file takes no room
    void open_sequenceLongerThanAnArray_isDamaged() throws IOException {
        writeLarge(1L << 31, 1L << 31);
        assertMessage(
                path, path + " is damaged: offset 1 is 2147483648, after 0, of 2147483648 tokens");
    }

    /** Writes a file whose last tokens are 7, 8 and 9, the others 0. */
    private void writeLarge(long tokens, long... ends) throws IOException {
        ByteBuffer header = littleEndian(Arrays.copyOf(Files.readAllBytes(path), FIRST_TOKEN));
        header.putLong(SEQUENCES, ends.length).putLong(TOKENS, tokens);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(header.array());
            file.seek(FIRST_TOKEN + 4 * (tokens - 3));
            file.write(littleEndian(new byte[12]).putInt(7).putInt(8).putInt(9).array());
            file.write(new byte[8]);
            for (long end : ends) {
                file.write(littleEndian(new byte[8]).putLong(end).array());
            }
        }
    }

    @Test
    void save_joinedSet_isOneSet() throws IOException {
        Path both = directory.resolve("deep/er/both.tokens");
        TokenSequences all = TokenSequences.builder().add(new int[] {9}).build();
        try (TokenSequences file = TokenSequences.open(path)) {
            ((TokenSequences) all.join(List.of(file))).save(both);
        }
        TokenSequences expected =
                TokenSequences.builder()
                        .add(new int[] {9})
                        .add(new int[] {1, 2, 3, 4, 5}, 2)
                        .add(new int[] {6, 7})
                        .build();
        try (TokenSequences file = TokenSequences.open(both)) {
            assertSame(expected, file);
        }
    }

    @Test
    void save_overItsOwnFile_replacesIt() throws IOException {
        try (TokenSequences file = TokenSequences.open(path)) {
            file.save(path);
            assertSame(two, file);
        }
        try (TokenSequences file = TokenSequences.open(path)) {
            assertSame(two, file);
        }
    }

    @Test
    void read_afterClose_namesTheFile() throws IOException {
        TokenSequences file = TokenSequences.open(path);
        TokenSequences joined = (TokenSequences) two.join(List.of(file));
        joined.close();
        file.close();
        Exception e = assertThrows(IllegalStateException.class, () -> file.ids(0));
        assertEquals(path + " is closed", e.getMessage());
        try (NDManager manager = NDManager.newBaseManager()) {
            SampleIndices indices = SampleIndices.of(2);
            e = assertThrows(IllegalStateException.class, () -> joined.batch(manager, indices));
            assertEquals(path + " is closed", e.getMessage());
        }
    }

    private static void assertSame(TokenSequences expected, TokenSequences actual) {
        assertEquals(expected.size(), actual.size());
        assertEquals(expected.fingerprint(), actual.fingerprint());
        for (long i = 0; i < expected.size(); i++) {
            assertEquals(expected.length(i), actual.length(i));
            assertArrayEquals(expected.ids(i), actual.ids(i));
            assertArrayEquals(expected.targets(i), actual.targets(i));
        }
    }

    private static void assertMessage(Path path, String message) {
        assertEquals(
                message,
                assertThrows(IOException.class, () -> TokenSequences.open(path)).getMessage());
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
