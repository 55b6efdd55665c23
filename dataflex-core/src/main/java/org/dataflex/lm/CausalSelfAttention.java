package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.dataflex.torch.TorchOps;

/**
 * Lets each token gather features from itself and the tokens before it.
 *
 * <p>Per head: softmax(q k^T / sqrt(K)) v over the keys that may be seen, with queries and keys
 * turned by {@link RotaryEmbedding}. H query heads share G key and value heads, H/G neighbours
 * each. Qwen2 adds biases to q, k and v; Qwen3 norms each head of q and k before it is turned. See
 * <a href="https://arxiv.org/abs/1706.03762">Attention Is All You Need</a>, eq. 1, and <a
 * href="https://arxiv.org/abs/2305.13245">GQA</a>.
 *
 * <p>Inputs: states [B, T, D], cosines and sines [T, K], and the mask if {@link VisibleTokens}
 * makes one. Output: [B, T, D].
 */
final class CausalSelfAttention extends AbstractBlock {

    private final LinearLayer query;
    private final LinearLayer key;
    private final LinearLayer value;
    private final LinearLayer output;

    /** The norms of a head's query and key, or null where there are none. */
    private final RmsNorm queryNorm;

    private final RmsNorm keyNorm;
    private final int headSize;

    /**
     * Makes the block.
     *
     * @param path what comes before {@code .q_proj.weight} in the parameters' names
     * @param config the sizes
     */
    CausalSelfAttention(String path, DecoderConfig config) {
        headSize = config.headSize();
        int d = config.hiddenSize();
        int own = config.numHeads() * headSize;
        int shared = config.numKeyValueHeads() * headSize;
        boolean hasBias = config.queryKeyValueBias();
        query = addChildBlock("q_proj", new LinearLayer(path + ".q_proj", d, own, hasBias));
        key = addChildBlock("k_proj", new LinearLayer(path + ".k_proj", d, shared, hasBias));
        value = addChildBlock("v_proj", new LinearLayer(path + ".v_proj", d, shared, hasBias));
        output = addChildBlock("o_proj", new LinearLayer(path + ".o_proj", own, d, false));
        queryNorm = config.queryKeyNorm() ? addNorm(path, "q_norm", config) : null;
        keyNorm = config.queryKeyNorm() ? addNorm(path, "k_norm", config) : null;
    }

    private RmsNorm addNorm(String path, String name, DecoderConfig config) {
        return addChildBlock(name, new RmsNorm(path + "." + name, headSize, config.rmsNormEps()));
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        NDList x = inputs.subNDList(0, 1);
        NDArray cosines = inputs.get(1);
        NDArray sines = inputs.get(2);
        NDArray mask = inputs.size() > 3 ? inputs.get(3) : null;

        NDList q = heads(query.forward(store, x, training)); // [B, T, H, K]
        NDList k = heads(key.forward(store, x, training)); // [B, T, G, K]
        NDList v = heads(value.forward(store, x, training)); // [B, T, G, K]
        if (queryNorm != null) {
            q = queryNorm.forward(store, q, training);
            k = keyNorm.forward(store, k, training);
        }
        NDArray mixed =
                TorchOps.attention(
                        TorchOps.rotary(headsFirst(q), cosines, sines), // [B, H, T, K]
                        TorchOps.rotary(headsFirst(k), cosines, sines), // [B, G, T, K]
                        headsFirst(v), // [B, G, T, K]
                        mask,
                        true);
        Shape shape = x.get(0).getShape();
        mixed = mixed.transpose(0, 2, 1, 3).reshape(shape.get(0), shape.get(1), -1); // [B, T, H*K]
        return output.forward(store, new NDList(mixed), training);
    }

    /** Sets the heads apart: [B, T, n*K] to [B, T, n, K]. */
    private NDList heads(NDList features) {
        NDArray x = features.singletonOrThrow();
        Shape shape = x.getShape();
        return new NDList(x.reshape(shape.get(0), shape.get(1), -1, headSize));
    }

    private static NDArray headsFirst(NDList heads) {
        return heads.singletonOrThrow().transpose(0, 2, 1, 3);
    }

    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        for (LinearLayer layer : new LinearLayer[] {query, key, value}) {
            layer.initialize(manager, dataType, inputShapes[0]);
        }
        output.initialize(manager, dataType, query.getOutputShapes(inputShapes));
        if (queryNorm != null) {
            queryNorm.initialize(manager, dataType, new Shape(-1, -1, -1, headSize));
            keyNorm.initialize(manager, dataType, new Shape(-1, -1, -1, headSize));
        }
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }
}
