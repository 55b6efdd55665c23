package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * Lets each token gather features from itself and the tokens before it.
 *
 * <p>Per head: softmax(q k^T / sqrt(K) + mask) v, with queries and keys turned by {@link
 * RotaryEmbedding}. H query heads share G key and value heads, H/G neighbours each: they are
 * handled as one head with H/G * T queries, so that keys are never copied. See <a
 * href="https://arxiv.org/abs/1706.03762">Attention Is All You Need</a>, eq. 1, and <a
 * href="https://arxiv.org/abs/2305.13245">GQA</a>.
 *
 * <p>Inputs: states [B, T, D], cosines and sines [T, K/2], mask [T, T]. Output: [B, T, D].
 */
final class CausalSelfAttention extends AbstractBlock {

    /** Added to the score of what must not be seen; its exponential is exactly zero. */
    private static final float HIDDEN = -1e9f;

    private final LinearLayer query;
    private final LinearLayer key;
    private final LinearLayer value;
    private final LinearLayer output;
    private final int numHeads;
    private final int numKeyValueHeads;
    private final int headSize;

    /**
     * Makes the block.
     *
     * @param path what comes before {@code .q_proj.weight} in the parameters' names
     * @param config the sizes
     */
    CausalSelfAttention(String path, DecoderConfig config) {
        numHeads = config.numHeads();
        numKeyValueHeads = config.numKeyValueHeads();
        headSize = config.headSize();
        int d = config.hiddenSize();
        int shared = numKeyValueHeads * headSize;
        query = addChildBlock("q_proj", new LinearLayer(path + ".q_proj", d, d));
        key = addChildBlock("k_proj", new LinearLayer(path + ".k_proj", d, shared));
        value = addChildBlock("v_proj", new LinearLayer(path + ".v_proj", d, shared));
        output = addChildBlock("o_proj", new LinearLayer(path + ".o_proj", d, d));
    }

    /**
     * Makes the mask of all layers of a forward pass.
     *
     * @param manager whose array the mask shall be, and on whose device
     * @param numTokens T
     * @return [T, T]: 0 where the column is not after the row, else a score that hides
     */
    static NDArray causalMask(NDManager manager, long numTokens) {
        NDArray positions = manager.arange(0f, numTokens, 1f, DataType.FLOAT32);
        NDArray isLater = positions.expandDims(0).gt(positions.expandDims(1));
        return isLater.toType(DataType.FLOAT32, false)
                .mul(manager.full(new Shape(), HIDDEN, DataType.FLOAT32));
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        NDArray x = inputs.get(0);
        NDArray cosines = inputs.get(1);
        NDArray sines = inputs.get(2);
        NDArray mask = inputs.get(3);
        NDArray scale =
                x.getManager()
                        .full(new Shape(), (float) (1 / Math.sqrt(headSize)), DataType.FLOAT32);
        NDList states = new NDList(x);

        NDArray q = query.forward(store, states, training).singletonOrThrow(); // [B, T, H*K]
        NDArray k = key.forward(store, states, training).singletonOrThrow(); // [B, T, G*K]
        NDArray v = value.forward(store, states, training).singletonOrThrow(); // [B, T, G*K]
        q = RotaryEmbedding.turn(heads(q.mul(scale), numHeads), cosines, sines); // [B, H, T, K]
        k = RotaryEmbedding.turn(heads(k, numKeyValueHeads), cosines, sines); // [B, G, T, K]
        v = heads(v, numKeyValueHeads); // [B, G, T, K]

        NDArray mixed = attend(q, k, v, mask).transpose(0, 2, 1, 3).reshape(x.getShape());
        return output.forward(store, new NDList(mixed), training);
    }

    /** Sets the heads apart: [B, T, n*K] to [B, n, T, K]. */
    private NDArray heads(NDArray x, int n) {
        Shape shape = x.getShape();
        return x.reshape(shape.get(0), shape.get(1), n, headSize).transpose(0, 2, 1, 3);
    }

    /** Mixes values: queries [B, H, T, K], keys and values [B, G, T, K], mask [T, T]. */
    private static NDArray attend(NDArray q, NDArray k, NDArray v, NDArray mask) {
        Shape perHead = q.getShape(); // [B, H, T, K]
        Shape perGroup = new Shape(perHead.get(0), k.getShape().get(1), -1, perHead.get(3));
        NDArray scores = q.reshape(perGroup).matMul(k.transpose(0, 1, 3, 2)); // [B, G, H/G*T, T]
        long numTokens = perHead.get(2);
        NDArray weights =
                scores.reshape(perHead.get(0), perHead.get(1), numTokens, numTokens)
                        .add(mask)
                        .softmax(-1); // [B, H, T, T]
        return weights.reshape(scores.getShape()).matMul(v).reshape(perHead);
    }

    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        for (LinearLayer layer : new LinearLayer[] {query, key, value, output}) {
            layer.initialize(manager, dataType, inputShapes[0]);
        }
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }
}
