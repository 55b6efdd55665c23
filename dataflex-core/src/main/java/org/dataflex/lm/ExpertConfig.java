package org.dataflex.lm;

/**
 * How the layers of a mixture of experts are made; the names in parentheses are those of Hugging
 * Face's {@code config.json}.
 *
 * @param numExperts experts of a layer, E (num_local_experts, num_experts)
 * @param expertsPerToken how many of them a token goes to, at most E (num_experts_per_tok)
 * @param expertSize features inside an expert (moe_intermediate_size; in Mixtral intermediate_size)
 * @param sharedSize features inside the expert that every token goes to, as in Qwen2-MoE; 0 for
 *     none (shared_expert_intermediate_size)
 * @param normalised whether the weights of a token's experts sum to 1; always in Mixtral
 *     (norm_topk_prob)
 */
public record ExpertConfig(
        int numExperts, int expertsPerToken, int expertSize, int sharedSize, boolean normalised) {

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if sizes are wrong; the message has a line for each
     */
    public ExpertConfig {
        new DecoderConfigCheck()
                .atLeastOne("numExperts", numExperts)
                .atLeastOne("expertsPerToken", expertsPerToken)
                .atLeastOne("expertSize", expertSize)
                .notNegative("sharedSize", sharedSize)
                .done();
        if (expertsPerToken > numExperts) {
            throw new IllegalArgumentException(
                    "expertsPerToken = %d, must be at most numExperts = %d"
                            .formatted(expertsPerToken, numExperts));
        }
    }

    /**
     * Describes Mixtral's layers.
     *
     * @param numExperts experts of a layer
     * @param expertsPerToken how many of them a token goes to
     * @param expertSize features inside an expert
     * @return no shared expert, normalised
     */
    public static ExpertConfig mixtral(int numExperts, int expertsPerToken, int expertSize) {
        return new ExpertConfig(numExperts, expertsPerToken, expertSize, 0, true);
    }

    /** How many numbers the experts and routers of a layer learn. */
    long numParameters(long hiddenSize) {
        long sharedGate = sharedSize > 0 ? 1 : 0;
        long features = 3 * ((long) numExperts * expertSize + sharedSize);
        return hiddenSize * (features + numExperts + sharedGate);
    }
}
