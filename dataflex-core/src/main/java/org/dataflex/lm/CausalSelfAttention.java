package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.dataflex.torch.Precision;
import org.dataflex.torch.TorchOps;
import org.dataflex.torch.TurnedAttention;

/**
 * Lets each token gather features from itself and the tokens before it.
 *
 * <p>Per head: softmax(q k^T / sqrt(K)) v over the keys that may be seen, with queries and keys
 * turned by {@link RotaryEmbedding}. H query heads share G key and value heads, H/G neighbours
 * each. Qwen2 adds biases to q, k and v; Qwen3 norms each head of q and k before it is turned. See
 * <a href="https://arxiv.org/abs/1706.03762">Attention Is All You Need</a>, eq. 1, and <a
 * href="https://arxiv.org/abs/2305.13245">GQA</a>.
 *
 * <p>Inputs: states [B, T, D], cosines and sines [T, K] or [B, 1, T, K], and the mask if {@link
 * VisibleTokens} makes one. Output: [B, T, D]. In a packed pass states and output are [1, N, D],
 * and each sample has a row of its own in between.
 */
final class CausalSelfAttention extends DecoderBlock {

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
    NDArray apply(DecoderPass pass, NDArray x) {
        NDList features = LinearLayer.applyAll(pass, x, precision(pass), query, key, value);
        NDArray seen = isShort(pass, x) ? turned(pass, features) : masked(pass, features);
        return LinearLayer.applyAll(pass, seen, output.precision(), output).head();
    }

    /** Gathers what the tokens before make known of each, [B, T, H*K], in one operation. */
    private NDArray turned(DecoderPass pass, NDList features) {
        TurnedAttention attention = new TurnedAttention(pass.cosines(), pass.sines(), headSize);
        return pass.operation(features, attention::forward, attention::backward);
    }

    /** The same with masks, earlier tokens, norms, packed or long texts. */
    private NDArray masked(DecoderPass pass, NDList features) {
        NDArray q = heads(pass.unpack(features.get(0))); // [B, T, H, K]
        NDArray k = heads(pass.unpack(features.get(1))); // [B, T, G, K]
        NDArray v = heads(pass.unpack(features.get(2))); // [B, T, G, K]
        if (queryNorm != null) {
            q = queryNorm.apply(pass, q);
            k = keyNorm.apply(pass, k);
        }
        NDArray mixed = gathered(pass, turned(pass, q), turned(pass, k), headsFirst(v));
        Shape shape = v.getShape();
        mixed = mixed.transpose(0, 2, 1, 3).reshape(shape.get(0), shape.get(1), -1); // [B, T, H*K]
        return pass.pack(mixed);
    }

    private boolean isShort(DecoderPass pass, NDArray x) {
        return isPlain(pass)
                && pass.packing() == null
                && !x.getDevice().isGpu()
                && x.getShape().get(1) <= TurnedAttention.MAX_TOKENS;
    }

    /** The type of queries, keys and values: that of the products, where nothing else is done. */
    private Precision precision(DecoderPass pass) {
        return isPlain(pass) ? query.precision() : Precision.FLOAT32;
    }

    private boolean isPlain(DecoderPass pass) {
        return pass.cache() == null && pass.mask() == null && queryNorm == null;
    }

    /** Gathers what may be seen, that of earlier passes included: [B, H, T, K]. */
    private NDArray gathered(DecoderPass pass, NDArray q, NDArray k, NDArray v) {
        if (pass.cache() == null) {
            return pass.mask() == null && query.precision() == Precision.BFLOAT16
                    ? TorchOps.causalAttention(q, k, v, Precision.BFLOAT16)
                    : TorchOps.attention(q, k, v, pass.mask(), true);
        }
        NDList seen = pass.cache().add(this, k, v);
        return q.getShape().get(2) == 1
                ? gathered(q, seen.get(0), seen.get(1), pass.mask())
                : TorchOps.attention(q, seen.get(0), seen.get(1), pass.mask(), true);
    }

    /** Lets one token ask, the H/G heads of a key as so many queries: no key is repeated. */
    private static NDArray gathered(NDArray q, NDArray keys, NDArray values, NDArray mask) {
        Shape shape = q.getShape(); // [B, H, 1, K]
        long shared = keys.getShape().get(1);
        NDArray grouped = q.reshape(shape.get(0), shared, -1, shape.get(3)); // [B, G, H/G, K]
        return TorchOps.attention(grouped, keys, values, mask, false).reshape(shape);
    }

    /** Sets the heads apart: [B, T, n*K] to [B, T, n, K]. */
    private NDArray heads(NDArray x) {
        Shape shape = x.getShape();
        return x.reshape(shape.get(0), shape.get(1), -1, headSize);
    }

    /** Turns heads by their positions: [B, T, n, K] to [B, n, T, K]. */
    private static NDArray turned(DecoderPass pass, NDArray heads) {
        return TorchOps.rotary(headsFirst(heads), pass.cosines(), pass.sines());
    }

    private static NDArray headsFirst(NDArray heads) {
        return heads.transpose(0, 2, 1, 3);
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
