package org.dataflex.lm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.dataflex.checkpoint.StrictJson;
import org.dataflex.model.UnsupportedModelException;

/**
 * PEFT's {@code adapter_config.json}: reads it, refusing what {@link Lora} is not, and writes it.
 */
final class AdapterConfig {

    private static final String ALL_LINEAR = "all-linear";

    /** First values of an adapter that leave the model's own matrices as they are. */
    private static final Set<String> HARMLESS_INITIALIZATIONS =
            Set.of("true", "false", "gaussian", "eva", "orthogonal");

    /** Settings that are read, and those that change nothing about what an adapter computes. */
    private static final Set<String> KNOWN =
            Set.of(
                    "peft_type",
                    "task_type",
                    "r",
                    "lora_alpha",
                    "lora_dropout",
                    "target_modules",
                    "use_rslora",
                    "bias",
                    "init_lora_weights",
                    "base_model_name_or_path",
                    "revision",
                    "inference_mode",
                    "auto_mapping",
                    "peft_version",
                    "megatron_core",
                    "qalora_group_size",
                    "runtime_config");

    private final ObjectNode json;
    private final List<String> refused = new ArrayList<>();

    private AdapterConfig(ObjectNode json) {
        this.json = json;
    }

    /**
     * Reads.
     *
     * @param file the file
     * @return the settings; no targets where they are "all-linear"
     * @throws UnsupportedModelException if {@link Lora} would compute otherwise; a line for each
     *     setting
     * @throws IOException if it cannot be read or is no JSON object
     */
    static LoraConfig read(Path file) throws IOException {
        AdapterConfig config = new AdapterConfig(StrictJson.read(file));
        LoraConfig settings = config.settings();
        if (!config.refused.isEmpty()) {
            throw new UnsupportedModelException(
                    file + " is not supported:\n  " + String.join("\n  ", config.refused));
        }
        return settings;
    }

    private LoraConfig settings() {
        requireOneOf("peft_type", Set.of("LORA"), null);
        requireOneOf("task_type", Set.of("CAUSAL_LM"), "CAUSAL_LM");
        requireOneOf("bias", Set.of("none"), "none");
        requireOneOf("init_lora_weights", HARMLESS_INITIALIZATIONS, "true");
        for (Map.Entry<String, JsonNode> setting : json.properties()) {
            if (!KNOWN.contains(setting.getKey()) && !isOff(setting.getValue())) {
                refuse(setting.getKey(), "must be absent or off");
            }
        }
        require("r", json.path("r").isInt(), "must be a whole number");
        require("lora_alpha", json.path("lora_alpha").isNumber(), "must be a number");
        JsonNode dropout = json.path("lora_dropout");
        require("lora_dropout", dropout.isNumber() || dropout.isMissingNode(), "must be a number");
        JsonNode stabilized = json.path("use_rslora");
        require(
                "use_rslora",
                stabilized.isBoolean() || stabilized.isMissingNode(),
                "must be true or false");
        Set<String> targets = targets();
        return refused.isEmpty() ? build(targets) : null;
    }

    private LoraConfig build(Set<String> targets) {
        try {
            return new LoraConfig(
                    json.path("r").intValue(),
                    json.path("lora_alpha").doubleValue(),
                    json.path("lora_dropout").floatValue(),
                    targets,
                    json.path("use_rslora").booleanValue());
        } catch (IllegalArgumentException e) {
            refused.addAll(e.getMessage().lines().toList());
            return null;
        }
    }

    private void requireOneOf(String key, Set<String> accepted, String otherwise) {
        String value = json.hasNonNull(key) ? json.path(key).asText(null) : otherwise;
        if (value == null || !accepted.contains(value)) {
            refuse(key, "must be " + String.join(", ", new TreeSet<>(accepted)));
        }
    }

    private void require(String key, boolean isRight, String otherwise) {
        if (!isRight) {
            refuse(key, otherwise);
        }
    }

    private static boolean isOff(JsonNode value) {
        return value.isValueNode()
                ? Set.of("null", "false", "").contains(value.asText())
                : value.isEmpty();
    }

    private Set<String> targets() {
        JsonNode targets = json.path("target_modules");
        Set<String> ends = new TreeSet<>();
        if (targets.isTextual()) {
            if (!targets.textValue().equalsIgnoreCase(ALL_LINEAR)) {
                refuse(
                        "target_modules",
                        "regular expressions are not read; list the layers' names");
            }
            return ends;
        }
        for (JsonNode target : targets) {
            require("target_modules", target.isTextual(), "must be names");
            ends.add(target.asText());
        }
        require(
                "target_modules",
                targets.isArray() && !ends.isEmpty(),
                "must be a list of names, or \"all-linear\"");
        return ends;
    }

    private void refuse(String key, String mend) {
        JsonNode value = json.path(key);
        refused.add(key + " = " + (value.isMissingNode() ? "missing" : value) + ", " + mend);
    }

    /**
     * Writes, so that PEFT reads it.
     *
     * @param config the settings
     * @param targets ends of the adapted layers' names
     * @param baseModel what the model is called that the adapters belong to, or null
     * @return JSON
     */
    static String text(LoraConfig config, Set<String> targets, String baseModel) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("peft_type", "LORA").put("task_type", "CAUSAL_LM");
        json.put("base_model_name_or_path", baseModel).putNull("revision");
        json.put("inference_mode", true).putNull("auto_mapping");
        json.put("r", config.rank());
        if (config.alpha() == (int) config.alpha()) {
            json.put("lora_alpha", (int) config.alpha()); // as PEFT declares it
        } else {
            json.put("lora_alpha", config.alpha());
        }
        json.put("lora_dropout", config.dropout()).put("use_rslora", config.rankStabilized());
        ArrayNode names = json.putArray("target_modules");
        new TreeSet<>(targets).forEach(names::add);
        json.put("bias", "none").put("fan_in_fan_out", false).put("init_lora_weights", true);
        json.putNull("modules_to_save").put("use_dora", false);
        json.putNull("layers_to_transform").putNull("layers_pattern");
        json.putObject("rank_pattern");
        json.putObject("alpha_pattern");
        return json.toPrettyString() + "\n";
    }
}
