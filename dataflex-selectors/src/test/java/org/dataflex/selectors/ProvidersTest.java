package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Strategies;
import org.junit.jupiter.api.Test;

class ProvidersTest {

    @Test
    void names_haveEverySelectorOfThisModule() {
        assertTrue(
                Strategies.names(Selector.class)
                        .containsAll(List.of("delta-loss", "loss", "near", "random", "tsds")));
    }

    @Test
    void create_withoutSettings_hasTheDefaults() {
        assertEquals(new LossSelector().settings(), create("loss", Map.of()).settings());
        assertEquals(new DeltaLossSelector().settings(), create("delta-loss", Map.of()).settings());
        assertEquals(new RandomSelector().settings(), create("random", Map.of()).settings());
    }

    @Test
    void create_withFilesOnly_hasTheDefaults() {
        EmbeddingSource files = EmbeddingSource.files(Path.of("c"), Path.of("t"));
        Map<String, String> settings = Map.of("candidateEmbeddings", "c", "targetEmbeddings", "t");
        assertEquals(
                NearSelector.builder().setEmbeddings(files).build().settings(),
                create("near", settings).settings());
        assertEquals(
                TsdsSelector.builder().setEmbeddings(files).build().settings(),
                create("tsds", settings).settings());
    }

    @Test
    void create_withoutFiles_isRefused() {
        for (String name : List.of("near", "tsds")) {
            assertRefused(
                    "selector '"
                            + name
                            + "': candidateEmbeddings = null, must name a safetensors file with the"
                            + " embeddings of the pool's samples",
                    name,
                    Map.of());
            assertRefused(
                    "selector '"
                            + name
                            + "': targetEmbeddings = , must name a safetensors file with the"
                            + " embeddings of the target set",
                    name,
                    Map.of("candidateEmbeddings", "c", "targetEmbeddings", ""));
        }
    }

    @Test
    void create_unknownSetting_isRefused() {
        assertUnknown(
                "selector 'loss' has no setting 'focusweight'; did you mean 'focusWeight'?",
                "loss",
                "focusweight");
        assertUnknown("selector 'random' has no setting 'seed'", "random", "seed");
    }

    @Test
    void create_malformedSetting_isRefused() {
        assertRefused(
                "selector 'loss': setting focus = 'upper' is not one of low, medium, high",
                "loss",
                Map.of("focus", "upper"));
        assertRefused(
                "selector 'loss': setting temperature = 'warm' is not a finite number",
                "loss",
                Map.of("temperature", "warm"));
        assertRefused(
                "selector 'loss': setting quantiles = '0.3;0.6' is not a finite number",
                "loss",
                Map.of("quantiles", "0.3;0.6"));
    }

    @Test
    void create_settingOutOfRange_isRefused() {
        assertRefused(
                "selector 'loss': focusWeight = -1.0, must be finite and above 0",
                "loss",
                Map.of("focusWeight", "-1"));
        assertRefused(
                "selector 'loss': quantiles = [0.5], must be two numbers: lower,upper",
                "loss",
                Map.of("quantiles", "0.5"));
        assertRefused(
                "selector 'loss': quantiles = 0.6,0.3, must be lower,upper with 0 <= lower <= upper <= 1",
                "loss",
                Map.of("quantiles", "0.6, 0.3"));
    }

    @Test
    void create_misspeltName_isRefused() {
        String message =
                assertThrows(IllegalArgumentException.class, () -> create("randon", Map.of()))
                        .getMessage();
        assertTrue(
                message.startsWith("no selector named 'randon'; did you mean 'random'?"), message);
    }

    private static void assertUnknown(String start, String name, String setting) {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> create(name, Map.of(setting, "1")))
                        .getMessage();
        assertTrue(message.startsWith(start), message);
    }

    private static Selector create(String name, Map<String, String> settings) {
        return Strategies.create(Selector.class, name, settings);
    }

    private static void assertRefused(String message, String name, Map<String, String> settings) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> create(name, settings))
                        .getMessage());
    }
}
