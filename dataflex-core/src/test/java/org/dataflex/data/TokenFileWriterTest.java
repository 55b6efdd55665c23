package org.dataflex.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class TokenFileWriterTest {

    @TempDir private Path directory;

    @Test
    void finish_sequencesOfEveryKind_areReadBack() throws IOException {
        Path path = directory.resolve("a.tokens");
        try (TokenFileWriter writer = TokenFileWriter.create(path)) {
            writer.add(new int[] {1, 2});
            writer.add(new int[] {3, 4, 5}, 2);
            writer.add(new int[] {6, 7}, new boolean[] {true, false});
            writer.finish();
        }
        TokenSequences expected =
                TokenSequences.builder()
                        .add(new int[] {1, 2})
                        .add(new int[] {3, 4, 5}, 2)
                        .add(new int[] {6, 7}, new boolean[] {true, false})
                        .build();
        try (TokenSequences read = TokenSequences.open(path)) {
            assertEquals(expected.fingerprint(), read.fingerprint());
            assertArrayEquals(new boolean[] {true, false}, read.targets(2));
        }
        assertEquals(List.of("a.tokens"), files());
    }

    @Test
    void finish_moreThanItsBuffer_keepsEverything() throws IOException {
        Path path = directory.resolve("a.tokens");
        int[] ids = new int[40_001];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = i;
        }
        try (TokenFileWriter writer = TokenFileWriter.create(path)) {
            for (int i = 0; i < 10_000; i++) {
                writer.add(new int[] {i});
            }
            writer.add(ids);
            writer.finish();
        }
        try (TokenSequences read = TokenSequences.open(path)) {
            assertArrayEquals(new int[] {9_999}, read.ids(9_999));
            assertArrayEquals(ids, read.ids(10_000));
        }
    }

    @Test
    void close_unfinished_leavesWhatWasThere() throws IOException {
        Path path = directory.resolve("a.tokens");
        Files.writeString(path, "before");
        try (TokenFileWriter writer = TokenFileWriter.create(path)) {
            writer.add(new int[] {1, 2});
            assertEquals("before", Files.readString(path));
        }
        assertEquals("before", Files.readString(path));
        assertEquals(List.of("a.tokens"), files());
    }

    @Test
    void crash_beforeFinish_leavesNoTokenFile() throws IOException {
        Path path = directory.resolve("a.tokens");
        Path left;
        try (TokenFileWriter writer = TokenFileWriter.create(path)) {
            for (int i = 0; i < 50_000; i++) {
                writer.add(new int[] {i});
            }
            Path unfinished =
                    files().stream()
                            .filter(name -> name.endsWith(".part"))
                            .map(directory::resolve)
                            .findFirst()
                            .orElseThrow();
            left = Files.copy(unfinished, directory.resolve("left"));
        }
        assertTrue(Files.size(left) > 64);
        Exception e = assertThrows(IOException.class, () -> TokenSequences.open(left));
        assertEquals(left + " is not a token file", e.getMessage());
        assertTrue(Files.notExists(path));
    }

    @Test
    void create_twoWritersOfOneFile_lastToFinishWins() throws IOException {
        Path path = directory.resolve("a.tokens");
        try (TokenFileWriter first = TokenFileWriter.create(path);
                TokenFileWriter second = TokenFileWriter.create(path)) {
            first.add(new int[] {1});
            second.add(new int[] {2});
            second.finish();
            first.finish();
        }
        try (TokenSequences read = TokenSequences.open(path)) {
            assertArrayEquals(new int[] {1}, read.ids(0));
        }
    }

    @Test
    void add_badSequence_leavesTheWriterUsable() throws IOException {
        Path path = directory.resolve("a.tokens");
        try (TokenFileWriter writer = TokenFileWriter.create(path)) {
            writer.add(new int[] {1});
            Exception e =
                    assertThrows(IllegalArgumentException.class, () -> writer.add(new int[] {-1}));
            assertEquals("sequence 1: id[0] is negative: -1", e.getMessage());
            writer.add(new int[] {2});
            writer.finish();
        }
        try (TokenSequences read = TokenSequences.open(path)) {
            assertEquals(2, read.size());
        }
    }

    @Test
    void use_afterFinishOrClose_isRefused() throws IOException {
        Path path = directory.resolve("a.tokens").toAbsolutePath();
        TokenFileWriter writer = TokenFileWriter.create(path);
        writer.finish();
        assertRefused("the token file " + path + " is finished", writer);
        writer.close();
        writer.close();
        assertRefused("the token file " + path + " is closed", writer);
        assertEquals(List.of("a.tokens"), files());
    }

    @Test
    void use_afterAFailedWrite_isRefused() throws IOException {
        Path path = directory.resolve("a.tokens").toAbsolutePath();
        try (TokenFileWriter writer = TokenFileWriter.create(path)) {
            Thread.currentThread().interrupt(); // closes the channel under the writer
            assertThrows(IOException.class, () -> writer.add(new int[100_000]));
            assertTrue(Thread.interrupted());
            assertRefused("the token file " + path + " is broken: an earlier write failed", writer);
        }
        assertEquals(List.of(), files());
    }

    @Test
    void create_whereNothingCanBe_saysWhy() throws IOException {
        Exception e = assertThrows(IOException.class, () -> TokenFileWriter.create(directory));
        assertEquals(directory.toAbsolutePath() + " is a directory", e.getMessage());
        Path file = Files.writeString(directory.resolve("file"), "text");
        e = assertThrows(IOException.class, () -> TokenFileWriter.create(file.resolve("a.tokens")));
        assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    }

    private static void assertRefused(String message, TokenFileWriter writer) {
        for (Executable use :
                List.<Executable>of(() -> writer.add(new int[] {1}), writer::finish)) {
            assertEquals(message, assertThrows(IllegalStateException.class, use).getMessage());
        }
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
