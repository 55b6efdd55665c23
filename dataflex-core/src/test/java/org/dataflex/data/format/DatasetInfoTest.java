package org.dataflex.data.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetInfoTest {

    @TempDir private Path directory;

    @BeforeEach
    void writeData() throws IOException {
        Files.writeString(directory.resolve("a.json"), "[]");
    }

    private DatasetInfo info(String text) throws IOException {
        Files.writeString(directory.resolve("dataset_info.json"), text);
        return DatasetInfo.read(directory);
    }

    private void assertRefused(String expected, String entry) throws IOException {
        DatasetInfo info = info("{\"x\":{" + entry.replace('\'', '"') + "}}");
        Exception e = assertThrows(IllegalArgumentException.class, () -> info.dataset("x"));
        assertEquals(expected, e.getMessage().replace(directory + "/", ""));
    }

    @Test
    void columnsAndTags_areMapped() throws IOException {
        DatasetInfo info =
                info(
                        """
                        {"plain": {"file_name": "a.json"},
                         "few": {"file_name": "a.json", "columns": {"prompt": "q", "response": "r"}},
                         "chat": {"file_name": "a.json", "formatting": "sharegpt",
                           "columns": {"messages": "m"},
                           "tags": {"role_tag": "role", "content_tag": "content",
                             "user_tag": "user", "assistant_tag": "bot"}},
                         "pt": {"file_name": "a.json", "columns": {"prompt": "text"}}}
                        """);
        assertEquals(List.of("plain", "few", "chat", "pt"), info.names());
        assertEquals(DatasetLayout.alpaca(), info.dataset("plain").layout());
        assertEquals(
                Map.of("prompt", "q", "response", "r"), info.dataset("few").layout().columns());
        assertEquals(Map.of("messages", "m"), info.dataset("chat").layout().columns());
        assertEquals(
                Map.of(
                        "role_tag", "role",
                        "content_tag", "content",
                        "user_tag", "user",
                        "assistant_tag", "bot",
                        "system_tag", "system"),
                info.dataset("chat").layout().tags());
        assertEquals(DatasetLayout.text("text"), info.dataset("pt").asTexts().layout());
        assertEquals(DatasetLayout.text("text"), info.dataset("plain").asTexts().layout());
        assertEquals(List.of(directory.resolve("a.json")), info.dataset("pt").files());
        DatasetFile chat = info.dataset("chat");
        assertEquals(
                "dataset 'chat' holds conversations, not texts to pretrain on",
                assertThrows(IllegalArgumentException.class, chat::asTexts).getMessage());
    }

    @Test
    void whatCannotBeTrainedOn_isRefusedByName() throws IOException {
        String it = "dataset_info.json: dataset 'x' ";
        assertRefused(
                it
                        + "is not on this disk (hf_hub_url is a/b); fetch it and name its file by"
                        + " file_name",
                "'hf_hub_url':'a/b'");
        assertRefused(
                it
                        + "is not on this disk (script_url is s); fetch it and name its file by file_name",
                "'script_url':'s'");
        assertRefused(it + "has no file_name", "'columns':{}");
        assertRefused(
                it + "is for learning from rankings, which is not supported",
                "'file_name':'a.json','ranking':true");
        assertRefused(
                it
                        + "cannot be read: column 'images' is not supported; known are [prompt,"
                        + " query, response, system, history, id]",
                "'file_name':'a.json','columns':{'images':'i'}");
        assertRefused(
                it + "cannot be read: tag 'role_tag' is not supported; known are []",
                "'file_name':'a.json','tags':{'role_tag':'i'}");
        assertRefused(
                it + "cannot be read: formatting is 'x', must be alpaca, sharegpt or openai",
                "'file_name':'a.json','formatting':'x'");
        assertRefused(
                it
                        + "has [subset], which is not supported; known are [file_name, formatting,"
                        + " columns, tags, ranking]",
                "'file_name':'a.json','subset':'x'");
    }

    @Test
    void unknownNames_missingFilesAndBrokenJson_areNamed() throws IOException {
        DatasetInfo info = info("{\"x\": {\"file_name\": \"no.json\"}}");
        assertEquals(
                directory + "/dataset_info.json has no dataset named 'y'; it has [x]",
                assertThrows(IllegalArgumentException.class, () -> info.dataset("y")).getMessage());
        assertEquals(
                directory + "/no.json: dataset 'x' has no such file",
                assertThrows(IOException.class, () -> info.dataset("x")).getMessage());
        IOException e = assertThrows(IOException.class, () -> info("{\n\"x\" 5}"));
        assertEquals(
                directory
                        + "/dataset_info.json is broken JSON at line 2, column 5: Unexpected"
                        + " character ('5' (code 53)): was expecting a colon to separate field name"
                        + " and value; mend it there",
                e.getMessage());
        assertEquals(
                directory + "/dataset_info.json is not a JSON object of datasets by name",
                assertThrows(IOException.class, () -> info("[]")).getMessage());
    }
}
