package org.dataflex.lm;

/** Collects the sizes of a {@link DecoderConfig}; what is optional defaults as in Llama. */
public final class DecoderConfigBuilder {

    private int vocabularySize;
    private int hiddenSize;
    private Integer intermediateSize;
    private int numLayers;
    private int numHeads;
    private Integer numKeyValueHeads;
    private Integer headSize;
    private int maxPositions = 2_048;
    private double rmsNormEps = 1e-6;
    private double ropeTheta = 10_000;
    private RopeScaling ropeScaling;
    private int slidingWindow;
    private boolean queryKeyValueBias;
    private boolean queryKeyNorm;
    private boolean tieWordEmbeddings;
    private ExpertConfig experts;

    DecoderConfigBuilder() {}

    /**
     * Sets the number of tokens that can be told apart.
     *
     * @param vocabularySize at least 1
     * @return this builder
     */
    public DecoderConfigBuilder setVocabularySize(int vocabularySize) {
        this.vocabularySize = vocabularySize;
        return this;
    }

    /**
     * Sets the features of a token.
     *
     * @param hiddenSize at least 1
     * @return this builder
     */
    public DecoderConfigBuilder setHiddenSize(int hiddenSize) {
        this.hiddenSize = hiddenSize;
        return this;
    }

    /**
     * Sets the number of decoder layers.
     *
     * @param numLayers at least 1
     * @return this builder
     */
    public DecoderConfigBuilder setNumLayers(int numLayers) {
        this.numLayers = numLayers;
        return this;
    }

    /**
     * Sets the number of query heads.
     *
     * @param numHeads at least 1
     * @return this builder
     */
    public DecoderConfigBuilder setNumHeads(int numHeads) {
        this.numHeads = numHeads;
        return this;
    }

    /**
     * Sets the features inside the MLP.
     *
     * @param intermediateSize at least 1; default: 8/3 of the hidden size, rounded up to a multiple
     *     of 8, so that the three matrices have the size of the usual two
     * @return this builder
     */
    public DecoderConfigBuilder optIntermediateSize(int intermediateSize) {
        this.intermediateSize = intermediateSize;
        return this;
    }

    /**
     * Sets the number of key and value heads.
     *
     * @param numKeyValueHeads a divisor of the number of query heads; default: that number
     * @return this builder
     */
    public DecoderConfigBuilder optNumKeyValueHeads(int numKeyValueHeads) {
        this.numKeyValueHeads = numKeyValueHeads;
        return this;
    }

    /**
     * Sets the features of a head.
     *
     * @param headSize even; default: the hidden size divided by the number of query heads
     * @return this builder
     */
    public DecoderConfigBuilder optHeadSize(int headSize) {
        this.headSize = headSize;
        return this;
    }

    /**
     * Sets the longest sequence.
     *
     * @param maxPositions tokens, at least 1; default: 2048
     * @return this builder
     */
    public DecoderConfigBuilder optMaxPositions(int maxPositions) {
        this.maxPositions = maxPositions;
        return this;
    }

    /**
     * Sets what is added to a mean square before its root is taken.
     *
     * @param rmsNormEps positive; default: 1e-6
     * @return this builder
     */
    public DecoderConfigBuilder optRmsNormEps(double rmsNormEps) {
        this.rmsNormEps = rmsNormEps;
        return this;
    }

    /**
     * Sets the base of the rotary frequencies.
     *
     * @param ropeTheta positive; default: 10,000
     * @return this builder
     */
    public DecoderConfigBuilder optRopeTheta(double ropeTheta) {
        this.ropeTheta = ropeTheta;
        return this;
    }

    /**
     * Stretches the positions.
     *
     * @param ropeScaling how, or null; default: null
     * @return this builder
     */
    public DecoderConfigBuilder optRopeScaling(RopeScaling ropeScaling) {
        this.ropeScaling = ropeScaling;
        return this;
    }

    /**
     * Sets how far back a token sees.
     *
     * @param slidingWindow tokens, its own included, or 0 for all; default: 0
     * @return this builder
     */
    public DecoderConfigBuilder optSlidingWindow(int slidingWindow) {
        this.slidingWindow = slidingWindow;
        return this;
    }

    /**
     * Sets whether queries, keys and values have a bias.
     *
     * @param queryKeyValueBias whether they have; default: no
     * @return this builder
     */
    public DecoderConfigBuilder optQueryKeyValueBias(boolean queryKeyValueBias) {
        this.queryKeyValueBias = queryKeyValueBias;
        return this;
    }

    /**
     * Sets whether each head of the queries and keys is normed.
     *
     * @param queryKeyNorm whether it is; default: no
     * @return this builder
     */
    public DecoderConfigBuilder optQueryKeyNorm(boolean queryKeyNorm) {
        this.queryKeyNorm = queryKeyNorm;
        return this;
    }

    /**
     * Sets whether the head uses the embedding's matrix.
     *
     * @param tieWordEmbeddings whether they are one; default: no
     * @return this builder
     */
    public DecoderConfigBuilder optTieWordEmbeddings(boolean tieWordEmbeddings) {
        this.tieWordEmbeddings = tieWordEmbeddings;
        return this;
    }

    /**
     * Puts a mixture of experts in the place of every layer's MLP.
     *
     * @param experts the experts, or null; default: null
     * @return this builder
     */
    public DecoderConfigBuilder optExperts(ExpertConfig experts) {
        this.experts = experts;
        return this;
    }

    /**
     * Makes the configuration.
     *
     * @return the configuration
     * @throws IllegalArgumentException if sizes are missing or wrong; the message has a line for
     *     each
     */
    public DecoderConfig build() {
        return new DecoderConfig(
                vocabularySize,
                hiddenSize,
                intermediateSize == null ? (hiddenSize + 2) / 3 * 8 : intermediateSize,
                numLayers,
                numHeads,
                numKeyValueHeads == null ? numHeads : numKeyValueHeads,
                headSize == null ? DecoderConfigCheck.headSize(hiddenSize, numHeads) : headSize,
                maxPositions,
                rmsNormEps,
                ropeTheta,
                ropeScaling,
                slidingWindow,
                queryKeyValueBias,
                queryKeyNorm,
                tieWordEmbeddings,
                experts);
    }
}
