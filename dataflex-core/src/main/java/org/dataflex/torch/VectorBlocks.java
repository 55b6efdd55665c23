package org.dataflex.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;

/** Vectors of one dimension that are read a block at a time. */
public interface VectorBlocks {

    /**
     * Shows an array's rows.
     *
     * @param vectors [n, d] float32; must stay open while it is read
     * @return its blocks, as views
     */
    static VectorBlocks of(NDArray vectors) {
        return new VectorBlocks() {
            @Override
            public int size() {
                return Math.toIntExact(vectors.getShape().get(0));
            }

            @Override
            public NDArray block(NDManager manager, int from, int to) {
                return vectors.get(manager, new NDIndex("{}:{}", from, to));
            }
        };
    }

    /**
     * Returns the number of vectors.
     *
     * @return n
     */
    int size();

    /**
     * Reads some of the vectors.
     *
     * @param manager the array's manager, on the device that it goes to
     * @param from the first
     * @param to the one after the last
     * @return [to - from, d] float32
     */
    NDArray block(NDManager manager, int from, int to);
}
