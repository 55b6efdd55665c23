package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.dataflex.data.TokenSequences;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Strategies;
import org.dataflex.testing.CreationContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvidersTest extends CreationContract<Selector> {

    ProvidersTest() {
        super(Selector.class);
    }

    @Test
    void names_haveEverySelectorOfThisModule() {
        assertTrue(
                Strategies.names(Selector.class)
                        .containsAll(
                                List.of(
                                        "cluster-less",
                                        "delta-loss",
                                        "greats",
                                        "less",
                                        "loss",
                                        "near",
                                        "nice",
                                        "random",
                                        "tsds")));
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
    void create_less_hasItsTargetsAndSettings(@TempDir Path directory) throws Exception {
        Path exam = directory.resolve("exam.tokens");
        Path quiz = directory.resolve("quiz.tokens");
        TokenSequences.builder().add(new int[] {1, 2}).add(new int[] {3}).build().save(exam);
        TokenSequences.builder().add(new int[] {4}).build().save(quiz);
        String targets = "exam:" + exam + ", quiz:" + quiz;
        Selector made = create("less", Map.of("targets", targets));
        assertEquals(List.of("exam", "quiz"), List.copyOf(made.targets().keySet()));
        assertEquals(2, made.targets().get("exam").size());
        assertEquals(
                LessSelector.builder()
                        .addSubtask("exam", made.targets().get("exam"))
                        .addSubtask("quiz", made.targets().get("quiz"))
                        .build()
                        .settings(),
                made.settings());
        assertEquals(
                LessSelector.builder()
                        .addSubtask("exam", made.targets().get("exam"))
                        .optPreconditioner(LessSelector.Preconditioning.NONE)
                        .optCompatibility(Compatibility.DATAFLEX)
                        .optParameters(Pattern.compile("lora"))
                        .optChunkSize(7)
                        .build()
                        .settings(),
                create(
                                "less",
                                Map.of(
                                        "targets", "exam:" + exam,
                                        "preconditioner", "none",
                                        "biasCorrection", "false",
                                        "compatibility", "dataflex",
                                        "parameters", "lora",
                                        "chunkSize", "7",
                                        "scoreDirectory", directory.toString()))
                        .settings());
        assertRefused(
                "selector 'less': targets = '%s' names 'exam' twice"
                        .formatted("exam:" + exam + ",exam:" + quiz),
                "less",
                Map.of("targets", "exam:" + exam + ",exam:" + quiz));
        assertRefused(
                "selector 'less': parameters = '(' is not a regular expression: Unclosed group",
                "less",
                Map.of("targets", targets, "parameters", "("));
    }

    @Test
    void create_greats_hasItsTargetsAndSettings(@TempDir Path directory) throws Exception {
        Path exam = directory.resolve("exam.tokens");
        TokenSequences.builder().add(new int[] {1, 2}).add(new int[] {3}).build().save(exam);
        Selector made =
                create(
                        "greats",
                        Map.of(
                                "targets", "exam:" + exam,
                                "learningRate", "0.001",
                                "parameters", "lora"));
        assertEquals(
                GreatsSelector.builder()
                        .setTargets("exam", made.targets().get("exam"))
                        .setLearningRate(0.001)
                        .optParameters(Pattern.compile("lora"))
                        .build()
                        .settings(),
                made.settings());
        assertRefused(
                "selector 'greats': learningRate = 0.0, must be finite and above 0",
                "greats",
                Map.of("targets", "exam:" + exam));
        assertRefused(
                "selector 'greats': targets names [a, b], must be one set; join them into one file",
                "greats",
                Map.of("targets", "a:" + exam + ",b:" + exam, "learningRate", "1"));
    }

    @Test
    void create_withoutReadableTargets_isRefused() {
        String form = ", must be name:path,name:path of files that TokenSequences.save wrote";
        assertRefused("selector 'less': targets = null" + form, "less", Map.of());
        for (String bad : List.of("exam", ":path", "exam:", "")) {
            assertRefused(
                    "selector 'less': targets = '" + bad + "'" + form,
                    "less",
                    Map.of("targets", bad));
        }
        assertRefused(
                "selector 'less': targets: none.tokens: there is no such token file",
                "less",
                Map.of("targets", "exam:none.tokens"));
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
}
