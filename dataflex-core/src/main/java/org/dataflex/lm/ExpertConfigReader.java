package org.dataflex.lm;

/**
 * Reads what a {@code config.json} says about experts.
 *
 * <p>The number of experts is {@code num_experts} or {@code num_local_experts}: transformers 4 and
 * 5 differ. A key that is absent or null has the default of transformers' class for the family.
 */
final class ExpertConfigReader {

    private final ConfigSettings settings;

    /**
     * Looks at a configuration.
     *
     * @param settings what is refused of them is refused there
     */
    ExpertConfigReader(ConfigSettings settings) {
        this.settings = settings;
    }

    /**
     * Reads.
     *
     * @param family the architecture
     * @return the experts; null if the family has none or something is refused
     */
    ExpertConfig read(ModelFamily family) {
        if (!family.hasExperts()) {
            refuseUnless("num_experts", !settings.has("num_experts"), "only a Qwen-MoE has it");
            refuseUnless(
                    "num_local_experts",
                    !settings.has("num_local_experts"),
                    "only mixtral and qwen3_moe have it");
            return null;
        }
        String mend = "not supported, all layers must have experts";
        refuseUnless("mlp_only_layers", settings.list("mlp_only_layers").isEmpty(), mend);
        refuseUnless("decoder_sparse_step", number("decoder_sparse_step", 1) == 1, mend);
        double noise = settings.number("router_jitter_noise", 0);
        refuseUnless("router_jitter_noise", noise == 0, "not supported, set it to 0");
        try {
            return experts(family);
        } catch (IllegalArgumentException e) {
            settings.refuse(e.getMessage());
            return null;
        }
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
                settings.flag("norm_topk_prob", false));
    }

    private int numExperts(int absent) {
        return number("num_experts", number("num_local_experts", absent));
    }

    private int number(String key, int absent) {
        return settings.integer(key, absent);
    }

    private void refuseUnless(String key, boolean isSupported, String mend) {
        if (!isSupported) {
            settings.refuse(key, settings.get(key), mend);
        }
    }
}
