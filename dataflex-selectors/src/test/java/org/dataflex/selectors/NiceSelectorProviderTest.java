package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
        settings.put("reward", "exact");
        for (int i = 0; i < more.length; i += 2) {
            if (more[i + 1] == null) {
                settings.remove(more[i]);
            } else {
                settings.put(more[i], more[i + 1]);
            }
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
        assertEquals("exact", settings.get("reward"));
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
        assertEquals("numeric", made("reward", "numeric").get("reward"));
    }

    @Test
    void create_badReward_isRefused() {
        String known = ", must be one of exact, numeric, regex, endpoint; set others in Java";
        assertRefused("reward = null" + known, "reward", null);
        assertRefused("reward = 'bleu'" + known, "reward", "bleu");
        assertRefused("pattern = null, reward regex needs it", "reward", "regex");
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
                "prompts: none.jsonl cannot be read: java.nio.file.NoSuchFileException: none.jsonl",
                "prompts",
                "sums:none.jsonl");
        Path file = directory.resolve("bad.jsonl");
        for (String line : List.of("{", "[1]", "{\"prompt\": 5}", "{\"question\": \"2+3\"}")) {
            Files.writeString(file, "{\"prompt\": \"2+3=\"}\n" + line + "\n");
            assertRefused(
                    "prompts: "
                            + file
                            + " line 2 is not like {\"prompt\": \"2+3=\", \"reference\": \"5\"}",
                    "prompts",
                    "sums:" + file);
        }
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
    }
}
