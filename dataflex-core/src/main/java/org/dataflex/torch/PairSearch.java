package org.dataflex.torch;

import ai.djl.ndarray.NDArray;
import java.util.function.BiConsumer;

/**
 * Finds all pairs of unit vectors whose inner product is above a floor, exactly, by matrix products
 * of blocks.
 *
 * <p>Most products of a block are far below the floor. So it is multiplied in bfloat16 first, and
 * only rows that may have a pair, by the bound on rounding, again in float32. Cost: 2 d operations
 * a pair of vectors in bfloat16, and as many in float32 for rows with pairs. Memory: the vectors in
 * bfloat16 and a block of 2^22 products.
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
        boolean fast = isBfloat16Fast(vectors);
        OperatorCall cast = OperatorCall.of("cast", vectors.getManager()).with(vectors);
        try (NDArray rounded =
                cast.with(fast ? Precision.BFLOAT16 : Precision.FLOAT32).withoutGraph().array()) {
            for (int from = 0; from < rows; from += BLOCK) {
                int count = Math.min(BLOCK, rows - from);
                float bound = fast ? floor - ROUNDING : floor;
                long[] found = rowsAbove(rounded, from, count, bound);
                forEachBlock(
                        found,
                        from,
                        (which, start) -> tell(vectors, which, start, floor, receiver));
            }
        }
    }

    private static boolean isBfloat16Fast(NDArray vectors) {
        OperatorCall call = OperatorCall.of("has_fast_bfloat16", vectors.getManager());
        try (NDArray answer = call.with(vectors).withoutGraph().array()) {
            return answer.getFloat() > 0;
        }
    }

    /** Pairs of a block of columns, counted from the first row on, and of a row of this block. */
    private static long[] rowsAbove(NDArray rounded, int from, int count, float bound) {
        OperatorCall call = OperatorCall.of("rows_above", rounded.getManager()).with(rounded);
        call.with(from).with(count).with(BLOCK).with((double) bound);
        try (NDArray found = call.withoutGraph().array()) {
            return found.getShape().get(0) == 0 ? new long[0] : found.toLongArray();
        }
    }

    /** Shows the rows that were found in each block of columns, and where that starts. */
    private static void forEachBlock(long[] found, int from, BiConsumer<long[], Integer> action) {
        int next;
        for (int i = 0; i < found.length; i = next) {
            next = i;
            while (next < found.length && found[next] == found[i]) {
                next += 2;
            }
            long[] rows = new long[(next - i) / 2];
            for (int r = 0; r < rows.length; r++) {
                rows[r] = from + found[i + 2 * r + 1];
            }
            action.accept(rows, Math.toIntExact(from + found[i] * BLOCK));
        }
    }

    private static void tell(
            NDArray vectors, long[] rows, int start, float floor, Receiver receiver) {
        int width = (int) Math.min(BLOCK, vectors.getShape().get(0) - start);
        float[] products;
        try (NDArray which = vectors.getManager().create(rows)) {
            OperatorCall call = OperatorCall.of("row_products", vectors.getManager());
            call.with(vectors).with(which).with(start).with(width);
            try (NDArray array = call.withoutGraph().array()) {
                products = array.toFloatArray();
            }
        }
        for (int r = 0; r < rows.length; r++) {
            int row = (int) rows[r];
            for (int c = Math.max(0, row + 1 - start); c < width; c++) {
                if (products[r * width + c] > floor) {
                    receiver.accept(row, start + c, products[r * width + c]);
                }
            }
        }
    }
}
