package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * The keys and values of the tokens that were read: all that a next token needs of them.
 *
 * <p>The first pass reads all tokens of the prompts, every other pass one token a row. Each layer
 * has room for all tokens from its first pass on: 2 B G capacity K numbers. Nothing is copied as
 * tokens are added.
 */
final class KeyValueCache {

    private final NDManager manager;
    private final long capacity;
    private final int window;
    private final Map<CausalSelfAttention, NDList> layers = new IdentityHashMap<>();
    private long size;

    /**
     * Makes an empty cache.
     *
     * @param manager what frees it
     * @param capacity the most tokens of a row, padding included
     * @param window how many tokens a token sees, its own included, or 0 for all
     */
    KeyValueCache(NDManager manager, long capacity, int window) {
        this.manager = manager;
        this.capacity = capacity;
        this.window = window;
    }

    long capacity() {
        return capacity;
    }

    /** How many tokens of a row have been read, padding included. */
    long size() {
        return size;
    }

    /** Counts the tokens of a pass, once all layers have added theirs. */
    void advance(long numTokens) {
        size += numTokens;
    }

    /**
     * Adds the tokens of a pass to a layer's.
     *
     * @param layer whose they are
     * @param keys turned, [B, G, T, K]
     * @param values [B, G, T, K]
     * @return keys and values of the tokens that the last token may see, [B, G, S, K]: all, or
     *     those of the window if there is one new token; views
     */
    NDList add(CausalSelfAttention layer, NDArray keys, NDArray values) {
        NDList all = layers.computeIfAbsent(layer, l -> allocate(keys));
        long numTokens = keys.getShape().get(2);
        NDIndex added = new NDIndex().addAllDim(2).addSliceDim(size, size + numTokens);
        all.get(0).set(added, keys);
        all.get(1).set(added, values);
        NDIndex seen =
                new NDIndex().addAllDim(2).addSliceDim(firstSeen(numTokens), size + numTokens);
        return new NDList(all.get(0).get(seen), all.get(1).get(seen));
    }

    /** The column of the first token that the last of so many new tokens is shown. */
    long firstSeen(long numTokens) {
        return window > 0 && numTokens == 1 ? Math.max(0, size + 1 - window) : 0;
    }

    private NDList allocate(NDArray keys) {
        Shape shape = keys.getShape();
        Shape whole = new Shape(shape.get(0), shape.get(1), capacity, shape.get(3));
        NDList layer =
                new NDList(
                        manager.create(whole, keys.getDataType()),
                        manager.create(whole, keys.getDataType()));
        NDScope.unregister(layer); // outlives the layer's temporaries
        return layer;
    }
}
