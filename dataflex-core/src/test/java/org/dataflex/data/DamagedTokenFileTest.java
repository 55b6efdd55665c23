package org.dataflex.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamagedTokenFileTest {

    private static final int VERSION = 8;
    private static final int SEQUENCES = 16;
    private static final int TOKENS = 24;
    private static final int FIRST_TOKEN = 64;
    private static final int FIRST_OFFSET = FIRST_TOKEN + 8 * 4;

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
    void open_noFile_saysSo() {
        Path missing = directory.resolve("missing");
        assertMessage(missing, missing + ": there is no such token file");
        assertMessage(directory, directory + " is not a token file");
    }

    @Test
    void open_otherContent_isNoTokenFile() throws IOException {
        for (String content : List.of("", "DFTOK", "{\"text\": \"hello\"}", "x".repeat(500))) {
            Files.writeString(path, content);
            assertMessage(path, path + " is not a token file");
        }
    }

    @Test
    void open_otherVersion_saysWhichItReads() throws IOException {
        change(bytes -> bytes.putInt(VERSION, 2));
        assertMessage(
                path,
                path
                        + " has version 2 of the token format; this library reads version 1: write"
                        + " the file anew");
    }

    @Test
    void open_cutAnywhere_isTruncated() throws IOException {
        byte[] whole = Files.readAllBytes(path);
        assertEquals(120, whole.length);
        for (int length = 8; length < whole.length; length++) {
            Files.write(path, Arrays.copyOf(whole, length));
            assertMessage(
                    path,
                    path
                            + " is truncated: "
                            + length
                            + " bytes, its header "
                            + (length < 64
                                    ? "alone takes 64"
                                    : "promises 2 sequences with 7 tokens"));
        }
    }

    @Test
    void open_longerThanItsCounts_isDamaged() throws IOException {
        Files.write(path, Arrays.copyOf(Files.readAllBytes(path), 121));
        assertMessage(
                path,
                path
                        + " is damaged: 121 bytes, but its header's 2 sequences with 7 tokens take"
                        + " 120");
    }

    @Test
    void open_hostileCounts_areRefusedWithoutAllocation() throws IOException {
        long[] hostile = {Long.MAX_VALUE, 1L << 62, 1L << 61, 1L << 31, 100};
        for (long count : hostile) {
            change(bytes -> bytes.putLong(TOKENS, count));
            assertTruncated("2 sequences with " + count + " tokens");
            change(bytes -> bytes.putLong(TOKENS, 7).putLong(SEQUENCES, count));
            assertTruncated(count + " sequences with 7 tokens");
            change(bytes -> bytes.putLong(TOKENS, count).putLong(SEQUENCES, count));
            assertTruncated(count + " sequences with " + count + " tokens");
            change(bytes -> bytes.putLong(TOKENS, 7).putLong(SEQUENCES, 2));
        }
    }

    @Test
    void open_negativeCounts_isDamaged() throws IOException {
        change(bytes -> bytes.putLong(TOKENS, -7));
        assertMessage(path, path + " is damaged: its header counts 2 sequences with -7 tokens");
        change(bytes -> bytes.putLong(TOKENS, 7).putLong(SEQUENCES, Long.MIN_VALUE));
        assertMessage(
                path,
                path
                        + " is damaged: its header counts -9223372036854775808 sequences with 7"
                        + " tokens");
    }

    @Test
    void open_countsThatFitButDisagree_isDamaged() throws IOException {
        // one sequence less and two tokens more take the same room
        change(bytes -> bytes.putLong(TOKENS, 9).putLong(SEQUENCES, 1));
        assertMessage(path, path + " is damaged: offset 0 is 5, after 0, of 9 tokens");
    }

    @Test
    void open_badOffset_isDamaged() throws IOException {
        long[][] bad = {{0, 1}, {1, 0}, {1, -1}, {1, 8}, {1, Long.MAX_VALUE}, {2, 5}, {2, 6}};
        for (long[] offset : bad) {
            int at = FIRST_OFFSET + 8 * (int) offset[0];
            long sound = littleEndian(Files.readAllBytes(path)).getLong(at);
            long before = offset[0] == 2 ? 5 : 0;
            change(bytes -> bytes.putLong(at, offset[1]));
            assertMessage(
                    path,
                    path
                            + " is damaged: offset "
                            + offset[0]
                            + " is "
                            + offset[1]
                            + ", after "
                            + before
                            + ", of 7 tokens");
            change(bytes -> bytes.putLong(at, sound));
        }
    }

    private void assertTruncated(String promise) {
        assertMessage(path, path + " is truncated: 120 bytes, its header promises " + promise);
    }

    private static void assertMessage(Path path, String message) {
        assertEquals(
                message,
                assertThrows(IOException.class, () -> TokenSequences.open(path)).getMessage());
    }

    private void change(UnaryOperator<ByteBuffer> change) throws IOException {
        ByteBuffer bytes = littleEndian(Files.readAllBytes(path));
        change.apply(bytes);
        Files.write(path, bytes.array());
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
