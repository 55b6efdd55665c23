package org.dataflex.lm;

import java.util.Arrays;
import java.util.Optional;
import org.dataflex.model.UnsupportedModelException;

/** The architectures that {@link CausalLm} is one of, as Hugging Face names them. */
public enum ModelFamily {
    /** Llama 2 and 3.x, and whoever adopted their architecture. */
    LLAMA("llama", "LlamaForCausalLM"),
    /** Llama with a sliding window. */
    MISTRAL("mistral", "MistralForCausalLM"),
    /** Qwen2 and Qwen2.5: Llama with biases on queries, keys and values. */
    QWEN2("qwen2", "Qwen2ForCausalLM"),
    /** Llama with normed queries and keys, and a head size of its own. */
    QWEN3("qwen3", "Qwen3ForCausalLM"),
    /** Mistral with experts. */
    MIXTRAL("mixtral", "MixtralForCausalLM"),
    /** Qwen1.5-MoE and Qwen2-MoE: Qwen2 with experts, one of them shared by all tokens. */
    QWEN2_MOE("qwen2_moe", "Qwen2MoeForCausalLM"),
    /** Qwen3 with experts. */
    QWEN3_MOE("qwen3_moe", "Qwen3MoeForCausalLM");

    private final String modelType;
    private final String architecture;

    ModelFamily(String modelType, String architecture) {
        this.modelType = modelType;
        this.architecture = architecture;
    }

    /**
     * Returns the {@code model_type} of {@code config.json}.
     *
     * @return such as "llama"
     */
    public String modelType() {
        return modelType;
    }

    /**
     * Returns the name in the {@code architectures} of {@code config.json}.
     *
     * @return such as "LlamaForCausalLM"
     */
    public String architecture() {
        return architecture;
    }

    /**
     * Returns the family that has what a configuration asks for.
     *
     * @param config the configuration
     * @return the family
     * @throws UnsupportedModelException if none combines them
     */
    public static ModelFamily of(DecoderConfig config) {
        if (config.queryKeyNorm() && config.queryKeyValueBias()) {
            throw new UnsupportedModelException(
                    "no family has both queryKeyNorm (Qwen3) and queryKeyValueBias (Qwen2); drop"
                            + " one of them");
        }
        if (config.experts() != null) {
            return ofExperts(config);
        }
        if (config.queryKeyNorm()) {
            return QWEN3;
        }
        if (config.queryKeyValueBias()) {
            return QWEN2;
        }
        return config.slidingWindow() > 0 ? MISTRAL : LLAMA;
    }

    private static ModelFamily ofExperts(DecoderConfig config) {
        boolean hasShared = config.experts().sharedSize() > 0;
        if (hasShared != config.queryKeyValueBias()) {
            throw new UnsupportedModelException(
                    "sharedSize = %d, queryKeyValueBias = %b: Qwen2-MoE has both a shared expert and"
                                    .formatted(
                                            config.experts().sharedSize(),
                                            config.queryKeyValueBias())
                            + " biases, the other families with experts have neither");
        }
        if (hasShared && config.slidingWindow() > 0) {
            throw new UnsupportedModelException(
                    "slidingWindow = %d: Qwen2-MoE has it in every other layer only; set it to 0"
                            .formatted(config.slidingWindow()));
        }
        if (hasShared || config.queryKeyNorm()) {
            return hasShared ? QWEN2_MOE : QWEN3_MOE;
        }
        if (!config.experts().normalised()) {
            throw new UnsupportedModelException(
                    "normalised = false: Mixtral's weights sum to 1; set it to true, or set"
                            + " queryKeyNorm as Qwen3-MoE does");
        }
        return MIXTRAL;
    }

    /** Tells whether layers have experts. */
    boolean hasExperts() {
        return compareTo(MIXTRAL) >= 0;
    }

    static Optional<ModelFamily> ofModelType(String modelType) {
        return Arrays.stream(values()).filter(f -> f.modelType.equals(modelType)).findFirst();
    }
}
