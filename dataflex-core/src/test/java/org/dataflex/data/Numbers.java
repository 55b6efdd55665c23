package org.dataflex.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;

/** Small DJL datasets whose every number tells where it comes from. */
final class Numbers {

    private Numbers() {}

    /** Row i holds i * 10 + 0 .. width - 1 more than the base as float32, and base + i as int64. */
    static ArrayDataset dataset(NDManager manager, int base, int rows, int width) {
        return builder(manager, base, rows, width).build();
    }

    static ArrayDataset.Builder builder(NDManager manager, int base, int rows, int width) {
        float[] data = new float[rows * width];
        long[] labels = new long[rows];
        for (int row = 0; row < rows; row++) {
            labels[row] = base + row;
            for (int i = 0; i < width; i++) {
                data[row * width + i] = base + row * 10 + i;
            }
        }
        NDArray dataArray = manager.create(data, new Shape(rows, width));
        return new ArrayDataset.Builder()
                .setData(dataArray)
                .optLabels(manager.create(labels))
                .setSampling(2, false);
    }
}
