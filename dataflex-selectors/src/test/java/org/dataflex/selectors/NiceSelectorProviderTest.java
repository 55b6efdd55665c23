package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Strategies;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NiceSelectorProviderTest {

    private static final Path PROMPTS = Path.of("src/test/resources/prompts/sums.jsonl");
    private static final Path TOKENIZER =
            Path.of(
                    "../dataflex-core/src/test/resources/org/dataflex/lm/tiny-tokenizer",
                    "tokenizer.json");

    @TempDir Path directory;

    /** What is required, and more: name, value, name, value. */
    private static Map<String, String> settings(String... more) {
        Map<String, String> settings = new HashMap<>();
        settings.put("prompts", "sums:" + PROMPTS);
        settings.put("tokenizer", TOKENIZER.toString());
        settings.put("reward", "regex");
        settings.put("pattern", "5");
        for (int i = 0; i < more.length; i += 2) {
            if (more[i + 1] == null) {
                settings.remove(more[i]);
            } else {
                settings.put(more[i], more[i + 1]);
            }
        }
        if (!"regex".equals(settings.get("reward"))) {
            settings.remove("pattern");
        }
        return settings;
    }

    private static Map<String, String> made(String... more) {
        return Strategies.create(Selector.class, "nice", settings(more)).settings();
    }

    private static void assertRefused(String message, String... more) {
        assertEquals(
                "selector 'nice': " + message,
                assertThrows(IllegalArgumentException.class, () -> made(more)).getMessage());
    }

    @Test
    void create_withWhatIsRequired_hasTheDefaults() {
        Map<String, String> settings = made();
        assertTrue(settings.get("prompts").startsWith("sums:3 prompts "));
        assertEquals("regex 5", settings.get("reward"));
        assertEquals("4", settings.get("mcSamples"));
        assertEquals("512", settings.get("maxNewTokens"));
        assertEquals("1.0", settings.get("temperature"));
        assertEquals("adam", settings.get("preconditioner"));
        assertEquals("none", settings.get("compatibility"));
    }

    @Test
    void create_readsEverySetting() {
        Map<String, String> settings =
                made(
                        "prompts", "a:" + PROMPTS + ", b:" + PROMPTS,
                        "reward", "regex",
                        "pattern", "\\d+",
                        "rewardFile", "rewards.txt",
                        "mcSamples", "20",
                        "maxNewTokens", "9",
                        "temperature", "1.2",
                        "topK", "50",
                        "topP", "0.95",
                        "stopTokens", "2,3",
                        "seed", "7",
                        "baseline", "true",
                        "rejectBelow", "0.5",
                        "topAnswers", "3",
                        "preconditioner", "none",
                        "compatibility", "dataflex",
                        "parameters", "lora",
                        "chunkSize", "30",
                        "scoreDirectory", "scores");
        String prompts = settings.get("prompts");
        assertTrue(prompts.matches("a:3 prompts \\w{16},b:3 prompts \\w{16}"), prompts);
        assertEquals(
                "regex \\d+, 20, 9, 1.2, 50, 0.95, [2, 3], 7, true, 0.5, 3, none, dataflex, lora,"
                        + " 30",
                String.join(", ", List.copyOf(settings.values()).subList(1, settings.size())));
    }

    @Test
    void create_anEndpoint() {
        Map<String, String> settings =
                made(
                        "reward", "endpoint",
                        "endpoint", "http://localhost:9/v1/chat/completions",
                        "endpointModel", "judge",
                        "timeoutSeconds", "2.5",
                        "retries", "1",
                        "apiKeyVariable", "PATH");
        assertEquals(
                "endpoint http://localhost:9/v1/chat/completions judge", settings.get("reward"));
    }

    @Test
    void create_rewardsThatNeedReferences() throws Exception {
        String file =
                "sums:"
                        + Files.writeString(
                                directory.resolve("sums,1.jsonl"),
                                "\ufeff{\"prompt\": \"2+3=\", \"reference\": 5.10}\n");
        assertEquals("exact", made("prompts", file, "reward", "exact").get("reward"));
        assertEquals("numeric", made("prompts", file, "reward", "numeric").get("reward"));
        for (String reward : List.of("exact", "numeric")) {
            assertRefused(
                    "reward "
                            + reward
                            + " needs a reference, and prompt 'say something' has none; add one or"
                            + " choose another reward",
                    "reward",
                    reward);
        }
    }

    @Test
    void create_badReward_isRefused() {
        String known = ", must be one of exact, numeric, regex, endpoint; set others in Java";
        assertRefused("reward = null" + known, "reward", null);
        assertRefused("reward = 'bleu'" + known, "reward", "bleu");
        assertRefused("pattern = null, reward regex needs it", "pattern", null);
        assertRefused(
                "pattern = '(' is not a regular expression: Unclosed group",
                "reward",
                "regex",
                "pattern",
                "(");
        assertRefused("endpoint = null, reward endpoint needs it", "reward", "endpoint");
        for (String address : List.of("localhost", "no address")) {
            assertRefused(
                    "endpoint = '"
                            + address
                            + "', must be like http://localhost:8000/v1/chat/completions",
                    "reward",
                    "endpoint",
                    "endpoint",
                    address,
                    "endpointModel",
                    "judge");
        }
        assertRefused(
                "apiKeyVariable = 'NO_SUCH_KEY' is not an environment variable; set it",
                "reward",
                "endpoint",
                "endpoint",
                "http://localhost:9",
                "endpointModel",
                "judge",
                "apiKeyVariable",
                "NO_SUCH_KEY");
    }

    @Test
    void create_badPrompts_areRefused() throws Exception {
        String form = ", must be name:path,name:path of JSON Lines files with a prompt each line";
        assertRefused("prompts = null" + form, "prompts", null);
        for (String bad : List.of("sums", ":path", "sums:")) {
            assertRefused("prompts = '" + bad + "'" + form, "prompts", bad);
        }
        String twice = "a:" + PROMPTS + ",a:" + PROMPTS;
        assertRefused("prompts = '" + twice + "' names 'a' twice", "prompts", twice);
        assertRefused(
                "prompts: none.jsonl: there is no such text file", "prompts", "sums:none.jsonl");
        Path file = directory.resolve("bad.jsonl");
        String like = " must be like {\"prompt\": \"2+3=\", \"reference\": \"5\"}";
        String mend = "; write one JSON object a line";
        Map.of(
                        "[1]",
                        "it" + like,
                        "{\"prompt\": 5}",
                        "it" + like,
                        "{\"prompt\": \"2+3=\", \"answer\": 5}",
                        "[answer] is neither prompt nor reference; a line" + like,
                        "{\"prompt\": \"\"}",
                        "its prompt is blank; give a text to answer",
                        "{\"prompt\": \"1\", \"prompt\": \"2\"}",
                        "Duplicate field 'prompt'" + mend,
                        "{\"prompt\": \"1\"} {}",
                        "more follows behind the end" + mend)
                .forEach(
                        (line, problem) -> {
                            write(file, "{\"prompt\": \"2+3=\"}\n" + line + "\n");
                            assertRefused(
                                    "prompts: " + file + " line 2: " + problem,
                                    "prompts",
                                    "sums:" + file);
                        });
        Files.writeString(file, "\n");
        assertRefused(
                "subtask 'sums' has no prompts, must have at least one", "prompts", "sums:" + file);
    }

    @Test
    void create_badTokenizerOrNumbers_areRefused() throws Exception {
        String form = ", must be the tokenizer.json of the model in training";
        assertRefused("tokenizer = null" + form, "tokenizer", null);
        assertRefused("tokenizer = 'none.json'" + form, "tokenizer", "none.json");
        Path file = Files.writeString(directory.resolve("tokenizer.json"), "{}");
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> made("tokenizer", file.toString()))
                        .getMessage();
        assertTrue(
                message.startsWith(
                        "selector 'nice': tokenizer = '" + file + "' is not a tokenizer: "),
                message);
        assertRefused(
                "stopTokens has 1.5, must be token ids, separated by commas", "stopTokens", "1.5");
        assertRefused(
                "timeoutSeconds = 0.0, must be finite and above 0",
                "reward",
                "endpoint",
                "endpoint",
                "http://localhost:9",
                "endpointModel",
                "judge",
                "timeoutSeconds",
                "0");
        assertRefused("mcSamples = 0, must be in [1, 2147483647]", "mcSamples", "0");
        assertRefused("topK = 3000000000, must be in [0, 2147483647]", "topK", "3000000000");
        assertRefused(
                "retries = -3000000000, must be in [0, 2147483647]",
                "reward",
                "endpoint",
                "endpoint",
                "http://localhost:9",
                "endpointModel",
                "judge",
                "retries",
                "-3000000000");
        for (String path : List.of("rewardFile", "scoreDirectory")) {
            assertRefused(
                    "setting " + path + " = ' ' is not a path; name a file or a directory",
                    path,
                    " ");
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
