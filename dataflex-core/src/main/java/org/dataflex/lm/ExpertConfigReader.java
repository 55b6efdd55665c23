package org.dataflex.lm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what a {@code config.json} says about experts.
 *
 * <p>The number of experts is {@code num_experts} or {@code num_local_experts}: transformers 4 and
 * 5 differ. A key that is absent or null has the default of transformers' class for the family.
 */
final class ExpertConfigReader {

    private final JsonNode json;
    private final List<String> refused = new ArrayList<>();

    /**
     * Looks at a configuration.
     *
     * @param json an object
     */
    ExpertConfigReader(JsonNode json) {
        this.json = json;
    }

    /**
     * Reads.
     *
     * @param family the architecture
     * @return the experts; null if the family has none or something is refused
     */
    ExpertConfig read(ModelFamily family) {
        if (!family.hasExperts()) {
            refuseUnless("num_experts", !json.hasNonNull("num_experts"), "only a Qwen-MoE has it");
            refuseUnless(
                    "num_local_experts",
                    !json.hasNonNull("num_local_experts"),
                    "only mixtral and qwen3_moe have it");
            return null;
        }
        String mend = "not supported, all layers must have experts";
        refuseUnless("mlp_only_layers", json.path("mlp_only_layers").isEmpty(), mend);
        refuseUnless("decoder_sparse_step", number("decoder_sparse_step", 1) == 1, mend);
        double noise = json.path("router_jitter_noise").asDouble(0);
        refuseUnless("router_jitter_noise", noise == 0, "not supported, set it to 0");
        try {
            return experts(family);
        } catch (IllegalArgumentException e) {
            refused.add(e.getMessage());
            return null;
        }
    }

    /**
     * Returns what is wrong.
     *
     * @return a line each
     */
    List<String> refused() {
        return refused;
    }

    private ExpertConfig experts(ModelFamily family) {
        if (family == ModelFamily.MIXTRAL) {
            return ExpertConfig.mixtral(
                    numExperts(8),
                    number("num_experts_per_tok", 2),
                    number("intermediate_size", 1));
        }
        boolean hasShared = family == ModelFamily.QWEN2_MOE;
        return new ExpertConfig(
                numExperts(hasShared ? 60 : 128),
                number("num_experts_per_tok", hasShared ? 4 : 8),
                number("moe_intermediate_size", hasShared ? 1_408 : 768),
                hasShared ? number("shared_expert_intermediate_size", 5_632) : 0,
                json.path("norm_topk_prob").asBoolean(false));
    }

    private int numExperts(int absent) {
        return number("num_experts", number("num_local_experts", absent));
    }

    private int number(String key, int absent) {
        return json.path(key).asInt(absent); // also where it is null
    }

    private void refuseUnless(String key, boolean isSupported, String mend) {
        if (!isSupported) {
            refused.add(key + " = " + json.path(key) + ": " + mend);
        }
    }
}
