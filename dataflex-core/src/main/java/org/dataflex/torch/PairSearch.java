package org.dataflex.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;

/**
 * Finds all pairs of unit vectors whose inner product is above a floor, exactly, by matrix products
 * of blocks.
 *
 * <p>Most products of a block are far below the floor. So it is multiplied in bfloat16 first, and
 * only rows that may have a pair, by the bound on rounding, again in float32. Cost: 2 d operations
 * a pair of vectors in bfloat16, and as many in float32 for rows with pairs. Memory: a block of
 * 2^22 products.
 */
public final class PairSearch {

    private static final int BLOCK = 2048;

    /**
     * The most by which a bfloat16 product of unit vectors is wrong: each vector and the result are
     * rounded to 8 bits, 2^-9 each; as much again covers sums in float32.
     */
    private static final float ROUNDING = 4f / 512;

    /** Takes what is found. */
    @FunctionalInterface
    public interface Receiver {

        /**
         * Takes a pair.
         *
         * @param first the place of the one
         * @param second the place of the other, larger
         * @param product their inner product, float32
         */
        void accept(int first, int second, float product);
    }

    private PairSearch() {}

    /**
     * Searches.
     *
     * @param vectors [n, d] float32, of length 1
     * @param rows of how many, from the first on, pairs are wanted, in [0, n]
     * @param floor what a product must exceed
     * @param receiver gets each pair (i, j) with i below {@code rows} and j above i, once, in an
     *     order that is always the same
     * @throws IllegalArgumentException if {@code rows} is out of range or {@code vectors} no matrix
     */
    public static void above(NDArray vectors, int rows, float floor, Receiver receiver) {
        ShapeCheck.require(ShapeCheck.isRank(2, vectors), "vectors must be [n, d]", vectors);
        int size = Math.toIntExact(vectors.getShape().get(0));
        if (rows < 0 || rows > size) {
            throw new IllegalArgumentException("rows = " + rows + ", must be in [0, " + size + "]");
        }
        for (int from = 0; from < rows; from += BLOCK) {
            try (NDManager manager = vectors.getManager().newSubManager();
                    NDArray block = rows(manager, vectors, from, Math.min(rows, from + BLOCK))) {
                for (int start = from; start < size; start += BLOCK) {
                    int end = Math.min(size, start + BLOCK);
                    try (NDArray others = rows(manager, vectors, start, end)) {
                        compare(block, from, others, start, floor, receiver);
                    }
                }
            }
        }
    }

    private static NDArray rows(NDManager manager, NDArray vectors, int from, int to) {
        return vectors.get(manager, new NDIndex("{}:{}", from, to));
    }

    private static void compare(
            NDArray block, int from, NDArray others, int start, float floor, Receiver receiver) {
        long[] which;
        float[] products;
        boolean fast = OneDnn.isBfloat16Fast(block);
        OperatorCall call =
                OperatorCall.of("rows_above", block.getManager())
                        .with(block)
                        .with(others)
                        .with(fast ? (double) floor - ROUNDING : floor)
                        .with(fast ? Precision.BFLOAT16 : Precision.FLOAT32);
        try (NDList found = call.withoutGraph().arrays()) {
            which = found.get(0).toLongArray();
            products = which.length == 0 ? new float[0] : found.get(1).toFloatArray();
        }
        int width = Math.toIntExact(others.getShape().get(0));
        for (int r = 0; r < which.length; r++) {
            int row = from + (int) which[r];
            for (int c = Math.max(0, row + 1 - start); c < width; c++) {
                if (products[r * width + c] > floor) {
                    receiver.accept(row, start + c, products[r * width + c]);
                }
            }
        }
    }
}
