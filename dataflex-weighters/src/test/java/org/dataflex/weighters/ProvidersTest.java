package org.dataflex.weighters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dataflex.data.TokenSequences;
import org.dataflex.strategy.Strategies;
import org.dataflex.strategy.Weighter;
import org.dataflex.testing.CreationContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvidersTest extends CreationContract<Weighter> {

    ProvidersTest() {
        super(Weighter.class);
    }

    @Test
    void names_haveEveryWeighterOfThisModule() {
        assertTrue(
                Strategies.names(Weighter.class)
                        .containsAll(List.of("adapt", "joint-update-aware", "loss", "uniform")));
    }

    @Test
    void create_withoutSettings_hasTheDefaults() {
        assertEquals(new LossBasedWeighter().settings(), create("loss", Map.of()).settings());
        assertEquals(new UniformWeighter().settings(), create("uniform", Map.of()).settings());
    }

    @Test
    void create_withTargets_hasThem(@TempDir Path directory) throws IOException {
        Path exam = directory.resolve("exam.tokens");
        TokenSequences.builder().add(new int[] {1, 2}).build().save(exam);
        for (String name : List.of("adapt", "joint-update-aware")) {
            Weighter weighter =
                    create(name, Map.of("targets", "exam:" + exam, "temperature", "0.3"));
            assertEquals(1, weighter.targets().get("exam").size());
            assertEquals("0.3", weighter.settings().get("temperature"));
            String message =
                    assertThrows(IllegalArgumentException.class, () -> create(name, Map.of()))
                            .getMessage();
            assertTrue(
                    message.startsWith(
                            "weighter '" + name + "': targets = null, must be name:path"),
                    message);
            assertRefused(
                    "weighter '"
                            + name
                            + "': targets names [a, b], must be one set; join them into one file",
                    name,
                    Map.of("targets", "a:" + exam + ",b:" + exam));
        }
    }

    @Test
    void create_lossWeighterWithEverySetting_hasThem() {
        Map<String, String> settings =
                Map.of(
                        "scope", "moving",
                        "window", "3",
                        "decay", "0.5",
                        "quantile", "0.25",
                        "finalTemperature", "0.5",
                        "temperatureSchedule", "cosine");
        Map<String, String> made = create("loss", settings).settings();
        settings.forEach((name, value) -> assertEquals(value, made.get(name), name));
    }

    @Test
    void create_unknownSetting_isRefused() {
        assertUnknown(
                "weighter 'loss' has no setting 'temprature'; did you mean 'temperature'?",
                "loss",
                "temprature");
        assertUnknown("weighter 'uniform' has no setting 'delta'", "uniform", "delta");
    }

    @Test
    void create_malformedSetting_isRefused() {
        assertRefused(
                "weighter 'loss': setting strategy = 'linear' is not one of linupper, upper,"
                        + " quadratic, extremes, uniform",
                Map.of("strategy", "linear"));
        assertRefused(
                "weighter 'loss': setting compatibility = 'python' is not one of none, dataflex",
                Map.of("compatibility", "python"));
        assertRefused(
                "weighter 'loss': setting delta = '1,5' is not a finite number",
                Map.of("delta", "1,5"));
    }

    @Test
    void create_settingOutOfRange_isRefused() {
        assertRefused(
                "weighter 'loss': temperature = 0.0, must be finite and above 0",
                Map.of("temperature", "0"));
        assertRefused(
                "weighter 'loss': delta = -1.0, must be finite and above 0", Map.of("delta", "-1"));
    }

    @Test
    void create_misspeltName_isRefused() {
        String message =
                assertThrows(IllegalArgumentException.class, () -> create("unifrom", Map.of()))
                        .getMessage();
        assertTrue(
                message.startsWith("no weighter named 'unifrom'; did you mean 'uniform'?"),
                message);
    }

    private void assertRefused(String message, Map<String, String> settings) {
        assertRefused(message, "loss", settings);
    }
}
