package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.dataflex.model.UnsupportedModelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HuggingFaceConfigTest {

    private static final String SIZES =
            "'vocab_size': 100, 'hidden_size': 64, 'intermediate_size': 96,"
                    + " 'num_hidden_layers': 3, 'num_attention_heads': 4";

    private static final String INTEGER = "must be a whole number, at most 2147483647";

    @TempDir private Path directory;

    private HuggingFaceConfig read(String keys) throws IOException {
        Path file = directory.resolve("config.json");
        Files.writeString(file, ("{" + keys + ", " + SIZES + "}").replace('\'', '"'));
        return HuggingFaceConfig.read(file);
    }

    /** How the message begins for the file that {@link #read} writes. */
    private String unsupported() {
        return directory.resolve("config.json") + " is not supported:\n  ";
    }

    private static DecoderConfigBuilder sizes() {
        return DecoderConfig.builder()
                .setVocabularySize(100)
                .setHiddenSize(64)
                .optIntermediateSize(96)
                .setNumLayers(3)
                .setNumHeads(4);
    }

    @Test
    void read_llama3AsTransformers4SavesIt_hasItsScaling() throws IOException {
        HuggingFaceConfig config =
                read(
                        "'architectures': ['LlamaForCausalLM'], 'model_type': 'llama',"
                                + " 'torch_dtype': 'bfloat16', 'rope_theta': 500000.0,"
                                + " 'rope_scaling': {'rope_type': 'llama3', 'factor': 32.0,"
                                + " 'low_freq_factor': 1.0, 'high_freq_factor': 4.0,"
                                + " 'original_max_position_embeddings': 8192},"
                                + " 'max_position_embeddings': 131072, 'rms_norm_eps': 1e-05,"
                                + " 'num_key_value_heads': 2, 'head_dim': 16,"
                                + " 'hidden_act': 'silu', 'mlp_bias': false,"
                                + " 'attention_bias': false, 'attention_dropout': 0.0,"
                                + " 'tie_word_embeddings': true, 'bos_token_id': 1,"
                                + " 'eos_token_id': [2, 3]");
        DecoderConfig expected =
                sizes().optNumKeyValueHeads(2)
                        .optMaxPositions(131_072)
                        .optRmsNormEps(1e-5)
                        .optRopeTheta(500_000)
                        .optRopeScaling(new RopeScaling(32, 1, 4, 8_192))
                        .optTieWordEmbeddings(true)
                        .build();
        assertEquals(
                new HuggingFaceConfig(
                        ModelFamily.LLAMA, expected, "bfloat16", 1, List.of(2, 3), null),
                config);
    }

    @Test
    void read_rotaryParametersAsTransformers5SavesThem_areFound() throws IOException {
        HuggingFaceConfig config =
                read(
                        "'model_type': 'qwen3', 'dtype': 'float16', 'num_key_value_heads': 4,"
                                + " 'rope_parameters': {'rope_theta': 1e6, 'rope_type': 'default'},"
                                + " 'sliding_window': null, 'eos_token_id': 5, 'pad_token_id': 6");
        DecoderConfig expected =
                sizes().optHeadSize(128)
                        .optMaxPositions(32_768)
                        .optRopeTheta(1e6)
                        .optQueryKeyNorm(true)
                        .build();
        assertEquals(
                new HuggingFaceConfig(ModelFamily.QWEN3, expected, "float16", null, List.of(5), 6),
                config);
    }

    @Test
    void read_settingsAreAbsent_haveTheFamilysDefaults() throws IOException {
        assertEquals(sizes().build(), read("'model_type': 'llama'").decoder());
        assertEquals("float32", read("'model_type': 'llama'").dataType());
        DecoderConfigBuilder mistral = sizes().optMaxPositions(131_072);
        String keys = "'model_type': 'mistral', 'num_key_value_heads': null";
        assertEquals(mistral.optSlidingWindow(4_096).build(), read(keys).decoder());
        keys += ", 'sliding_window': null";
        assertEquals(mistral.optSlidingWindow(0).build(), read(keys).decoder());
        DecoderConfigBuilder qwen2 = sizes().optMaxPositions(32_768).optQueryKeyValueBias(true);
        keys = "'model_type': 'qwen2', 'num_key_value_heads': null";
        assertEquals(qwen2.build(), read(keys).decoder());
        keys += ", 'use_sliding_window': true, 'sliding_window': 7, 'max_window_layers': 0";
        assertEquals(qwen2.optSlidingWindow(7).build(), read(keys).decoder());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'mlp_bias': true|mlp_bias = true: not supported, only false is; use a checkpoint"
                        + " without it",
                "'attention_bias': true|attention_bias = true: not supported, only false is; use a"
                        + " checkpoint without it",
                "'hidden_act': 'gelu'|hidden_act = \"gelu\": not supported, only silu is; use a"
                        + " checkpoint that has it",
                "'attention_dropout': 0.1|attention_dropout = 0.1: not supported, only 0.0 is; set"
                        + " it to 0",
                "'rope_scaling': {'partial_rotary_factor': 0.5}|partial_rotary_factor = 0.5: not"
                        + " supported, only 1.0 is; use a checkpoint without it",
                "'num_local_experts': 8|num_local_experts = 8: only mixtral and qwen3_moe have it",
                "'num_experts': 8|num_experts = 8: only a Qwen-MoE has it",
                "'qkv_bias': false|qkv_bias = false: not supported, only true is; use a checkpoint"
                        + " without it",
                "'quantization_config': {'bits': 4}|quantization_config = {\"bits\":4}: not"
                        + " supported, use the checkpoint before quantising",
                "'rope_scaling': {'type': 'yarn', 'factor': 4}|rope_type = yarn: only default and"
                        + " llama3 are supported; without it the model works up to the length of"
                        + " its first training",
                "'rope_scaling': {'type': 'linear', 'factor': 4}|rope_type = linear: only default"
                        + " and llama3 are supported; use a checkpoint without it",
                "'rope_scaling': {'type': 'default'}, 'rope_parameters': {'rope_theta': 1e6}|"
                        + "rope_scaling = {\"type\":\"default\"}: stands beside rope_parameters;"
                        + " keep one of them",
                "'rope_parameters': {'full_attention': {'rope_type': 'yarn'}}|rope_parameters ="
                        + " {\"full_attention\":{\"rope_type\":\"yarn\"}}: must be the same for all"
                        + " layers, without types",
                "'rope_scaling': {'rope_type': 'llama3', 'factor': 4, 'low_freq_factor': 1,"
                        + " 'high_freq_factor': 4}|rope_type = llama3: originalMaxPositions = 0,"
                        + " must be at least 1",
                "'eos_token_id': [2, 100]|eos_token_id = 100: must be a token id in [0, 100)",
                "'eos_token_id': -1|eos_token_id = -1: must be a token id in [0, 100)",
                "'architectures': ['LlamaForSequenceClassification']|architectures ="
                        + " \"LlamaForSequenceClassification\": must be LlamaForCausalLM",
                "'num_key_value_heads': 3|numKeyValueHeads = 3 does not divide numHeads = 4, so"
                        + " that queries cannot share keys evenly; numKeyValueHeads = numHeads"
                        + " shares none"
            })
    void read_aSettingIsNotSupported_messageNamesItItsValueAndTheMend(String key, String message) {
        Exception e =
                assertThrows(
                        UnsupportedModelException.class,
                        () -> read("'model_type': 'llama', " + key));
        assertEquals(unsupported() + message, e.getMessage());
    }

    /** A setting that is given twice, such as a size, has its last value. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "llama|'rms_norm_eps': 'tiny'|rms_norm_eps = \"tiny\"|must be a finite number",
                "llama|'rms_norm_eps': 1e999|rms_norm_eps = \"Infinity\"|must be a finite number",
                "llama|'rope_theta': 'x'|rope_theta = \"x\"|must be a finite number",
                "llama|'rope_scaling': 'dynamic'|rope_scaling = \"dynamic\"|must be an object",
                "llama|'rope_parameters': [1]|rope_parameters = [1]|must be an object",
                "llama|'rope_parameters': {'rope_theta': '1e6'}|rope_theta = \"1e6\"|"
                        + "must be a finite number",
                "llama|'rope_parameters': {'rope_type': 5}|rope_type = 5|must be text",
                "llama|'rope_scaling': {'type': true}|type = true|must be text",
                "llama|'rope_scaling': {'rope_type': 'llama3', 'factor': '4'}|factor = \"4\"|"
                        + "must be a finite number",
                "llama|'max_position_embeddings': 5e12|max_position_embeddings = 5.0E12|INTEGER",
                "llama|'num_hidden_layers': 'five'|num_hidden_layers = \"five\"|INTEGER",
                "llama|'num_hidden_layers': 5000000000|num_hidden_layers = 5000000000|INTEGER",
                "llama|'hidden_size': 64.9|hidden_size = 64.9|INTEGER",
                "llama|'vocab_size': [100]|vocab_size = [100]|INTEGER",
                "llama|'intermediate_size': {}|intermediate_size = {}|INTEGER",
                "llama|'num_attention_heads': true|num_attention_heads = true|INTEGER",
                "llama|'num_key_value_heads': 2.5|num_key_value_heads = 2.5|INTEGER",
                "llama|'head_dim': '16'|head_dim = \"16\"|INTEGER",
                "llama|'tie_word_embeddings': 'false'|tie_word_embeddings = \"false\"|"
                        + "must be true or false",
                "llama|'tie_word_embeddings': 1|tie_word_embeddings = 1|must be true or false",
                "llama|'mlp_bias': 'false'|mlp_bias = \"false\"|"
                        + "not supported, only false is; use a checkpoint without it",
                "llama|'attention_dropout': '0.0'|attention_dropout = \"0.0\"|"
                        + "not supported, only 0.0 is; set it to 0",
                "llama|'architectures': 'LlamaForCausalLM'|architectures = \"LlamaForCausalLM\"|"
                        + "must be a list",
                "llama|'dtype': 16|dtype = 16|must be text",
                "llama|'torch_dtype': ['float32']|torch_dtype = [\"float32\"]|must be text",
                "llama|'bos_token_id': '<s>'|bos_token_id = \"<s>\"|INTEGER, or a list of them",
                "llama|'eos_token_id': [2, 3.5]|eos_token_id = [2,3.5]|INTEGER, or a list of them",
                "llama|'pad_token_id': {'id': 1}|pad_token_id = {\"id\":1}|"
                        + "INTEGER, or a list of them",
                "mistral|'sliding_window': '64'|sliding_window = \"64\"|INTEGER",
                "qwen2|'max_window_layers': true|max_window_layers = true|INTEGER",
                "qwen2|'use_sliding_window': 'yes'|use_sliding_window = \"yes\"|"
                        + "must be true or false",
                "qwen3|'layer_types': 'full_attention'|layer_types = \"full_attention\"|"
                        + "must be a list",
                "qwen3_moe|'num_experts': '8'|num_experts = \"8\"|INTEGER",
                "qwen3_moe|'norm_topk_prob': 1|norm_topk_prob = 1|must be true or false",
                "qwen3_moe|'mlp_only_layers': 1|mlp_only_layers = 1|must be a list",
                "qwen3_moe|'decoder_sparse_step': 1.5|decoder_sparse_step = 1.5|INTEGER",
                "qwen2_moe|'shared_expert_intermediate_size': 5e10|shared_expert_intermediate_size = 5.0E10|"
                        + "INTEGER",
                "mixtral|'router_jitter_noise': 'none'|router_jitter_noise = \"none\"|"
                        + "must be a finite number",
                "mixtral|'num_experts_per_tok': '2'|num_experts_per_tok = \"2\"|INTEGER",
            })
    void read_valueOfAWrongType_isRefusedByKeyValueAndWhatItMustBe(
            String family, String setting, String keyAndValue, String mend) throws IOException {
        String keys = SIZES + ", 'num_key_value_heads': 4, " + setting;
        Path file = directory.resolve("config.json");
        Files.writeString(
                file, ("{'model_type': '" + family + "', " + keys + "}").replace('\'', '"'));
        Exception e =
                assertThrows(UnsupportedModelException.class, () -> HuggingFaceConfig.read(file));
        assertEquals(
                unsupported() + keyAndValue + ": " + mend.replace("INTEGER", INTEGER),
                e.getMessage());
    }

    @Test
    void read_nullsAndWholeNumbersWithAPoint_areAccepted() throws IOException {
        String nulls =
                "'model_type': 'llama', 'rms_norm_eps': null, 'rope_theta': null,"
                        + " 'rope_scaling': null, 'max_position_embeddings': null,"
                        + " 'num_key_value_heads': null, 'head_dim': null, 'hidden_act': null,"
                        + " 'tie_word_embeddings': null, 'torch_dtype': null,"
                        + " 'architectures': null, 'bos_token_id': null, 'mlp_bias': null";
        assertEquals(read("'model_type': 'llama'"), read(nulls));
        String points =
                "'model_type': 'llama', 'max_position_embeddings': 2.048e3, 'head_dim': 16.0,"
                        + " 'attention_dropout': 0, 'rope_theta': 10000";
        assertEquals(read("'model_type': 'llama'"), read(points));
    }

    @Test
    void read_severalAreWrong_messageHasALineForEach() {
        Exception e =
                assertThrows(
                        UnsupportedModelException.class,
                        () -> read("'model_type': 'gemma', 'mlp_bias': true"));
        assertEquals(
                List.of(
                        directory.resolve("config.json") + " is not supported:",
                        "  model_type = gemma: must be one of llama, mistral, qwen2, qwen3, mixtral,"
                                + " qwen2_moe, qwen3_moe",
                        "  mlp_bias = true: not supported, only false is; use a checkpoint without"
                                + " it"),
                e.getMessage().lines().toList());
    }

    @Test
    void read_someLayersSlide_isRefused() {
        String keys =
                "'model_type': 'qwen2', 'use_sliding_window': true, 'sliding_window': 7,"
                        + " 'num_key_value_heads': 4, 'max_window_layers': 1";
        Exception e = assertThrows(UnsupportedModelException.class, () -> read(keys));
        assertEquals(
                unsupported() + "max_window_layers = 1: only 0 is supported: all layers see alike",
                e.getMessage());
    }

    @Test
    void read_layersSayOtherwise_isRefused() {
        String keys =
                "'model_type': 'qwen3', 'num_key_value_heads': 4, 'layer_types':"
                        + " ['full_attention', 'sliding_attention', 'full_attention']";
        Exception e = assertThrows(UnsupportedModelException.class, () -> read(keys));
        assertEquals(
                unsupported()
                        + "layer_types = \"sliding_attention\": all must be full_attention by the other"
                        + " settings",
                e.getMessage());
    }

    @Test
    void read_sizesAreMissing_messageNamesThem() throws IOException {
        Path file = Files.writeString(directory.resolve("c"), "{\"model_type\": \"llama\"}");
        Exception e =
                assertThrows(UnsupportedModelException.class, () -> HuggingFaceConfig.read(file));
        assertEquals(1 + 5, e.getMessage().lines().count());
        assertTrue(
                e.getMessage()
                        .startsWith(
                                file + " is not supported:\n  vocab_size = missing: must be set\n"),
                e.getMessage());
    }

    @Test
    void read_noJson_isAnIoException() throws IOException {
        Path file = Files.writeString(directory.resolve("c"), "vocab_size: 3");
        assertThrows(IOException.class, () -> HuggingFaceConfig.read(file));
        Files.writeString(file, "{\"vocab_size\": 3,");
        Exception e = assertThrows(IOException.class, () -> HuggingFaceConfig.read(file));
        assertFalse(e.getMessage().contains("Source"), e.getMessage());
        Files.writeString(file, "[]");
        e = assertThrows(IOException.class, () -> HuggingFaceConfig.read(file));
        assertEquals(file + " holds no JSON object", e.getMessage());
        Files.write(file, new byte[] {'{', '"', (byte) 0xe4, '"'});
        e = assertThrows(IOException.class, () -> HuggingFaceConfig.read(file));
        assertEquals(file + " is not UTF-8; get the file anew", e.getMessage());
    }

    @Test
    void stopTokens_areThoseThatGenerationIsConfiguredWith() throws IOException {
        HuggingFaceConfig config =
                read("'model_type': 'llama', 'eos_token_id': 2, 'bos_token_id': -1");
        assertEquals(null, config.bosTokenId());
        assertEquals(Set.of(2), config.stopTokenIds(directory));
        Path file = directory.resolve("generation_config.json");
        for (String none : List.of("{}", "{\"eos_token_id\": null}")) {
            Files.writeString(file, none);
            assertEquals(Set.of(2), config.stopTokenIds(directory));
        }
        Files.writeString(file, "{\"eos_token_id\": 7}");
        assertEquals(Set.of(7), config.stopTokenIds(directory));
        Files.writeString(file, "{\"eos_token_id\": [2, 7, 99]}");
        assertEquals(Set.of(2, 7, 99), config.stopTokenIds(directory));
        for (String bad : List.of("-1", "100", "1.5", "\"</s>\"")) {
            Files.writeString(file, "{\"eos_token_id\": [2, " + bad + "]}");
            Exception e = assertThrows(IOException.class, () -> config.stopTokenIds(directory));
            assertEquals(
                    file + ": eos_token_id has " + bad + ", must be token ids in [0, 100)",
                    e.getMessage());
        }
    }

    @Test
    void read_noFile_namesIt() {
        Path file = directory.resolve("config.json");
        Exception e = assertThrows(IOException.class, () -> HuggingFaceConfig.read(file));
        assertEquals(
                file + " is not there; name a model directory as transformers saves it",
                e.getMessage());
    }

    @Test
    void write_anyFamily_isReadAsItWas() throws IOException {
        Path file = directory.resolve("config.json");
        RopeScaling scaling = new RopeScaling(8, 1, 4, 16);
        for (DecoderConfig decoder :
                List.of(
                        sizes().optRopeScaling(scaling).optNumKeyValueHeads(2).build(),
                        sizes().optSlidingWindow(9).optTieWordEmbeddings(true).build(),
                        sizes().optQueryKeyValueBias(true).optSlidingWindow(9).build(),
                        sizes().optQueryKeyValueBias(true).optMaxPositions(77).build(),
                        sizes().optQueryKeyNorm(true).optHeadSize(32).build(),
                        sizes().optExperts(ExpertConfig.mixtral(4, 2, 96)).build(),
                        sizes().optQueryKeyValueBias(true)
                                .optExperts(new ExpertConfig(4, 3, 40, 50, true))
                                .build(),
                        sizes().optQueryKeyNorm(true)
                                .optSlidingWindow(9)
                                .optExperts(new ExpertConfig(4, 3, 40, 0, false))
                                .build())) {
            ModelFamily family = ModelFamily.of(decoder);
            HuggingFaceConfig config =
                    new HuggingFaceConfig(family, decoder, "bfloat16", 1, List.of(2, 3), 0);
            config.write(file);
            assertEquals(config, HuggingFaceConfig.read(file));
            HuggingFaceConfig.of(decoder).write(file);
            assertEquals(HuggingFaceConfig.of(decoder), HuggingFaceConfig.read(file));
        }
    }

    @Test
    void read_settingsOfExpertsAreAbsent_haveTheFamilysDefaults() throws IOException {
        assertEquals(
                sizes().optMaxPositions(131_072)
                        .optRmsNormEps(1e-5)
                        .optRopeTheta(1e6)
                        .optNumKeyValueHeads(2)
                        .optExperts(ExpertConfig.mixtral(8, 2, 96))
                        .build(),
                read("'model_type': 'mixtral', 'num_key_value_heads': 2").decoder());
        assertEquals(
                new ExpertConfig(60, 4, 1_408, 5_632, false),
                read("'model_type': 'qwen2_moe', 'num_key_value_heads': 2").decoder().experts());
        DecoderConfig qwen3 = read("'model_type': 'qwen3_moe'").decoder();
        assertEquals(new ExpertConfig(128, 8, 768, 0, false), qwen3.experts());
        assertEquals(0, qwen3.slidingWindow());
        assertEquals(16, qwen3.headSize());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "qwen3_moe|'mlp_only_layers': [1]|mlp_only_layers = [1]: not supported, all layers"
                        + " must have experts",
                "qwen3_moe|'decoder_sparse_step': 2|decoder_sparse_step = 2: not supported, all"
                        + " layers must have experts",
                "mixtral|'router_jitter_noise': 0.1|router_jitter_noise = 0.1: not supported, set"
                        + " it to 0",
                "mixtral|'num_experts_per_tok': 9|expertsPerToken = 9, must be at most numExperts ="
                        + " 8",
                "qwen2_moe|'use_sliding_window': true|use_sliding_window = true: not supported,"
                        + " only false is; use a checkpoint that sees all",
            })
    void read_expertsThatAreNotSupported_messageNamesTheMend(
            String family, String key, String message) {
        String keys = "'model_type': '%s', 'num_key_value_heads': 2, %s".formatted(family, key);
        Exception e = assertThrows(UnsupportedModelException.class, () -> read(keys));
        assertEquals(unsupported() + message, e.getMessage());
    }

    @Test
    void of_expertsThatNoFamilyHas_isRefused() {
        assertRefused(
                "sharedSize = 5, queryKeyValueBias = false: Qwen2-MoE has both a shared expert and"
                        + " biases, the other families with experts have neither",
                sizes().optExperts(new ExpertConfig(4, 2, 6, 5, true)));
        assertRefused(
                "slidingWindow = 3: Qwen2-MoE has it in every other layer only; set it to 0",
                sizes().optQueryKeyValueBias(true)
                        .optSlidingWindow(3)
                        .optExperts(new ExpertConfig(4, 2, 6, 5, true)));
        assertRefused(
                "normalised = false: Mixtral's weights sum to 1; set it to true, or set"
                        + " queryKeyNorm as Qwen3-MoE does",
                sizes().optExperts(new ExpertConfig(4, 2, 6, 0, false)));
    }

    private static void assertRefused(String message, DecoderConfigBuilder sizes) {
        Exception e =
                assertThrows(UnsupportedModelException.class, () -> new CausalLm(sizes.build(), 1));
        assertEquals(message, e.getMessage());
    }

    @Test
    void of_whatNoFamilyCombines_isRefused() {
        DecoderConfig both = sizes().optQueryKeyNorm(true).optQueryKeyValueBias(true).build();
        assertThrows(UnsupportedModelException.class, () -> HuggingFaceConfig.of(both));
    }
}
