package org.dataflex.examples.config;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.dataflex.UpdateSchedule;
import org.dataflex.lm.LoraConfig;
import org.dataflex.strategy.Selector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainConfigTest {

    private static final String LEAST =
            "model_name_or_path: models/tiny\ndataset: wiki\noutput_dir: out\n";

    @TempDir private Path directory;

    private TrainConfig read(String more, String... overrides) throws IOException {
        Path file = Files.writeString(directory.resolve("train.yaml"), least(more) + more);
        return TrainConfig.read(ConfigFile.read(file).with(List.of(overrides)));
    }

    /** The keys that every file needs, but for one that is set otherwise. */
    private static String least(String more) {
        String key = more.replaceAll("(?s):.*", "");
        return LEAST.lines()
                .filter(line -> !line.startsWith(key + ":"))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    private String refusal(String more, String... overrides) {
        String message = assertThrows(IOException.class, () -> read(more, overrides)).getMessage();
        assertTrue(message.startsWith(directory.resolve("train.yaml").toString()), message);
        return message.substring(directory.resolve("train.yaml").toString().length());
    }

    @Test
    void defaults_areLlamaFactorys() throws IOException {
        TrainConfig config = read("");
        assertEquals(ModelKeys.Tuning.LORA, config.model().tuning());
        assertEquals(
                LoraConfig.builder().setRank(8).optAlpha(16).build(),
                config.model().lora().orElseThrow());
        assertEquals(8, config.optimizer().rowsPerStep());
        assertEquals(OptimizerKeys.Decline.LINEAR, config.optimizer().decline());
        assertEquals(1, config.optimizer().clipNorm());
        assertEquals(DataKeys.Stage.SFT, config.data().stage());
        assertEquals(2_048, config.data().cutoff());
        assertEquals(42, config.output().seed());
        assertEquals(3 * 13, config.totalSteps(100));
        assertEquals(List.of(), config.warnings());
    }

    @Test
    void dataFlexsStrategy_isNamedByFileAndComponent() throws IOException {
        Path components =
                Files.writeString(
                        directory.resolve("components.yaml"),
                        """
                        selectors:
                          loss:
                            name: loss
                            params:
                              focus: medium
                              focus_weight: 5.0
                              cache_dir: ../cache
                        """);
        TrainConfig config =
                read(
                        """
                        train_type: dynamic_select
                        component_name: loss
                        components_cfg_file: %s
                        warmup_step: 10
                        update_step: 10
                        update_times: 2
                        num_train_epochs: 1
                        """
                                .formatted(components));
        NamedStrategy selector = config.strategies().strategy("selector").orElseThrow();
        assertEquals("loss", selector.name());
        assertEquals(Map.of("focus", "medium", "focusWeight", "5.0"), selector.settings());
        assertEquals(new UpdateSchedule(10, 10, 2), selector.schedule());
        assertEquals(30, config.totalSteps(1_000));
        assertEquals(1, config.warnings().size());
        assertTrue(config.warnings().get(0).contains("cache_dir"), config.warnings()::toString);
        selector.create(Selector.class);
    }

    @Test
    void sections_nameOneStrategyOfEachKind() throws IOException {
        TrainConfig config =
                read(
                        """
                        selector:
                          name: loss
                          warmup_step: 5
                          update_step: 20
                          focus: high
                        mixer:
                          name: odm
                          alpha: 0.8
                        weighter:
                          name: loss
                          update_times: 1
                        """);
        assertEquals(
                new NamedStrategy(
                        "loss",
                        Map.of("focus", "high"),
                        new UpdateSchedule(5, 20, UpdateSchedule.UNLIMITED)),
                config.strategies().strategy("selector").orElseThrow());
        assertEquals(
                Map.of("alpha", "0.8"),
                config.strategies().strategy("mixer").orElseThrow().settings());
        assertEquals(
                UpdateSchedule.every(1),
                config.strategies().strategy("weighter").orElseThrow().schedule());
    }

    @Test
    void staticMix_takesTheProportions() throws IOException {
        TrainConfig config =
                read(
                        """
                        train_type: dynamic_mix
                        component_name: odm
                        static_mix: true
                        init_mixture_proportions: [0.25, 0.75]
                        """);
        assertTrue(config.strategies().strategy("mixer").isEmpty());
        assertTrue(config.mixture().isStatic());
        assertArrayEquals(new double[] {0.25, 0.75}, config.mixture().proportions());
    }

    @Test
    void misspeltKey_suggestsTheRightOne() {
        String message = refusal("learning_rat: 1\n");
        assertTrue(
                message.startsWith(" has no setting 'learning_rat'; did you mean 'learning_rate'?"),
                message);
    }

    @Test
    void keyThatWouldMatter_isRefusedWithTheMend() {
        String message = refusal("deepspeed: zero3.json\nuse_dora: true\nstreaming: true\n");
        assertTrue(
                message.contains("streaming = true has no effect: data is tokenized once"),
                message);
        assertTrue(message.contains("deepspeed = zero3.json has no effect"), message);
        assertTrue(message.contains("use_dora = true has no effect: adapters are LoRA's"), message);
    }

    @Test
    void keyThatCannotMatter_isAWarning() throws IOException {
        assertEquals(
                List.of("logging_steps = 10 has no effect: every step is logged"),
                read("logging_steps: 10\nfp16: false\noptim: adamw_torch\n").warnings());
    }

    @Test
    void batches_areByCount_orByTokens_andPacked() throws IOException {
        assertEquals(OptionalInt.empty(), read("packing: false\n").optimizer().tokensPerBatch());
        assertFalse(read("").optimizer().packing());
        TrainConfig config = read("tokens_per_batch: 4096\npacking: true\nneat_packing: true\n");
        assertEquals(OptionalInt.of(4096), config.optimizer().tokensPerBatch());
        assertTrue(config.optimizer().packing());
        assertEquals(
                List.of(
                        "neat_packing = true packs the samples of a batch:"
                                + " per_device_train_batch_size counts samples, not rows of"
                                + " cutoff_len tokens"),
                config.warnings());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    learning_rate: fast | learning_rate = 'fast' is not a finite number
                    stage: dpo | setting stage = 'dpo' is not one of pt, sft
                    finetuning_type: oft | is not one of lora, freeze, full
                    lora_rank: 0 | lora_rank = 0, must be at least 1
                    lora_alpha: 0 | lora_alpha = 0.0, must be above 0
                    lora_dropout: 1 | lora_dropout = 1.0, must be at least 0 and below 1
                    freeze_trainable_layers: 0 | freeze_trainable_layers = 0, must be at least 1
                    use_rslora: maybe | setting use_rslora = 'maybe' is not true or false
                    val_size: 1.5 | val_size = 1.5, must be a share below 1 or a whole number
                    cutoff_len: 1 | cutoff_len = 1, must be at least 2
                    cutoff_len: 9999999999 | cutoff_len = 9999999999, must be from 2 to 2147483647
                    max_samples: 0 | max_samples = 0, must be at least 1
                    dataset: | dataset is missing; name what to train on
                    output_dir: | output_dir is missing; name a new directory
                    save_total_limit: 0 | save_total_limit = 0, must be at least 1
                    eval_steps: -1 | eval_steps = -1, must be at least 0
                    learning_rate: -1 | learning_rate = -1.0, must be at least 0
                    weight_decay: -1 | weight_decay = -1.0, must be at least 0
                    adam_beta1: 1 | adam_beta1 = 1.0, must be at least 0 and below 1
                    adam_beta2: 1 | adam_beta2 = 1.0, must be at least 0 and below 1
                    adam_epsilon: 0 | adam_epsilon = 0.0, must be above 0
                    warmup_ratio: 2 | warmup_ratio = 2.0, must be from 0 to 1
                    warmup_steps: -5 | warmup_steps = -5, must be at least 0
                    gradient_accumulation_steps: 0 | gradient_accumulation_steps = 0, must be at least 1
                    gradient_accumulation_steps: 1000000000 | per_device_train_batch_size * gradient_accumulation_steps = 8000000000, must be at most 2147483647
                    train_step: -1 | train_step = -1, must be at least 0
                    warmup_step: -1 | warmup_step = -1, must be at least 0
                    num_train_epochs: 0 | num_train_epochs = 0.0, must be above 0
                    max_grad_norm: -1 | max_grad_norm = -1.0, must be at least 0
                    save_steps: 0 | save_steps = 0, must be at least 1
                    eval_strategy: epoch | eval_strategy = 'epoch', must be steps or no
                    per_device_train_batch_size: 0 | per_device_train_batch_size = 0, must be at least 1
                    tokens_per_batch: 0 | tokens_per_batch = 0, must be at least 1
                    lr_scheduler_type: polynomial | is not one of linear, cosine, constant
                    update_step: -1 | update_step = -1, must be at least 0
                    curriculum: {a: 1} | curriculum is no section; strategies are the sections
                    mixer: {alpha: 1} | mixer: name is missing; name the mixer
                    """)
    void valueThatCannotWork_isRefused(String line, String expected) {
        String message = refusal(line + "\n");
        assertTrue(message.contains(expected), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    packing=true | packing = true lets samples that share a row see each other; set neat_packing = true
                    warmup_ratio=0.1 warmup_steps=5 | warmup_ratio = 0.1 and warmup_steps = 5
                    train_step=5 max_steps=6 | train_step = 5 and max_steps = 6; set one
                    val_size=0.1 eval_dataset=code | val_size and eval_dataset are both set
                    train_on_prompt=true mask_history=true | are both true
                    init_mixture_proportions=1 mixture_sample_rule=uniform | does not use it
                    train_type=dynamic_select update_step=1 | component_name is missing
                    train_type=dynamic_mix component_name=odm | update_step = 0, must be at least 1
                    """)
    void contradictoryKeys_areRefused(String overrides, String expected) {
        String message = refusal("", overrides.strip().split(" "));
        assertTrue(message.contains(expected), message);
    }

    @Test
    void componentThatNobodyAsksFor_isAWarning() throws IOException {
        assertEquals(
                List.of(
                        "component_name = less has no effect: train_type is static; set"
                                + " dynamic_select, dynamic_mix or dynamic_weight"),
                read("component_name: less\n").warnings());
    }

    @Test
    void componentsFile_withoutTheComponent_orWithParametersThatWouldMatter_isRefused()
            throws IOException {
        Path components =
                Files.writeString(
                        directory.resolve("components.yaml"),
                        """
                        selectors:
                          near:
                            name: near
                            params:
                              indices_path: top.npy
                        """);
        String keys = "train_type: dynamic_select\nupdate_step: 5\ncomponents_cfg_file: ";
        IOException missing =
                assertThrows(
                        IOException.class,
                        () -> read(keys + components + "\ncomponent_name: tsds\n"));
        assertEquals(components + ": selectors has no 'tsds'; it has [near]", missing.getMessage());
        String refused = refusal(keys + components + "\ncomponent_name: near\n");
        assertEquals(
                ": selector 'near': indices_path = top.npy has no effect: neighbours are found in"
                        + " the run; give candidateEmbeddings and targetEmbeddings",
                refused);
    }

    @Test
    void strategyTwice_isRefused() {
        String message =
                refusal(
                        "train_type: dynamic_mix\ncomponent_name: odm\nupdate_step: 5\n"
                                + "mixer:\n  name: random\n");
        assertTrue(message.contains("two mixers: one by train_type"), message);
    }

    @Test
    void missingKeys_areNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("none.yaml"), "dataset: wiki\n");
        IOException refused =
                assertThrows(IOException.class, () -> TrainConfig.read(ConfigFile.read(file)));
        assertEquals(
                file
                        + ": model_name_or_path is missing; set it to a Hugging Face model"
                        + " directory",
                refused.getMessage());
    }
}
