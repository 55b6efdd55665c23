package org.dataflex.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.dataflex.math.CentreSearch;

/**
 * Finds nearest centres by matrix products on the engine's default device. Memory: the centres, and
 * a block of at most 2^22 products and 2^22 values of rows.
 */
public final class CentreProducts implements CentreSearch {

    private static final int BLOCK_VALUES = 1 << 22;

    /** Makes the search. */
    public CentreProducts() {}

    @Override
    public int[] nearest(float[][] rows, float[][] centres, float[] offsets) {
        int[] nearest = new int[rows.length];
        int step = blockSize(centres.length, centres[0].length);
        try (NDManager manager = NDManager.newBaseManager();
                NDArray all = array(manager, centres, 0, centres.length);
                NDArray bias = manager.create(offsets)) {
            for (int from = 0; from < rows.length; from += step) {
                int to = Math.min(rows.length, from + step);
                try (NDArray block = array(manager, rows, from, to)) {
                    long[] found = GraphRecording.without(() -> nearest(block, all, bias));
                    for (int i = from; i < to; i++) {
                        nearest[i] = Math.toIntExact(found[i - from]);
                    }
                }
            }
        }
        return nearest;
    }

    /** How many rows are compared at a time. */
    static int blockSize(int centres, int features) {
        return Math.max(1, BLOCK_VALUES / Math.max(centres, features));
    }

    private static long[] nearest(NDArray rows, NDArray centres, NDArray offsets) {
        try (NDArray products = TorchOps.linear(rows, centres, offsets, Precision.FLOAT32);
                NDArray best = products.argMax(1)) {
            return best.toLongArray();
        }
    }

    private static NDArray array(NDManager manager, float[][] rows, int from, int to) {
        int features = rows[0].length;
        float[] values = new float[Math.multiplyExact(to - from, features)];
        for (int i = from; i < to; i++) {
            System.arraycopy(rows[i], 0, values, (i - from) * features, features);
        }
        return manager.create(values, new Shape(to - from, features));
    }
}
