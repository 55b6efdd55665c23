package org.dataflex.examples.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {

    @TempDir private Path directory;

    private ConfigFile file(String name, String text) throws IOException {
        return ConfigFile.read(Files.writeString(directory.resolve(name), text));
    }

    private String refusal(String name, String text) {
        return assertThrows(IOException.class, () -> file(name, text)).getMessage();
    }

    @Test
    void values_areTextsAndLists_inTheFilesOrder() throws IOException {
        ConfigFile file =
                file(
                        "a.yaml",
                        """
                        # a comment
                        seed: 7
                        learning_rate: 1.0e-4
                        bf16: true
                        shares: [0.5, 0.5]
                        dataset:
                          - wiki
                          - code
                        unset:
                        mixer:
                          name: odm
                        """);
        assertEquals(
                "{seed=7, learning_rate=1.0E-4, bf16=true, shares=0.5,0.5, dataset=wiki,code}",
                file.values().toString());
        assertEquals(List.of("mixer"), file.sections());
        assertEquals(Map.of("name", "odm"), file.section("mixer").values());
    }

    @Test
    void jsonAndYaml_readTheSame() throws IOException {
        assertEquals(
                file("a.yml", "seed: 7\nlora_target: [q_proj, v_proj]\n").values(),
                file("a.json", "{\"seed\": 7, \"lora_target\": [\"q_proj\", \"v_proj\"]}")
                        .values());
    }

    @Test
    void overrides_replaceAndAdd() throws IOException {
        ConfigFile file = file("a.yaml", "seed: 7\nbf16: true\n");
        assertEquals(
                Map.of("seed", "8", "bf16", "true", "dataset", "a,b"),
                file.with(List.of("seed=8", "dataset=[a, b]")).values());
        assertEquals(Map.of("seed", "7"), file.with(List.of("bf16=")).values());
    }

    @Test
    void override_withoutAKey_isRefused() throws IOException {
        ConfigFile file = file("a.yaml", "seed: 7\n");
        IOException refused = assertThrows(IOException.class, () -> file.with(List.of("--seed")));
        assertEquals(
                "'--seed' is no override; write key=value, such as seed=7", refused.getMessage());
    }

    @Test
    void brokenFiles_areRefusedWithTheLine() {
        String broken = refusal("a.yaml", "seed: 7\nbf16: [true\n");
        assertTrue(broken.startsWith(directory.resolve("a.yaml") + " line "), broken);
        String twice = refusal("b.json", "{\"seed\": 7,\n \"seed\": 8}");
        assertTrue(twice.startsWith(directory.resolve("b.json") + " line 2"), twice);
        assertTrue(twice.contains("seed"), twice);
    }

    @Test
    void otherFiles_areRefused() {
        assertTrue(refusal("a.toml", "seed = 7").endsWith("ends in .yaml, .yml or .json"));
        assertTrue(
                refusal("a.yaml", "- 7\n")
                        .endsWith("must hold keys with values, such as seed: 42"));
    }

    @Test
    void listsOfLists_areRefused() throws IOException {
        ConfigFile file = file("a.yaml", "shares: [[1], [2]]\n");
        IOException refused = assertThrows(IOException.class, file::values);
        assertTrue(
                refused.getMessage().endsWith("shares must be a list of texts or numbers"),
                refused.getMessage());
    }

    @Test
    void missingSection_isRefusedWithThoseThere() throws IOException {
        ConfigFile file = file("a.yaml", "selectors:\n  less:\n    name: less\n");
        IOException refused = assertThrows(IOException.class, () -> file.section("mixers"));
        assertTrue(
                refused.getMessage().endsWith("has no section 'mixers'; it has [selectors]"),
                refused.getMessage());
    }
}
