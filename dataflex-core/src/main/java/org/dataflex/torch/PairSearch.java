package org.dataflex.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Finds all pairs of unit vectors whose inner product is above a floor, exactly, by matrix products
 * of blocks.
 *
 * <p>Most products are far below the floor. So vectors are rounded to eight bits and multiplied as
 * whole numbers first, where that is fast, and only rows of a block that may have a pair, by the
 * bound on rounding, again in float32. Cost: 2 d operations a pair of vectors in eight bits, and as
 * many in float32 for rows with pairs. Memory: twice the vectors in eight bits (else once in
 * float32) and blocks of 2^20 products.
 */
public final class PairSearch implements AutoCloseable {

    private static final boolean IS_X86 =
            Set.of("amd64", "x86_64").contains(System.getProperty("os.arch"));

    private static final int BLOCK = 1024;

    /** The most features of which the whole numbers' products, up to 127^2, add up in 32 bits. */
    private static final int MOST_FEATURES = 1 << 17;

    private final NDArray vectors;

    /** The vectors in whole numbers of the unit where that is fast, else as they are. */
    private final NDArray rounded;

    private final double unit;

    /** The most by which the product of two rounded vectors is wrong. */
    private final double rounding;

    /** Takes what is found. */
    @FunctionalInterface
    public interface Receiver {

        /**
         * Takes a pair.
         *
         * @param first the place of the one
         * @param second the place of the other
         * @param product their inner product, float32
         */
        void accept(int first, int second, float product);
    }

    /**
     * Prepares vectors.
     *
     * @param vectors [n, d] float32, of length 1; must stay open
     * @throws IllegalArgumentException if they are no matrix
     */
    public PairSearch(NDArray vectors) {
        ShapeCheck.require(ShapeCheck.isRank(2, vectors), "vectors must be [n, d]", vectors);
        this.vectors = vectors;
        double ofSums = ShapeCheck.last(vectors) * (double) Math.ulp(1f); // float32, of d products
        if (!isInt8Fast() || ShapeCheck.last(vectors) > MOST_FEATURES) {
            this.rounded = vectors;
            this.unit = 1;
            this.rounding = ofSums;
            return;
        }
        NDList parts = call("in_eight_bits").with(vectors).withoutGraph().arrays();
        this.rounded = parts.get(0);
        try (NDArray unitAndError = parts.get(1)) {
            float[] values = unitAndError.toFloatArray();
            this.unit = values[0];
            // (a + e)(b + f) - ab for unit vectors a + e and b + f, |e| and |f| up to the error
            this.rounding = values[1] * (2 + values[1]) + ofSums;
        }
    }

    /**
     * Searches.
     *
     * @param some places of vectors, each once
     * @param others places of other vectors, each once
     * @param floor what a product must exceed
     * @param receiver gets each pair of two of {@code some}, and of one of these with one of {@code
     *     others}, once, in an order that is always the same
     */
    public void above(int[] some, int[] others, float floor, Receiver receiver) {
        int[] order = IntStream.concat(Arrays.stream(some), Arrays.stream(others)).toArray();
        try (NDManager manager = vectors.getManager().newSubManager();
                NDArray places = manager.create(order);
                NDArray ordered = rounded.get(new NDIndex("{}", places))) {
            for (int from = 0; from < some.length; from += BLOCK) {
                int count = Math.min(BLOCK, some.length - from);
                long[] found = rowsAbove(ordered, from, count, (floor - rounding) / unit / unit);
                tell(found, from, order, floor, receiver);
            }
        }
    }

    /** Pairs of a block of columns, counted from the first row on, and of a row of this block. */
    private long[] rowsAbove(NDArray ordered, int from, int count, double bound) {
        OperatorCall call = call("rows_above").with(ordered);
        call.with(from).with(count).with(BLOCK).with(bound);
        try (NDArray found = call.withoutGraph().array()) {
            return found.getShape().get(0) == 0 ? new long[0] : found.toLongArray();
        }
    }

    /** Multiplies the rows that were found in each block of columns with this block. */
    private void tell(long[] found, int from, int[] order, float floor, Receiver receiver) {
        int next;
        for (int i = 0; i < found.length; i = next) {
            next = i;
            while (next < found.length && found[next] == found[i]) {
                next += 2;
            }
            int[] rows = new int[(next - i) / 2];
            for (int r = 0; r < rows.length; r++) {
                rows[r] = from + (int) found[i + 2 * r + 1];
            }
            int start = from + (int) found[i] * BLOCK;
            tell(rows, start, order, floor, receiver);
        }
    }

    private void tell(int[] rows, int start, int[] order, float floor, Receiver receiver) {
        int width = Math.min(BLOCK, order.length - start);
        float[] products =
                products(
                        Arrays.stream(rows).map(row -> order[row]).toArray(),
                        Arrays.copyOfRange(order, start, start + width));
        for (int r = 0; r < rows.length; r++) {
            for (int c = Math.max(0, rows[r] + 1 - start); c < width; c++) {
                float product = products[r * width + c];
                if (product > floor) {
                    receiver.accept(order[rows[r]], order[start + c], product);
                }
            }
        }
    }

    private float[] products(int[] some, int[] others) {
        NDManager manager = vectors.getManager();
        try (NDArray rows = manager.create(some);
                NDArray columns = manager.create(others)) {
            OperatorCall call = call("row_products").with(vectors).with(rows).with(columns);
            try (NDArray products = call.withoutGraph().array()) {
                return products.toFloatArray();
            }
        }
    }

    /** Whether products of eight bits are known to be faster than those of float32. */
    private boolean isInt8Fast() {
        try (NDArray answer = call("has_wide_integers").with(vectors).withoutGraph().array()) {
            return IS_X86 && answer.getFloat() > 0;
        }
    }

    private OperatorCall call(String operator) {
        return OperatorCall.of(operator, vectors.getManager());
    }

    /** Frees the rounded vectors. */
    @Override
    public void close() {
        if (rounded != vectors) {
            rounded.close();
        }
    }
}
