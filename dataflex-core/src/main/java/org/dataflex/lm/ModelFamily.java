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
    QWEN3("qwen3", "Qwen3ForCausalLM");

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
        if (config.queryKeyNorm()) {
            return QWEN3;
        }
        if (config.queryKeyValueBias()) {
            return QWEN2;
        }
        return config.slidingWindow() > 0 ? MISTRAL : LLAMA;
    }

    static Optional<ModelFamily> ofModelType(String modelType) {
        return Arrays.stream(values()).filter(f -> f.modelType.equals(modelType)).findFirst();
    }
}
