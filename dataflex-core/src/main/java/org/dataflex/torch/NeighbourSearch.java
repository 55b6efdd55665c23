package org.dataflex.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.sun.jna.Pointer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.stream.IntStream;
import org.dataflex.math.RunningTopK;

/**
 * Finds the vectors with the largest inner products, exactly, by matrix products of blocks.
 *
 * <p>For unit vectors these are the nearest ones: |a - b|^2 = 2 - 2 a.b. Products are float32, made
 * on the queries' device and ranked on the host; equal ones are ranked by index, lower first. Cost:
 * 2 m n d operations for m queries among n vectors of dimension d; memory: a block of at most 2^24
 * values of vectors or d, and of at most 2^20 products or m, and 16 m k bytes, never m n.
 */
public final class NeighbourSearch {

    private static final int PRODUCTS = 1 << 20;
    private static final int VALUES = 1 << 24;

    private final NDArray queries;
    private final RunningTopK[] nearest;

    private NeighbourSearch(NDArray queries, int k, float floor) {
        this.queries = queries;
        this.nearest = new RunningTopK[Math.toIntExact(queries.getShape().get(0))];
        for (int j = 0; j < nearest.length; j++) {
            nearest[j] = new RunningTopK(k, floor);
        }
    }

    /**
     * What was found for each query, largest product first.
     *
     * @param indices the vectors' places, [m][at most k]
     * @param products their inner products with the query, in the same order
     */
    public record Neighbours(int[][] indices, float[][] products) {}

    /**
     * Searches.
     *
     * @param queries [m, d] float32, at least one
     * @param vectors n of them, of the same dimension
     * @param k how many to find for each query, in [1, n]
     * @return the k nearest of each query
     * @throws IllegalArgumentException if {@code k} is out of range or dimensions differ
     */
    public static Neighbours search(NDArray queries, VectorBlocks vectors, int k) {
        return search(queries, vectors, k, Float.NEGATIVE_INFINITY);
    }

    /**
     * Searches for vectors whose inner product is above a floor.
     *
     * @param queries [m, d] float32, at least one
     * @param vectors n of them, of the same dimension
     * @param k the most to find for each query, in [1, n]
     * @param floor what a product must exceed
     * @return the k nearest of each query, or as many as exceed the floor
     * @throws IllegalArgumentException if {@code k} is out of range or dimensions differ
     */
    public static Neighbours search(NDArray queries, VectorBlocks vectors, int k, float floor) {
        if (k < 1 || k > vectors.size()) {
            throw new IllegalArgumentException(
                    "k = " + k + ", must be in [1, " + vectors.size() + "]");
        }
        NeighbourSearch search = new NeighbourSearch(queries, k, floor);
        int step = blockSize(Math.max(1, search.nearest.length), ShapeCheck.last(queries));
        int to;
        for (int from = 0; from < vectors.size(); from = to) {
            to = (int) Math.min(vectors.size(), (long) from + step);
            try (NDManager manager = queries.getManager().newSubManager();
                    NDArray block = vectors.block(manager, from, to)) {
                search.compare(block, from);
            }
        }
        return search.finish();
    }

    private static int blockSize(int queries, long dimension) {
        long values = VALUES / Math.max(1, dimension);
        return (int) Math.max(1, Math.min(PRODUCTS / queries, values));
    }

    private void compare(NDArray block, int from) {
        ShapeCheck.require(
                ShapeCheck.isRank(2, queries, block)
                        && ShapeCheck.last(queries) == ShapeCheck.last(block),
                "queries must be [m, d] and vectors [n, d]",
                queries,
                block);
        offer(block, from);
    }

    private void offer(NDArray block, int from) {
        int width = Math.toIntExact(block.getShape().get(0));
        try (NDArray products = TorchOps.product(queries, block)) {
            FloatBuffer values = values(products);
            IntStream.range(0, nearest.length)
                    .parallel()
                    .forEach(
                            j -> {
                                float[] row = new float[width];
                                values.get(j * width, row);
                                offer(nearest[j], row, from);
                            });
        }
    }

    /** On a CPU the array's own memory, which is read once and never written. */
    private static FloatBuffer values(NDArray products) {
        if (products.getDevice().isGpu()) {
            return FloatBuffer.wrap(products.toFloatArray());
        }
        return new Pointer(DataPointers.of(products))
                .getByteBuffer(0, Float.BYTES * products.size())
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    /** Most products are below the threshold; places ascend, so a tie with it comes too late. */
    private static void offer(RunningTopK kept, float[] row, int from) {
        float threshold = kept.threshold();
        for (int i = 0; i < row.length; i++) {
            if (row[i] > threshold) {
                kept.offer(row[i], from + i);
                threshold = kept.threshold();
            }
        }
    }

    private Neighbours finish() {
        int[][] indices = new int[nearest.length][];
        float[][] products = new float[nearest.length][];
        IntStream.range(0, nearest.length)
                .parallel()
                .forEach(
                        j -> {
                            indices[j] = nearest[j].indices();
                            products[j] = nearest[j].scores();
                            nearest[j] = null;
                        });
        return new Neighbours(indices, products);
    }
}
