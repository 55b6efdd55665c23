package org.dataflex.data.format;

import static org.dataflex.math.Rejection.assertRejected;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dataflex.data.format.Conversation.Turn;
import org.dataflex.data.format.DatasetLayout.Format;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleReaderTest {

    @TempDir private Path directory;

    private List<TextSample> read(String file, String text, DatasetLayout layout)
            throws IOException {
        Path path = directory.resolve(file);
        Files.writeString(path, text);
        return read(DatasetFile.of("it", path, layout));
    }

    private static List<TextSample> read(DatasetFile dataset) throws IOException {
        List<TextSample> samples = new ArrayList<>();
        try (SampleReader reader = SampleReader.open(dataset)) {
            for (var placed = reader.next(); placed != null; placed = reader.next()) {
                assertEquals(samples.size() + 1, placed.row());
                samples.add(placed.sample());
            }
        }
        return samples;
    }

    private void assertError(String expected, String file, String text, DatasetLayout layout) {
        IOException e = assertThrows(IOException.class, () -> read(file, text, layout));
        assertEquals(expected, e.getMessage().replace(directory + "/", ""));
    }

    @Test
    void alpaca_inJsonAndLines_withAllColumns() throws IOException {
        String row =
                "{\"instruction\":\"Add.\",\"input\":\"1 2\",\"output\":\"3\",\"system\":\"Be brief.\","
                        + "\"history\":[[\"Hi\",\"Yes?\"]]}";
        Conversation expected =
                new Conversation(
                        "Be brief.", List.of(new Turn("Hi", "Yes?"), new Turn("Add.\n1 2", "3")));
        String other = "{\"instruction\":\"a\",\"input\":null,\"output\":\"b\"}";
        for (String text :
                List.of("[" + row + ",\n" + other + "]", "\uFEFF" + row + "\r\n\n" + other)) {
            assertEquals(
                    List.of(expected, Conversation.of("a", "b")),
                    read("a.json", text, DatasetLayout.alpaca()));
        }
    }

    @Test
    void messages_ofShareGptAndOpenAi() throws IOException {
        String shareGpt =
                "[{\"conversations\":[{\"from\":\"system\",\"value\":\"s\"},"
                        + "{\"from\":\"human\",\"value\":\"u\"},{\"from\":\"gpt\",\"value\":\"a\"}]}]";
        String openAi =
                "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"
                        + "{\"role\":\"user\",\"content\":\"u\"},"
                        + "{\"role\":\"assistant\",\"content\":\"a\"}]}";
        List<TextSample> expected = List.of(new Conversation("s", List.of(new Turn("u", "a"))));
        assertEquals(expected, read("s.json", shareGpt, DatasetLayout.shareGpt()));
        assertEquals(expected, read("o.jsonl", openAi, DatasetLayout.openAi()));
    }

    @Test
    void texts_inLinesAndJson_andDirectoriesInOrderOfNames() throws IOException {
        List<TextSample> expected = List.of(new PlainText("one"), new PlainText("two"));
        assertEquals(expected, read("t.txt", "one\n\n two".replace(" ", ""), text()));
        assertEquals(expected, read("t.jsonl", "{\"text\":\"one\"}\n{\"text\":\"two\"}\n", text()));
        Path all = Files.createDirectory(directory.resolve("all"));
        Files.writeString(all.resolve("b.txt"), "two");
        Files.writeString(all.resolve("a.txt"), "one");
        assertEquals(expected, read(DatasetFile.of("all", all, text())));
    }

    private static DatasetLayout text() {
        return DatasetLayout.text("text");
    }

    @Test
    void largeText_isReadAcrossBuffers() throws IOException {
        String text = "é日😀".repeat(30_000);
        assertEquals(List.of(new PlainText(text)), read("t.txt", text, text()));
    }

    @Test
    void missingAndEmptyColumns_areNamed() {
        DatasetLayout alpaca = DatasetLayout.alpaca();
        assertError(
                "a.jsonl line 2: column 'output' is missing; the row has [instruction]; rename the"
                        + " right one so, or name it in dataset_info.json as columns.response",
                "a.jsonl",
                "\n{\"instruction\":\"a\"}",
                alpaca);
        assertError(
                "a.json row 1 (line 2): column 'output' is empty; fill it or leave the row out",
                "a.json",
                "[\n{\"instruction\":\"a\",\"output\":\"\"}]",
                alpaca);
        assertError(
                "a.jsonl line 1: column 'output' is not a text but 5; quote it",
                "a.jsonl",
                "{\"instruction\":\"a\",\"output\":5}",
                alpaca);
        assertError(
                "a.jsonl line 1: column 'history' is not a list of pairs [prompt, response]: [\"x\"]",
                "a.jsonl",
                "{\"instruction\":\"a\",\"output\":\"b\",\"history\":[[\"x\"]]}",
                alpaca);
        assertError(
                "a.jsonl line 1: column 'history', pair 1 has an empty response; fill it or leave"
                        + " the pair out",
                "a.jsonl",
                "{\"instruction\":\"a\",\"output\":\"b\",\"history\":[[\"x\",\"\"]]}",
                alpaca);
        assertError(
                "t.jsonl line 1: column 'text' is empty; fill it or leave the row out",
                "t.jsonl",
                "{\"text\":\"\"}",
                text());
        assertError(
                "t.jsonl line 1: column 'text' is missing; the row has [content]; rename the right one"
                        + " so, or name it in dataset_info.json as columns.prompt",
                "t.jsonl",
                "{\"content\":\"a\"}",
                text());
    }

    @Test
    void rolesOutOfOrder_areNamed() {
        String start = "{\"conversations\":[{\"from\":\"human\",\"value\":\"u\"}";
        DatasetLayout shareGpt = DatasetLayout.shareGpt();
        assertError(
                "s.jsonl line 1: column 'conversations', message 1 is the last and not of 'gpt'; a"
                        + " conversation ends with one",
                "s.jsonl",
                start + "]}",
                shareGpt);
        assertError(
                "s.jsonl line 1: column 'conversations', message 2 is of 'human' where 'gpt' is due;"
                        + " roles take turns, and tags.assistant_tag names this one",
                "s.jsonl",
                start + ",{\"from\":\"human\",\"value\":\"u\"}]}",
                shareGpt);
        assertError(
                "s.jsonl line 1: column 'conversations', message 2 has no 'value'; name the right"
                        + " field as tags.content_tag",
                "s.jsonl",
                start + ",{\"from\":\"gpt\"}]}",
                shareGpt);
        assertError(
                "s.jsonl line 1: column 'conversations', message 2 is empty; fill it or leave the"
                        + " row out",
                "s.jsonl",
                start + ",{\"from\":\"gpt\",\"value\":\"\"}]}",
                shareGpt);
        assertError(
                "s.jsonl line 1: column 'conversations' is missing; the row has [messages]; rename the"
                        + " right one so, or name it in dataset_info.json as columns.messages",
                "s.jsonl",
                "{\"messages\":[]}",
                shareGpt);
        assertError(
                "s.jsonl line 1: column 'conversations' is not a list of messages",
                "s.jsonl",
                "{\"conversations\":\"u\"}",
                shareGpt);
        assertError(
                "s.jsonl line 1: column 'conversations' has no messages to learn from",
                "s.jsonl",
                "{\"conversations\":[{\"from\":\"system\",\"value\":\"s\"}]}",
                shareGpt);
    }

    @Test
    void brokenJson_isToldWithItsLine() {
        assertError(
                "a.jsonl is broken JSON at line 3, column 14: Unexpected end-of-input: was expecting"
                        + " closing quote for a string value; mend it there",
                "a.jsonl",
                "{\"text\":\"a\"}\n\n{\"text\":\"abcd\n{\"text\":\"a\"}",
                text());
        assertError(
                "a.json is broken JSON at line 3, column 1: Unexpected character ('{' (code 123)):"
                        + " was expecting comma to separate Array entries; mend it there",
                "a.json",
                "[\n{\"text\":\"a\"}\n{\"text\":\"b\"}]",
                text());
        assertError(
                "a.json goes on after the end of its array at line 2; one file holds one array",
                "a.json",
                "[{\"text\":\"a\"}]\n[]",
                text());
        assertError("a.jsonl line 1 is not a JSON object", "a.jsonl", "5", text());
        assertError("a.json row 1 (line 1) is not a JSON object", "a.json", "[5]", text());
        assertError(
                "a.parquet is not a .json, .jsonl or .txt file; convert it to one",
                "a.parquet",
                "x",
                text());
    }

    @Test
    void wrongEncoding_isToldWithItsByte() throws IOException {
        Path file = directory.resolve("latin.txt");
        byte[] bytes = ("x".repeat(70_000) + "é").getBytes(StandardCharsets.ISO_8859_1);
        Files.write(file, bytes);
        IOException e =
                assertThrows(IOException.class, () -> read(DatasetFile.of("it", file, text())));
        assertEquals(
                file + " is not UTF-8: byte 0xE9 at offset 70000; convert the file",
                e.getMessage());
    }

    @Test
    void ids_mustBeThereAndDiffer() {
        DatasetLayout layout =
                new DatasetLayout(Format.TEXT, Map.of("prompt", "text", "id", "key"), Map.of());
        assertError(
                "a.jsonl line 2: column 'key' is '7', as in row 1 of the dataset; give each row an"
                        + " id of its own",
                "a.jsonl",
                "{\"text\":\"a\",\"key\":7}\n{\"text\":\"b\",\"key\":\"7\"}",
                layout);
        assertError(
                "a.jsonl line 1: column 'key' is missing; give it an id",
                "a.jsonl",
                "{\"text\":\"a\"}",
                layout);
    }

    @Test
    void datasetsWithoutFiles_andConversationsWithoutTurns_areRefused() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        assertEquals(
                "dataset 'it': " + empty + " has no files",
                assertThrows(IOException.class, () -> DatasetFile.of("it", empty, text()))
                        .getMessage());
        assertRejected("dataset 'it' has no files", () -> new DatasetFile("it", List.of(), text()));
        assertRejected("a conversation without turns", () -> new Conversation("", List.of()));
        assertRejected("the response is empty", () -> new Turn("a", ""));
        assertRejected("the text is empty", () -> new PlainText(""));
    }

    @Test
    void afterAnInvalidRow_theNextIsRead() throws IOException {
        Path file = directory.resolve("a.jsonl");
        Files.writeString(file, "{\"text\":\"\"}\n{\"text\":\"b\"}");
        try (SampleReader reader = SampleReader.open(DatasetFile.of("it", file, text()))) {
            assertThrows(InvalidSampleException.class, reader::next);
            assertEquals(new SampleReader.Placed(new PlainText("b"), 2), reader.next());
            assertEquals(Files.size(file), reader.bytesRead());
        }
    }

    @Test
    void contentHash_dependsOnEveryTextAndItsPlace() {
        Conversation one = new Conversation("", List.of(new Turn("ab", "c")));
        assertEquals(one.contentHash(), Conversation.of("ab", "c").contentHash());
        for (TextSample other :
                List.of(
                        Conversation.of("a", "bc"),
                        new Conversation("a", List.of(new Turn("b", "c"))),
                        new PlainText("abc"))) {
            assertNotEquals(one.contentHash(), other.contentHash());
        }
    }
}
