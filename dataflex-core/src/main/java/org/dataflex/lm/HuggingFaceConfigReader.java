package org.dataflex.lm;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dataflex.model.UnsupportedModelException;

/**
 * Reads a {@code config.json} and refuses what {@link CausalLm} would compute otherwise.
 *
 * <p>A key that is absent or null has the default of transformers' class for the family; a value of
 * a wrong type is refused, see {@link ConfigSettings}.
 */
final class HuggingFaceConfigReader {

    /** A setting that is supported with one value alone, which is also its default. */
    private record Fixed(String key, Object only, String mend) {}

    private static final String OTHER_CHECKPOINT = "use a checkpoint without it";

    /** At the top in transformers 4, within rope_parameters in 5. */
    private static final Fixed WHOLE_HEAD =
            new Fixed("partial_rotary_factor", 1.0, OTHER_CHECKPOINT);

    /** Qwen2-MoE slides in every other layer. */
    private static final Fixed NO_WINDOW =
            new Fixed("use_sliding_window", false, "use a checkpoint that sees all");

    private static final List<Fixed> FIXED =
            List.of(
                    new Fixed("hidden_act", "silu", "use a checkpoint that has it"),
                    new Fixed("mlp_bias", false, OTHER_CHECKPOINT),
                    new Fixed("attention_bias", false, OTHER_CHECKPOINT),
                    new Fixed("attention_dropout", 0.0, "set it to 0"),
                    WHOLE_HEAD,
                    new Fixed("qkv_bias", true, OTHER_CHECKPOINT),
                    new Fixed("quantization_config", null, "use the checkpoint before quantising"));

    private final Path file;
    private final ConfigSettings settings;

    private HuggingFaceConfigReader(Path file, JsonNode json) {
        this.file = file;
        settings = ConfigSettings.of(json);
    }

    /**
     * Reads.
     *
     * @param file where the object comes from
     * @param json an object
     * @return what it says
     * @throws UnsupportedModelException if something is not supported; a line for each
     */
    static HuggingFaceConfig read(Path file, JsonNode json) {
        return new HuggingFaceConfigReader(file, json).read();
    }

    private HuggingFaceConfig read() {
        Optional<ModelFamily> family = family();
        FIXED.forEach(fixed -> requireFixed(fixed, settings));
        requireFixed(WHOLE_HEAD, rope());
        DecoderConfigBuilder sizes = sizes();
        sizes.optRopeTheta(ropeTheta(10_000));
        sizes.optRopeScaling(ropeScaling());
        family.ifPresent(known -> setDefaults(known, sizes));
        ExpertConfigReader experts = new ExpertConfigReader(settings);
        family.ifPresent(known -> sizes.optExperts(experts.read(known)));
        String dataType = dataType();
        Integer bos = first(settings.integers("bos_token_id"));
        List<Integer> eos = settings.integers("eos_token_id");
        Integer pad = first(settings.integers("pad_token_id"));
        DecoderConfig decoder = build(sizes);
        requireTokens(eos, decoder.vocabularySize());
        return new HuggingFaceConfig(family.orElseThrow(), decoder, dataType, bos, eos, pad);
    }

    /** The first id; old files have -1 for none. */
    private static Integer first(List<Integer> ids) {
        return ids.isEmpty() || ids.get(0) < 0 ? null : ids.get(0);
    }

    private void requireTokens(List<Integer> ids, int vocabularySize) {
        for (int id : ids) {
            if (id < 0 || id >= vocabularySize) {
                settings.refuse(
                        "eos_token_id",
                        id,
                        "must be a token id in [0, %d)".formatted(vocabularySize));
            }
        }
        requireNoneRefused();
    }

    /** Builds the sizes if nothing was refused. */
    private DecoderConfig build(DecoderConfigBuilder sizes) {
        DecoderConfig decoder = null;
        if (settings.refused().isEmpty()) {
            try {
                decoder = sizes.build();
            } catch (IllegalArgumentException e) {
                settings.refuse(e.getMessage());
            }
        }
        requireNoneRefused();
        return decoder;
    }

    private void requireNoneRefused() {
        if (!settings.refused().isEmpty()) {
            throw new UnsupportedModelException(
                    file + " is not supported:\n  " + String.join("\n  ", settings.refused()));
        }
    }

    private Optional<ModelFamily> family() {
        JsonNode modelType = settings.get("model_type");
        Optional<ModelFamily> family = ModelFamily.ofModelType(modelType.asText());
        if (family.isEmpty()) {
            String known =
                    Stream.of(ModelFamily.values())
                            .map(ModelFamily::modelType)
                            .collect(Collectors.joining(", "));
            String value = modelType.isTextual() ? modelType.textValue() : shown(modelType);
            settings.refuse("model_type", value, "must be one of " + known);
        }
        List<JsonNode> architectures = settings.list("architectures");
        family.map(ModelFamily::architecture)
                .filter(name -> !architectures.isEmpty())
                .filter(name -> !name.equals(architectures.get(0).textValue()))
                .ifPresent(
                        name ->
                                settings.refuse(
                                        "architectures", architectures.get(0), "must be " + name));
        return family;
    }

    private static String shown(JsonNode value) {
        return value.isMissingNode() ? "missing" : value.toString();
    }

    private static void requireFixed(Fixed fixed, ConfigSettings settings) {
        JsonNode value = settings.get(fixed.key());
        if (!value.isMissingNode() && !isOnly(fixed.only(), value)) {
            String only = fixed.only() == null ? "" : "only " + fixed.only() + " is; ";
            settings.refuse(fixed.key(), value, "not supported, " + only + fixed.mend());
        }
    }

    private static boolean isOnly(Object only, JsonNode value) {
        if (only instanceof Double number) {
            return value.isNumber() && value.doubleValue() == number;
        }
        if (only instanceof Boolean flag) {
            return value.isBoolean() && value.booleanValue() == flag;
        }
        return value.isTextual() && value.textValue().equals(only);
    }

    private DecoderConfigBuilder sizes() {
        DecoderConfigBuilder sizes =
                DecoderConfig.builder()
                        .setVocabularySize(required("vocab_size"))
                        .setHiddenSize(required("hidden_size"))
                        .optIntermediateSize(required("intermediate_size"))
                        .setNumLayers(required("num_hidden_layers"))
                        .setNumHeads(required("num_attention_heads"))
                        .optRmsNormEps(settings.number("rms_norm_eps", 1e-6))
                        .optTieWordEmbeddings(settings.flag("tie_word_embeddings", false));
        if (settings.has("num_key_value_heads")) {
            sizes.optNumKeyValueHeads(settings.integer("num_key_value_heads", 1));
        }
        if (settings.has("head_dim")) {
            sizes.optHeadSize(settings.integer("head_dim", 2));
        }
        return sizes;
    }

    /** Sets what another family has not, or has another default for. */
    private void setDefaults(ModelFamily family, DecoderConfigBuilder sizes) {
        switch (family) {
            case LLAMA -> sizes.optMaxPositions(maxPositions(2_048));
            case MISTRAL -> {
                sizes.optMaxPositions(maxPositions(131_072));
                sizes.optSlidingWindow(slidingWindow(4_096));
                defaultKeyValueHeads(8, sizes);
            }
            case QWEN2 -> {
                setQwenDefaults(sizes);
                sizes.optQueryKeyValueBias(true);
            }
            case QWEN3 -> {
                setQwenDefaults(sizes);
                sizes.optQueryKeyNorm(true).optHeadSize(settings.integer("head_dim", 128));
            }
            case MIXTRAL -> {
                sizes.optMaxPositions(maxPositions(131_072));
                sizes.optSlidingWindow(slidingWindow(0));
                sizes.optRmsNormEps(settings.number("rms_norm_eps", 1e-5));
                sizes.optRopeTheta(ropeTheta(1e6));
                defaultKeyValueHeads(8, sizes);
            }
            case QWEN2_MOE -> {
                sizes.optMaxPositions(maxPositions(32_768)).optQueryKeyValueBias(true);
                requireFixed(NO_WINDOW, settings);
                requireLayers("full_attention");
                defaultKeyValueHeads(16, sizes);
            }
            case QWEN3_MOE -> {
                sizes.optMaxPositions(maxPositions(32_768)).optQueryKeyNorm(true);
                int window = slidingWindow(4_096);
                sizes.optSlidingWindow(settings.flag("use_sliding_window", false) ? window : 0);
                defaultKeyValueHeads(4, sizes);
            }
        }
    }

    private void setQwenDefaults(DecoderConfigBuilder sizes) {
        sizes.optMaxPositions(maxPositions(32_768));
        defaultKeyValueHeads(32, sizes);
        int first = settings.integer("max_window_layers", 28); // layers before it see all
        int window = slidingWindow(4_096);
        boolean slides = settings.flag("use_sliding_window", false) && window > 0;
        slides &= first < settings.integer("num_hidden_layers", 1);
        if (slides && first > 0) {
            settings.refuse(
                    "max_window_layers", first, "only 0 is supported: all layers see alike");
        }
        sizes.optSlidingWindow(slides ? window : 0);
        requireLayers(slides ? "sliding_attention" : "full_attention");
    }

    private void requireLayers(String type) {
        for (JsonNode layer : settings.list("layer_types")) {
            if (!type.equals(layer.textValue())) {
                settings.refuse(
                        "layer_types", layer, "all must be " + type + " by the other settings");
                return;
            }
        }
    }

    private void defaultKeyValueHeads(int absent, DecoderConfigBuilder sizes) {
        if (!settings.has("num_key_value_heads") && !settings.isNull("num_key_value_heads")) {
            sizes.optNumKeyValueHeads(absent);
        }
    }

    private int maxPositions(int absent) {
        return settings.integer("max_position_embeddings", absent);
    }

    /** Returns the window; what is absent has the default, what is null is off. */
    private int slidingWindow(int absent) {
        return settings.integer("sliding_window", settings.isNull("sliding_window") ? 0 : absent);
    }

    /** Returns rope_parameters (transformers 5), else rope_scaling (4), else what has no fields. */
    private ConfigSettings rope() {
        if (settings.has("rope_parameters") && settings.has("rope_scaling")) {
            settings.refuse(
                    "rope_scaling",
                    settings.get("rope_scaling"),
                    "stands beside rope_parameters; keep one of them");
        }
        String key = settings.has("rope_parameters") ? "rope_parameters" : "rope_scaling";
        for (JsonNode value : settings.get(key)) {
            if (value.isObject()) {
                settings.refuse(
                        key, settings.get(key), "must be the same for all layers, without types");
            }
        }
        return settings.object(key);
    }

    private double ropeTheta(double absent) {
        return rope().number("rope_theta", settings.number("rope_theta", absent));
    }

    private RopeScaling ropeScaling() {
        ConfigSettings rope = rope();
        String type = rope.text("rope_type", rope.text("type", "default"));
        if (type.equals("llama3")) {
            return llama3(rope);
        }
        if (!type.equals("default")) {
            boolean isNeeded = type.equals("linear"); // others only lengthen what the model reads
            settings.refuse(
                    "rope_type",
                    type,
                    "only default and llama3 are supported; "
                            + (isNeeded
                                    ? "use a checkpoint without it"
                                    : "without it the model works up to the length of its first"
                                            + " training"));
        }
        return null;
    }

    private RopeScaling llama3(ConfigSettings rope) {
        int before = settings.refused().size();
        try {
            return new RopeScaling(
                    rope.number("factor", 0),
                    rope.number("low_freq_factor", 0),
                    rope.number("high_freq_factor", 0),
                    rope.integer("original_max_position_embeddings", 0));
        } catch (IllegalArgumentException e) {
            if (settings.refused().size() == before) { // else types are wrong, and values stand in
                settings.refuse("rope_type", "llama3", e.getMessage());
            }
            return null;
        }
    }

    private String dataType() {
        String type = settings.text("dtype", settings.text("torch_dtype", "float32"));
        return type.replaceFirst("^torch\\.", "");
    }

    private int required(String key) {
        if (!settings.has(key)) {
            settings.refuse(key, "missing", "must be set");
        }
        return settings.integer(key, 1);
    }
}
