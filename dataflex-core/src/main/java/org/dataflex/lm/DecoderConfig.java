package org.dataflex.lm;

/**
 * The sizes of a {@link CausalLm}; the names in parentheses are those of Hugging Face's {@code
 * config.json}.
 *
 * @param vocabularySize tokens that can be told apart, V (vocab_size)
 * @param hiddenSize features of a token, D (hidden_size)
 * @param intermediateSize features inside the MLP, F (intermediate_size)
 * @param numLayers decoder layers (num_hidden_layers)
 * @param numHeads query heads, H (num_attention_heads)
 * @param numKeyValueHeads key and value heads, G, a divisor of {@code numHeads}
 *     (num_key_value_heads)
 * @param headSize features of a head, K, even (head_dim)
 * @param maxPositions the longest sequence, in tokens (max_position_embeddings)
 * @param rmsNormEps what is added to the mean square before its root is taken (rms_norm_eps)
 * @param ropeTheta the base of the rotary frequencies (rope_theta)
 * @param ropeScaling how positions are stretched as in Llama 3.1, or null (rope_scaling)
 * @param slidingWindow how many tokens a token sees, its own included, as in Mistral; 0 for all
 *     before it (sliding_window)
 * @param queryKeyValueBias whether queries, keys and values have a bias, as in Qwen2
 * @param queryKeyNorm whether each head of the queries and keys is normed, as in Qwen3
 * @param tieWordEmbeddings whether the head uses the embedding's matrix (tie_word_embeddings)
 * @param experts the experts that take the MLP's place in every layer, as in Mixtral, Qwen2-MoE and
 *     Qwen3-MoE, or null; {@code intermediateSize} then means nothing
 */
public record DecoderConfig(
        int vocabularySize,
        int hiddenSize,
        int intermediateSize,
        int numLayers,
        int numHeads,
        int numKeyValueHeads,
        int headSize,
        int maxPositions,
        double rmsNormEps,
        double ropeTheta,
        RopeScaling ropeScaling,
        int slidingWindow,
        boolean queryKeyValueBias,
        boolean queryKeyNorm,
        boolean tieWordEmbeddings,
        ExpertConfig experts) {

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if sizes are wrong; the message has a line for each
     */
    public DecoderConfig {
        new DecoderConfigCheck()
                .atLeastOne("vocabularySize", vocabularySize)
                .atLeastOne("hiddenSize", hiddenSize)
                .atLeastOne("intermediateSize", intermediateSize)
                .atLeastOne("numLayers", numLayers)
                .atLeastOne("numHeads", numHeads)
                .atLeastOne("numKeyValueHeads", numKeyValueHeads)
                .atLeastOne("headSize", headSize)
                .atLeastOne("maxPositions", maxPositions)
                .positive("rmsNormEps", rmsNormEps)
                .positive("ropeTheta", ropeTheta)
                .notNegative("slidingWindow", slidingWindow)
                .heads(headSize, numHeads, numKeyValueHeads)
                .done();
    }

    /**
     * Starts a configuration; {@code set} is required, {@code opt} optional.
     *
     * @return a builder
     */
    public static DecoderConfigBuilder builder() {
        return new DecoderConfigBuilder();
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
     * Returns how many numbers the model learns; a tied head counts once.
     *
     * @return the sum of the sizes of all parameters
     */
    public long numParameters() {
        long d = hiddenSize;
        long own = (long) numHeads * headSize;
        long shared = (long) numKeyValueHeads * headSize;
        long attention = 2 * d * (own + shared);
        long biases = queryKeyValueBias ? own + 2 * shared : 0;
        long mlp = experts == null ? 3 * d * intermediateSize : experts.numParameters(d);
        long norms = 2 * d + (queryKeyNorm ? 2 * headSize : 0);
        long embeddings = (tieWordEmbeddings ? 1 : 2) * d * vocabularySize;
        return embeddings + numLayers * (attention + biases + mlp + norms) + d;
    }
}
