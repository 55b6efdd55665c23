package org.dataflex.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * How a {@link GenerativeBlock} continues prompts; the names in parentheses are those of Hugging
 * Face's {@code generation_config.json}.
 *
 * <p>A token is drawn from softmax(logits / temperature), of which {@code topK} and then {@code
 * topP} keep the likeliest tokens, as in transformers; at temperature 0 it is the likeliest.
 *
 * @param maxNewTokens the most tokens that a prompt is continued by (max_new_tokens)
 * @param temperature what logits are divided by, or 0 to take the likeliest token always
 *     (temperature)
 * @param topK how many of the likeliest tokens are kept, or 0 for all (top_k)
 * @param topP of what is left, the fewest likeliest tokens are kept whose probabilities sum to this
 *     or more (top_p); see <a href="https://arxiv.org/abs/1904.09751">The Curious Case of Neural
 *     Text Degeneration</a>, eq. 2
 * @param stopTokens tokens that end an answer; the answer's last token is then that token, as in
 *     transformers (eos_token_id)
 * @param seed what all draws follow from, or null at temperature 0
 * @param batchSize how many prompts are continued at once; no answer depends on it
 */
public record GenerationOptions(
        int maxNewTokens,
        double temperature,
        int topK,
        double topP,
        Set<Integer> stopTokens,
        Long seed,
        int batchSize) {

    private static final int BATCH_SIZE = 8;

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if some are wrong; the message has a line for each
     */
    public GenerationOptions {
        List<String> wrong = new ArrayList<>();
        if (maxNewTokens < 1) {
            wrong.add("maxNewTokens = " + maxNewTokens + ", must be at least 1");
        }
        if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
            wrong.add("temperature = " + temperature + ", must be finite and at least 0");
        }
        if (topK < 0) {
            wrong.add("topK = " + topK + ", must be at least 0");
        }
        if (!(topP > 0 && topP <= 1)) {
            wrong.add("topP = " + topP + ", must be in (0, 1]");
        }
        if (batchSize < 1) {
            wrong.add("batchSize = " + batchSize + ", must be at least 1");
        }
        if (temperature > 0 && seed == null) {
            wrong.add("no seed, but temperature = " + temperature + " draws tokens; set a seed");
        }
        if (temperature == 0 && (topK > 0 || topP < 1)) {
            wrong.add(
                    "topK = %d and topP = %s choose nothing at temperature 0; set a temperature"
                            .formatted(topK, topP));
        }
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join(System.lineSeparator(), wrong));
        }
        stopTokens = Set.copyOf(stopTokens);
    }

    /**
     * Starts the options; {@code set} is required, {@code opt} optional.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects the settings of {@link GenerationOptions}. */
    public static final class Builder {

        private int maxNewTokens;
        private double temperature;
        private int topK;
        private double topP = 1;
        private final Set<Integer> stopTokens = new TreeSet<>();
        private Long seed;
        private int batchSize = BATCH_SIZE;

        private Builder() {}

        /**
         * Sets the most tokens that a prompt is continued by.
         *
         * @param maxNewTokens at least 1
         * @return this builder
         */
        public Builder setMaxNewTokens(int maxNewTokens) {
            this.maxNewTokens = maxNewTokens;
            return this;
        }

        /**
         * Sets how even the chances of the tokens are.
         *
         * @param temperature finite; 1 for the model's own chances; default: 0, which takes the
         *     likeliest token
         * @return this builder
         */
        public Builder optTemperature(double temperature) {
            this.temperature = temperature;
            return this;
        }

        /**
         * Sets how many of the likeliest tokens may be drawn.
         *
         * @param topK at least 1; default: 0, which is all
         * @return this builder
         */
        public Builder optTopK(int topK) {
            this.topK = topK;
            return this;
        }

        /**
         * Sets the probability that the tokens which may be drawn must have together.
         *
         * @param topP in (0, 1]; default: 1, which is all tokens
         * @return this builder
         */
        public Builder optTopP(double topP) {
            this.topP = topP;
            return this;
        }

        /**
         * Adds tokens that end an answer.
         *
         * @param stopTokens token ids; default: none
         * @return this builder
         */
        public Builder addStopTokens(Iterable<Integer> stopTokens) {
            stopTokens.forEach(this.stopTokens::add);
            return this;
        }

        /**
         * Sets what all draws follow from.
         *
         * @param seed any value; required at a temperature above 0
         * @return this builder
         */
        public Builder optSeed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Sets how many prompts are continued at once; no answer depends on it.
         *
         * @param batchSize at least 1; default: 8
         * @return this builder
         */
        public Builder optBatchSize(int batchSize) {
            this.batchSize = batchSize;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if settings are missing or wrong; the message has a line
         *     for each
         */
        public GenerationOptions build() {
            return new GenerationOptions(
                    maxNewTokens, temperature, topK, topP, stopTokens, seed, batchSize);
        }
    }
}
