package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;

/**
 * Adds to each token what attention and then the MLP make of it: x + attention(norm(x)), then x +
 * mlp(norm(x)). The MLP is a {@link GatedMlp}, or a {@link MixtureOfExperts} of them.
 *
 * <p>Inputs: states [B, T, D] and what {@link CausalSelfAttention} needs beside them. Output: [B,
 * T, D]. Arrays made on the way are freed before it returns.
 */
final class DecoderLayer extends DecoderBlock {

    private final RmsNorm attentionNorm;
    private final CausalSelfAttention attention;
    private final RmsNorm mlpNorm;
    private final DecoderBlock mlp;

    /**
     * Makes the block.
     *
     * @param path what comes before {@code .self_attn} in the parameters' names
     * @param config the sizes
     */
    DecoderLayer(String path, DecoderConfig config) {
        attentionNorm = addNorm(path, "input_layernorm", config);
        attention =
                addChildBlock("self_attn", new CausalSelfAttention(path + ".self_attn", config));
        mlpNorm = addNorm(path, "post_attention_layernorm", config);
        mlp = addChildBlock("mlp", mlp(path, config));
    }

    private static DecoderBlock mlp(String path, DecoderConfig config) {
        int d = config.hiddenSize();
        if (config.experts() == null) {
            return new GatedMlp(path + ".mlp", GatedMlp.PROJECTIONS, d, config.intermediateSize());
        }
        return ModelFamily.of(config) == ModelFamily.MIXTRAL
                ? new MixtureOfExperts(
                        path + ".block_sparse_moe", GatedMlp.NUMBERED, d, config.experts())
                : new MixtureOfExperts(path + ".mlp", GatedMlp.PROJECTIONS, d, config.experts());
    }

    /** The layer's experts, if it has them. */
    Optional<MixtureOfExperts> experts() {
        return mlp instanceof MixtureOfExperts experts ? Optional.of(experts) : Optional.empty();
    }

    private RmsNorm addNorm(String path, String name, DecoderConfig config) {
        return addChildBlock(
                name, new RmsNorm(path + "." + name, config.hiddenSize(), config.rmsNormEps()));
    }

    @Override
    NDArray apply(DecoderPass pass, NDArray x) {
        return pass.freeing(
                () -> {
                    NDArray seen = attention.apply(pass, attentionNorm.apply(pass, x));
                    NDArray mixed = pass.sum(x, seen);
                    return pass.sum(mixed, mlp.apply(pass, mlpNorm.apply(pass, mixed)));
                });
    }

    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        attentionNorm.initialize(manager, dataType, inputShapes[0]);
        attention.initialize(manager, dataType, inputShapes[0]);
        mlpNorm.initialize(manager, dataType, inputShapes[0]);
        mlp.initialize(manager, dataType, inputShapes[0]);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }
}
