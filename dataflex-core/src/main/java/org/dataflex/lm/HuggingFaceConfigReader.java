package org.dataflex.lm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dataflex.model.UnsupportedModelException;

/**
 * Reads a {@code config.json} and refuses what {@link CausalLm} would compute otherwise.
 *
 * <p>A key that is absent or null has the default of transformers' class for the family.
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

    private final JsonNode json;
    private final List<String> refused = new ArrayList<>();

    private HuggingFaceConfigReader(JsonNode json) {
        this.json = json;
    }

    /**
     * Reads.
     *
     * @param json an object
     * @return what it says
     * @throws UnsupportedModelException if something is not supported; a line for each
     */
    static HuggingFaceConfig read(JsonNode json) {
        return new HuggingFaceConfigReader(json).read();
    }

    private HuggingFaceConfig read() {
        Optional<ModelFamily> family = family();
        FIXED.forEach(fixed -> requireFixed(fixed, get(fixed.key())));
        requireFixed(WHOLE_HEAD, rope().path(WHOLE_HEAD.key()));
        DecoderConfigBuilder sizes = sizes();
        sizes.optRopeTheta(ropeTheta(10_000));
        sizes.optRopeScaling(ropeScaling());
        family.ifPresent(known -> setDefaults(known, sizes));
        ExpertConfigReader experts = new ExpertConfigReader(json);
        family.ifPresent(known -> sizes.optExperts(experts.read(known)));
        refused.addAll(experts.refused());
        if (!refused.isEmpty()) {
            throw new UnsupportedModelException(String.join(System.lineSeparator(), refused));
        }
        return new HuggingFaceConfig(
                family.orElseThrow(),
                build(sizes),
                dataType(),
                tokenIds("bos_token_id").findFirst().orElse(null),
                tokenIds("eos_token_id").toList(),
                tokenIds("pad_token_id").findFirst().orElse(null));
    }

    private static DecoderConfig build(DecoderConfigBuilder sizes) {
        try {
            return sizes.build();
        } catch (IllegalArgumentException e) {
            throw new UnsupportedModelException(e.getMessage());
        }
    }

    private Optional<ModelFamily> family() {
        String modelType = get("model_type").asText("missing");
        Optional<ModelFamily> family = ModelFamily.ofModelType(modelType);
        if (family.isEmpty()) {
            String known =
                    Stream.of(ModelFamily.values())
                            .map(ModelFamily::modelType)
                            .collect(Collectors.joining(", "));
            refuse("model_type", modelType, "must be one of " + known);
        }
        JsonNode architecture = get("architectures").path(0);
        family.map(ModelFamily::architecture)
                .filter(name -> !architecture.asText(name).equals(name))
                .ifPresent(name -> refuse("architectures", architecture, "must be " + name));
        return family;
    }

    private void requireFixed(Fixed fixed, JsonNode value) {
        boolean isSame =
                value.isMissingNode()
                        || value.isNumber() && ((Double) value.asDouble()).equals(fixed.only())
                        || value.asText().equals(String.valueOf(fixed.only()));
        if (!isSame) {
            String only = fixed.only() == null ? "" : "only " + fixed.only() + " is; ";
            refuse(fixed.key(), value, "not supported, " + only + fixed.mend());
        }
    }

    private DecoderConfigBuilder sizes() {
        DecoderConfigBuilder sizes =
                DecoderConfig.builder()
                        .setVocabularySize(required("vocab_size"))
                        .setHiddenSize(required("hidden_size"))
                        .optIntermediateSize(required("intermediate_size"))
                        .setNumLayers(required("num_hidden_layers"))
                        .setNumHeads(required("num_attention_heads"))
                        .optRmsNormEps(number("rms_norm_eps", 1e-6))
                        .optTieWordEmbeddings(get("tie_word_embeddings").asBoolean(false));
        if (has("num_key_value_heads")) {
            sizes.optNumKeyValueHeads(get("num_key_value_heads").asInt());
        }
        if (has("head_dim")) {
            sizes.optHeadSize(get("head_dim").asInt());
        }
        return sizes;
    }

    /** Sets what another family has not, or has another default for. */
    private void setDefaults(ModelFamily family, DecoderConfigBuilder sizes) {
        switch (family) {
            case LLAMA -> sizes.optMaxPositions(maxPositions(2_048));
            case MISTRAL -> {
                sizes.optMaxPositions(maxPositions(131_072));
                // what is absent has the default, what is null is off
                boolean isOff = json.path("sliding_window").isNull();
                sizes.optSlidingWindow(isOff ? 0 : get("sliding_window").asInt(4_096));
                defaultKeyValueHeads(8, sizes);
            }
            case QWEN2 -> {
                setQwenDefaults(sizes);
                sizes.optQueryKeyValueBias(true);
            }
            case QWEN3 -> {
                setQwenDefaults(sizes);
                sizes.optQueryKeyNorm(true).optHeadSize(get("head_dim").asInt(128));
            }
            case MIXTRAL -> {
                sizes.optMaxPositions(maxPositions(131_072));
                sizes.optSlidingWindow(get("sliding_window").asInt(0));
                sizes.optRmsNormEps(number("rms_norm_eps", 1e-5));
                sizes.optRopeTheta(ropeTheta(1e6));
                defaultKeyValueHeads(8, sizes);
            }
            case QWEN2_MOE -> {
                sizes.optMaxPositions(maxPositions(32_768)).optQueryKeyValueBias(true);
                requireFixed(NO_WINDOW, get(NO_WINDOW.key()));
                requireLayers("full_attention");
                defaultKeyValueHeads(16, sizes);
            }
            case QWEN3_MOE -> {
                sizes.optMaxPositions(maxPositions(32_768)).optQueryKeyNorm(true);
                boolean slides = get("use_sliding_window").asBoolean(false);
                int window = json.path("sliding_window").isNull() ? 0 : 4_096;
                sizes.optSlidingWindow(slides ? get("sliding_window").asInt(window) : 0);
                defaultKeyValueHeads(4, sizes);
            }
        }
    }

    private void setQwenDefaults(DecoderConfigBuilder sizes) {
        sizes.optMaxPositions(maxPositions(32_768));
        defaultKeyValueHeads(32, sizes);
        int first = get("max_window_layers").asInt(28); // layers before it see all
        int window = get("sliding_window").asInt(json.path("sliding_window").isNull() ? 0 : 4_096);
        boolean slides = get("use_sliding_window").asBoolean(false) && window > 0;
        slides &= first < get("num_hidden_layers").asInt();
        if (slides && first > 0) {
            refuse("max_window_layers", first, "only 0 is supported: all layers see alike");
        }
        sizes.optSlidingWindow(slides ? window : 0);
        requireLayers(slides ? "sliding_attention" : "full_attention");
    }

    private void requireLayers(String type) {
        for (JsonNode layer : get("layer_types")) {
            if (!layer.asText().equals(type)) {
                refuse("layer_types", layer, "all must be " + type + " by the other settings");
                return;
            }
        }
    }

    private void defaultKeyValueHeads(int absent, DecoderConfigBuilder sizes) {
        if (!json.has("num_key_value_heads")) {
            sizes.optNumKeyValueHeads(absent);
        }
    }

    private int maxPositions(int absent) {
        return get("max_position_embeddings").asInt(absent);
    }

    /** Returns rope_parameters (transformers 5), else rope_scaling (4), else what has no fields. */
    private JsonNode rope() {
        return has("rope_parameters") ? get("rope_parameters") : get("rope_scaling");
    }

    private double ropeTheta(double absent) {
        return rope().path("rope_theta").asDouble(number("rope_theta", absent));
    }

    private RopeScaling ropeScaling() {
        JsonNode rope = rope();
        String type = rope.path("rope_type").asText(rope.path("type").asText("default"));
        if (type.equals("llama3")) {
            return llama3(rope);
        }
        if (!type.equals("default")) {
            refuse(
                    "rope_type",
                    type,
                    "only default and llama3 are supported; without it the model works up to the"
                            + " length of its first training");
        }
        return null;
    }

    private RopeScaling llama3(JsonNode rope) {
        try {
            return new RopeScaling(
                    rope.path("factor").asDouble(),
                    rope.path("low_freq_factor").asDouble(),
                    rope.path("high_freq_factor").asDouble(),
                    rope.path("original_max_position_embeddings").asInt());
        } catch (IllegalArgumentException e) {
            refuse("rope_type", "llama3", e.getMessage());
            return null;
        }
    }

    private String dataType() {
        JsonNode type = has("dtype") ? get("dtype") : get("torch_dtype");
        return type.asText("float32").replaceFirst("^torch\\.", "");
    }

    /** Returns the one number, the several, or none. */
    private Stream<Integer> tokenIds(String key) {
        JsonNode value = get(key);
        Stream.Builder<Integer> ids = Stream.builder();
        if (value.isNumber()) {
            ids.add(value.asInt());
        }
        value.forEach(id -> ids.add(id.asInt()));
        return ids.build();
    }

    private int required(String key) {
        if (!has(key)) {
            refuse(key, "missing", "must be set");
        }
        return get(key).asInt(1);
    }

    private double number(String key, double absent) {
        return get(key).asDouble(absent);
    }

    private boolean has(String key) {
        return !get(key).isMissingNode();
    }

    /** Returns the value, or what has none if it is absent or null. */
    private JsonNode get(String key) {
        JsonNode value = json.path(key);
        return value.isNull() ? MissingNode.getInstance() : value;
    }

    private void refuse(String key, Object value, String mend) {
        refused.add(key + " = " + value + ": " + mend);
    }
}
