package org.dataflex.lm;

import java.util.ArrayList;
import java.util.List;

/**
 * The sizes of a {@link CausalLm}; the names in parentheses are those of Hugging Face's {@code
 * config.json}.
 *
 * @param vocabularySize tokens that can be told apart, V (vocab_size)
 * @param hiddenSize features of a token, D, a multiple of {@code numHeads} (hidden_size)
 * @param intermediateSize features inside the MLP, F (intermediate_size)
 * @param numLayers decoder layers (num_hidden_layers)
 * @param numHeads query heads, H (num_attention_heads)
 * @param numKeyValueHeads key and value heads, G, a divisor of {@code numHeads}
 *     (num_key_value_heads)
 * @param maxPositions the longest sequence, in tokens (max_position_embeddings)
 * @param rmsNormEps what is added to the mean square before its root is taken (rms_norm_eps)
 * @param ropeTheta the base of the rotary frequencies (rope_theta)
 * @param tieWordEmbeddings whether the head uses the embedding's matrix (tie_word_embeddings)
 */
public record DecoderConfig(
        int vocabularySize,
        int hiddenSize,
        int intermediateSize,
        int numLayers,
        int numHeads,
        int numKeyValueHeads,
        int maxPositions,
        double rmsNormEps,
        double ropeTheta,
        boolean tieWordEmbeddings) {

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if sizes are wrong; the message has a line for each
     */
    public DecoderConfig {
        List<String> wrong = new ArrayList<>();
        requireAtLeastOne("vocabularySize", vocabularySize, wrong);
        requireAtLeastOne("hiddenSize", hiddenSize, wrong);
        requireAtLeastOne("intermediateSize", intermediateSize, wrong);
        requireAtLeastOne("numLayers", numLayers, wrong);
        requireAtLeastOne("numHeads", numHeads, wrong);
        requireAtLeastOne("numKeyValueHeads", numKeyValueHeads, wrong);
        requireAtLeastOne("maxPositions", maxPositions, wrong);
        requirePositive("rmsNormEps", rmsNormEps, wrong);
        requirePositive("ropeTheta", ropeTheta, wrong);
        if (wrong.isEmpty()) {
            requireWholeHeads(hiddenSize, numHeads, numKeyValueHeads, wrong);
        }
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join(System.lineSeparator(), wrong));
        }
    }

    private static void requireAtLeastOne(String name, int value, List<String> wrong) {
        if (value < 1) {
            wrong.add(name + " = " + value + ", must be at least 1");
        }
    }

    private static void requirePositive(String name, double value, List<String> wrong) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            wrong.add(name + " = " + value + ", must be positive and finite");
        }
    }

    private static void requireWholeHeads(
            int hiddenSize, int numHeads, int numKeyValueHeads, List<String> wrong) {
        int next = (hiddenSize / (2 * numHeads) + 1) * 2 * numHeads;
        if (hiddenSize % numHeads != 0) {
            wrong.add(
                    "hiddenSize = %d is not a multiple of numHeads = %d, try hiddenSize = %d"
                            .formatted(hiddenSize, numHeads, next));
        } else if (hiddenSize / numHeads % 2 != 0) {
            wrong.add(
                    ("hiddenSize / numHeads = %d / %d = %d is odd, but positions turn pairs of"
                                    + " features; try hiddenSize = %d")
                            .formatted(hiddenSize, numHeads, hiddenSize / numHeads, next));
        }
        if (numHeads % numKeyValueHeads != 0) {
            wrong.add(
                    ("numKeyValueHeads = %d does not divide numHeads = %d, so that queries cannot"
                                    + " share keys evenly; numKeyValueHeads = numHeads shares none")
                            .formatted(numKeyValueHeads, numHeads));
        }
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
     * Returns the sizes of a model that learns bytes or characters on a laptop's CPU: 1.5 million
     * parameters beside its embedding of 192 features a token.
     *
     * @param vocabularySize tokens that can be told apart
     * @return 4 layers of 192 features, 6 heads that share 2 keys, up to 512 tokens, a tied head
     * @throws IllegalArgumentException if {@code vocabularySize} is less than 1
     */
    public static DecoderConfig small(int vocabularySize) {
        return builder()
                .setVocabularySize(vocabularySize)
                .setHiddenSize(192)
                .setNumLayers(4)
                .setNumHeads(6)
                .optIntermediateSize(480)
                .optNumKeyValueHeads(2)
                .optMaxPositions(512)
                .optTieWordEmbeddings(true)
                .build();
    }

    /**
     * Returns the features of one head, K.
     *
     * @return {@code hiddenSize / numHeads}, even
     */
    public int headSize() {
        return hiddenSize / numHeads;
    }

    /**
     * Returns how many numbers the model learns; a tied head counts once.
     *
     * @return the sum of the sizes of all parameters
     */
    public long numParameters() {
        long d = hiddenSize;
        long queryAndOutput = 2 * d * d;
        long keyAndValue = 2 * d * numKeyValueHeads * headSize();
        long mlp = 3 * d * intermediateSize;
        long norms = 2 * d;
        long embeddings = (tieWordEmbeddings ? 1 : 2) * d * vocabularySize;
        return embeddings + numLayers * (queryAndOutput + keyAndValue + mlp + norms) + d;
    }

    /** Collects the sizes of a {@link DecoderConfig}; what is optional defaults as in Llama. */
    public static final class Builder {

        private int vocabularySize;
        private int hiddenSize;
        private Integer intermediateSize;
        private int numLayers;
        private int numHeads;
        private Integer numKeyValueHeads;
        private int maxPositions = 2_048;
        private double rmsNormEps = 1e-6;
        private double ropeTheta = 10_000;
        private boolean tieWordEmbeddings;

        private Builder() {}

        /**
         * Sets the number of tokens that can be told apart.
         *
         * @param vocabularySize at least 1
         * @return this builder
         */
        public Builder setVocabularySize(int vocabularySize) {
            this.vocabularySize = vocabularySize;
            return this;
        }

        /**
         * Sets the features of a token.
         *
         * @param hiddenSize an even multiple of the number of heads
         * @return this builder
         */
        public Builder setHiddenSize(int hiddenSize) {
            this.hiddenSize = hiddenSize;
            return this;
        }

        /**
         * Sets the number of decoder layers.
         *
         * @param numLayers at least 1
         * @return this builder
         */
        public Builder setNumLayers(int numLayers) {
            this.numLayers = numLayers;
            return this;
        }

        /**
         * Sets the number of query heads.
         *
         * @param numHeads at least 1
         * @return this builder
         */
        public Builder setNumHeads(int numHeads) {
            this.numHeads = numHeads;
            return this;
        }

        /**
         * Sets the features inside the MLP.
         *
         * @param intermediateSize at least 1; default: 8/3 of the hidden size, rounded up to a
         *     multiple of 8, so that the three matrices have the size of the usual two
         * @return this builder
         */
        public Builder optIntermediateSize(int intermediateSize) {
            this.intermediateSize = intermediateSize;
            return this;
        }

        /**
         * Sets the number of key and value heads.
         *
         * @param numKeyValueHeads a divisor of the number of query heads; default: that number
         * @return this builder
         */
        public Builder optNumKeyValueHeads(int numKeyValueHeads) {
            this.numKeyValueHeads = numKeyValueHeads;
            return this;
        }

        /**
         * Sets the longest sequence.
         *
         * @param maxPositions tokens, at least 1; default: 2048
         * @return this builder
         */
        public Builder optMaxPositions(int maxPositions) {
            this.maxPositions = maxPositions;
            return this;
        }

        /**
         * Sets what is added to a mean square before its root is taken.
         *
         * @param rmsNormEps positive; default: 1e-6
         * @return this builder
         */
        public Builder optRmsNormEps(double rmsNormEps) {
            this.rmsNormEps = rmsNormEps;
            return this;
        }

        /**
         * Sets the base of the rotary frequencies.
         *
         * @param ropeTheta positive; default: 10,000
         * @return this builder
         */
        public Builder optRopeTheta(double ropeTheta) {
            this.ropeTheta = ropeTheta;
            return this;
        }

        /**
         * Sets whether the head uses the embedding's matrix.
         *
         * @param tieWordEmbeddings whether they are one; default: no
         * @return this builder
         */
        public Builder optTieWordEmbeddings(boolean tieWordEmbeddings) {
            this.tieWordEmbeddings = tieWordEmbeddings;
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @return the configuration
         * @throws IllegalArgumentException if sizes are missing or wrong; the message has a line
         *     for each
         */
        public DecoderConfig build() {
            return new DecoderConfig(
                    vocabularySize,
                    hiddenSize,
                    intermediateSize == null ? (hiddenSize + 2) / 3 * 8 : intermediateSize,
                    numLayers,
                    numHeads,
                    numKeyValueHeads == null ? numHeads : numKeyValueHeads,
                    maxPositions,
                    rmsNormEps,
                    ropeTheta,
                    tieWordEmbeddings);
        }
    }
}
