package org.dataflex.lm;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The settings of {@link Lora}; the names in parentheses are those of PEFT's {@code
 * adapter_config.json}.
 *
 * @param rank features between the two matrices of an adapter, r (r)
 * @param alpha what the adapter's output is multiplied by, times the rank (lora_alpha)
 * @param dropout the probability at which a feature of an adapter's input is zeroed in training
 *     (lora_dropout)
 * @param targets the layers that get an adapter: ends of their names, whole between dots, such as
 *     "q_proj"; empty for all linear layers except the head and routers of experts (target_modules)
 * @param rankStabilized whether to divide by the root of the rank instead (use_rslora)
 */
public record LoraConfig(
        int rank, double alpha, float dropout, Set<String> targets, boolean rankStabilized) {

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if some are wrong; the message has a line for each
     */
    public LoraConfig {
        List<String> wrong = new ArrayList<>();
        if (rank < 1) {
            wrong.add("rank = " + rank + ", must be at least 1");
        }
        if (!(alpha > 0 && alpha < Double.POSITIVE_INFINITY)) {
            wrong.add("alpha = " + alpha + ", must be positive and finite");
        }
        if (!(dropout >= 0 && dropout < 1)) {
            wrong.add("dropout = " + dropout + ", must be in [0, 1)");
        }
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join(System.lineSeparator(), wrong));
        }
        targets = Set.copyOf(targets);
    }

    /**
     * Starts a configuration; {@code set} is required, {@code opt} optional.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns what an adapter's output is multiplied by.
     *
     * @return {@code alpha / rank}, or {@code alpha / sqrt(rank)} if rank-stabilized
     */
    public double scale() {
        return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
    }

    /** Collects the settings of a {@link LoraConfig}. */
    public static final class Builder {

        private int rank;
        private Double alpha;
        private float dropout;
        private final Set<String> targets = new TreeSet<>();
        private boolean rankStabilized;

        private Builder() {}

        /**
         * Sets the features between the two matrices.
         *
         * @param rank at least 1
         * @return this builder
         */
        public Builder setRank(int rank) {
            this.rank = rank;
            return this;
        }

        /**
         * Sets what the output is multiplied by, times the rank.
         *
         * @param alpha positive; default: twice the rank
         * @return this builder
         */
        public Builder optAlpha(double alpha) {
            this.alpha = alpha;
            return this;
        }

        /**
         * Sets how often a feature of the input is zeroed in training.
         *
         * @param dropout a probability below 1; default: 0
         * @return this builder
         */
        public Builder optDropout(float dropout) {
            this.dropout = dropout;
            return this;
        }

        /**
         * Adds layers that get an adapter.
         *
         * @param targets ends of their names, such as "q_proj"; default: all linear layers except
         *     the head and routers of experts
         * @return this builder
         */
        public Builder addTargets(String... targets) {
            this.targets.addAll(List.of(targets));
            return this;
        }

        /**
         * Sets whether to divide by the root of the rank, so that higher ranks learn as fast.
         *
         * @param rankStabilized whether to; default: no
         * @return this builder
         */
        public Builder optRankStabilized(boolean rankStabilized) {
            this.rankStabilized = rankStabilized;
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @return the configuration
         * @throws IllegalArgumentException if settings are missing or wrong; the message has a line
         *     for each
         */
        public LoraConfig build() {
            return new LoraConfig(
                    rank,
                    alpha == null ? Math.max(1, 2.0 * rank) : alpha,
                    dropout,
                    targets,
                    rankStabilized);
        }
    }
}
