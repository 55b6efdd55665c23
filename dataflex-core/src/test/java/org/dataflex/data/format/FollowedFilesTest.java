package org.dataflex.data.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dataflex.data.format.SampleStream.Arrivals;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowedFilesTest {

    private static final DatasetLayout TEXT = DatasetLayout.text("text");

    @TempDir private Path directory;
    private Path file;

    @BeforeEach
    void makeFile() throws IOException {
        file = Files.createFile(directory.resolve("news.txt"));
    }

    private void append(String text) throws IOException {
        append(file, text);
    }

    private static void append(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private SampleStream stream() throws IOException {
        return FollowedFiles.of(file, TEXT); // as in a new process
    }

    private static List<String> texts(Arrivals arrivals) {
        return arrivals.samples().stream().flatMap(s -> s.texts().stream()).toList();
    }

    private void assertMessage(String expected, Exception e) {
        assertEquals(expected, e.getMessage().replace(directory + "/", ""));
    }

    @Test
    void halfALine_waitsForItsEnd() throws IOException {
        append("one\ntw");
        Arrivals first = stream().read(SampleStream.START, 10);
        assertEquals(List.of("one"), texts(first));
        append("o");
        Arrivals none = stream().read(first.position(), 10);
        assertTrue(none.isEmpty());
        assertEquals(first.position(), none.position());
        append("\r\n\n  \nthree\n");
        assertEquals(List.of("two", "three"), texts(stream().read(none.position(), 10)));
    }

    @Test
    void limit_isKept_andTheRestComesNext() throws IOException {
        append("1\n\n2\n3\n");
        Arrivals first = stream().read(SampleStream.START, 2);
        assertEquals(List.of("1", "2"), texts(first));
        Arrivals next = stream().read(first.position(), 2);
        assertEquals(List.of("3"), texts(next));
        assertTrue(stream().read(next.position(), 2).isEmpty());
    }

    @Test
    void anyPieces_giveTheSameTextsAsTheWholeFile() throws IOException {
        String text =
                IntStream.range(0, 5000)
                        .mapToObj(i -> "zeile ü " + "€".repeat(i % 97) + i)
                        .collect(Collectors.joining("\n", "", "\n"));
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        List<String> all = new ArrayList<>();
        String position = SampleStream.START;
        for (int at = 0; at < bytes.length; at += 70_001) { // cuts characters too
            int end = Math.min(bytes.length, at + 70_001);
            Files.write(file, Arrays.copyOfRange(bytes, at, end), StandardOpenOption.APPEND);
            Arrivals arrivals = stream().read(position, 100_000);
            all.addAll(texts(arrivals));
            position = arrivals.position();
        }
        assertEquals(List.of(text.split("\n")), all);
    }

    @Test
    void directory_isReadInTheOrderOfNames_newFilesToo() throws IOException {
        append("1\n");
        append(directory.resolve("later.jsonl"), "{\"text\": \"0\"}\n");
        append(directory.resolve("notes.part"), "not followed\n");
        SampleStream stream = FollowedFiles.of(directory, TEXT);
        Arrivals first = stream.read(SampleStream.START, 10);
        assertEquals(List.of("0", "1"), texts(first));
        append(directory.resolve("another.txt"), "2\n");
        append("3\n");
        Files.delete(directory.resolve("later.jsonl"));
        Arrivals second = stream.read(first.position(), 10);
        assertEquals(List.of("2", "3"), texts(second));
        assertTrue(stream.read(second.position(), 10).isEmpty());
    }

    @Test
    void conversations_areRead_andInvalidRowsAreNamedByTheirLines() throws IOException {
        Path chat = directory.resolve("chat.jsonl");
        append(chat, "{\"instruction\": \"a\", \"output\": \"b\"}\n");
        SampleStream stream = FollowedFiles.of(chat, DatasetLayout.alpaca());
        Arrivals first = stream.read(SampleStream.START, 10);
        assertEquals(List.of(Conversation.of("a", "b")), first.samples());
        append(chat, "\n{\"instruction\": \"a\"}\n{\"instruction\": \"c\", \"output\": \"d\"}\n");
        Arrivals second = stream.read(first.position(), 10);
        assertEquals(List.of(Conversation.of("c", "d")), second.samples());
        assertEquals(1, second.invalid().size());
        assertTrue(
                second.invalid()
                        .get(0)
                        .startsWith(chat + " line 3: column 'output' is missing; the row has"),
                second.invalid()::toString);
    }

    @Test
    void brokenJson_isAnErrorThatNamesTheLine() throws IOException {
        Path chat = directory.resolve("chat.jsonl");
        append(chat, "{\"text\": \"a\"}\n");
        SampleStream stream = FollowedFiles.of(chat, TEXT);
        String position = stream.read(SampleStream.START, 10).position();
        append(chat, "{\"text\": \"b\n");
        IOException e = assertThrows(IOException.class, () -> stream.read(position, 10));
        assertTrue(
                e.getMessage().startsWith(chat + " is broken JSON at line 2, column"),
                e::getMessage);
    }

    @Test
    void notUtf8_isAnErrorThatNamesTheOffsetInTheFile() throws IOException {
        append("good\n");
        String position = stream().read(SampleStream.START, 10).position();
        Files.write(file, new byte[] {'a', (byte) 0xE9, '\n'}, StandardOpenOption.APPEND);
        assertMessage(
                "news.txt is not UTF-8: byte 0xE9 at offset 6; convert the file",
                assertThrows(IOException.class, () -> stream().read(position, 10)));
    }

    @Test
    void tooLongALine_isNamedByItsPlaceInTheFile_alsoWhenReadingGoesOn() throws IOException {
        append("one\n\n");
        String position = stream().read(SampleStream.START, 10).position();
        append("two\n");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), (1 << 26) + 9); // a hole of zeros from 9 on
        }
        String expected =
                "news.txt line 4, from byte 9 of the file on, is longer than 64 MiB; cut it into"
                        + " several";
        assertMessage(expected, assertThrows(IOException.class, () -> stream().read(position, 10)));
        assertMessage(
                expected,
                assertThrows(IOException.class, () -> stream().read(SampleStream.START, 10)));
        assertEquals(List.of("two"), texts(stream().read(position, 1)));
    }

    @Test
    void byteOrderMark_isLeftOutAtTheStartOnly() throws IOException {
        append("\uFEFFone\n");
        Arrivals first = stream().read(SampleStream.START, 10);
        assertEquals(List.of("one"), texts(first));
        append("\uFEFFtwo\n");
        assertEquals(List.of("\uFEFFtwo"), texts(stream().read(first.position(), 10)));
    }

    @Test
    void fileThatWasCut_isRefused() throws IOException {
        append("one\ntwo\n");
        String position = stream().read(SampleStream.START, 10).position();
        Files.writeString(file, "one\n");
        assertMessage(
                "news.txt was cut: it has 4 bytes, and 8 were read before; append to it, and put"
                        + " new text into a new file",
                assertThrows(IOException.class, () -> stream().read(position, 10)));
    }

    @Test
    void fileThatWasWrittenAnew_isRefused() throws IOException {
        append("one\ntwo\n");
        String position = stream().read(SampleStream.START, 10).position();
        Files.writeString(file, "new\ntwo\nthree\n");
        assertMessage(
                "news.txt was changed before byte 8, up to which it was read; append to it, and"
                        + " put new text into a new file",
                assertThrows(IOException.class, () -> stream().read(position, 10)));
    }

    @Test
    void fileThatIsGone_isNamed() throws IOException {
        append("one\n");
        SampleStream stream = stream();
        String position = stream.read(SampleStream.START, 10).position();
        Files.delete(file);
        assertMessage(
                "news.txt is gone; put it back, with all that it held",
                assertThrows(IOException.class, () -> stream.read(position, 10)));
    }

    @Test
    void whatCannotBeFollowed_isRefused() throws IOException {
        assertTrue(
                assertThrows(
                                IOException.class,
                                () -> FollowedFiles.of(directory.resolve("no.txt"), TEXT))
                        .getMessage()
                        .endsWith("no.txt: there is nothing to follow; make it, if only empty"));
        Path array = Files.createFile(directory.resolve("a.json"));
        assertMessage(
                "a.json is not a .txt or .jsonl file, to which lines can be appended; write one of"
                        + " these",
                assertThrows(IllegalArgumentException.class, () -> FollowedFiles.of(array, TEXT)));
        DatasetLayout ids =
                new DatasetLayout(
                        DatasetLayout.Format.TEXT, Map.of("prompt", "text", "id", "key"), Map.of());
        assertMessage(
                "column 'key' holds ids, and a stream cannot remember all it has seen; leave"
                        + " columns.id out",
                assertThrows(IllegalArgumentException.class, () -> FollowedFiles.of(file, ids)));
    }
}
