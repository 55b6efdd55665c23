package org.dataflex.selectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.dataflex.torch.VectorBlocks;

/** Embeddings of n samples, each scaled to length 1, wherever they are kept. */
interface UnitVectors extends VectorBlocks {

    /** Rows copied to the device at a time. */
    int PIECE = 4096;

    /**
     * Returns the number of features.
     *
     * @return d
     */
    int dimension();

    /**
     * Copies a vector.
     *
     * @param row which
     * @param into takes its d values
     * @param offset where the first goes
     */
    void copy(int row, float[] into, int offset);

    @Override
    default NDArray block(NDManager manager, int from, int to) {
        return rows(manager, from, to, i -> i);
    }

    /**
     * Brings some vectors to the device.
     *
     * @param manager the array's manager
     * @param which the vectors' places
     * @return [which.length, d] float32
     */
    default NDArray gather(NDManager manager, int[] which) {
        NDArray all = manager.create(new Shape(which.length, dimension()));
        for (int from = 0; from < which.length; from += PIECE) {
            int to = Math.min(which.length, from + PIECE);
            try (NDArray piece = rows(manager, from, to, i -> which[i])) {
                all.set(new NDIndex("{}:{}", from, to), piece);
            }
        }
        return all;
    }

    /**
     * Brings all vectors to the device.
     *
     * @param manager the array's manager
     * @return [n, d] float32
     */
    default NDArray all(NDManager manager) {
        return gather(manager, IntStream.range(0, size()).toArray());
    }

    private NDArray rows(NDManager manager, int from, int to, IntUnaryOperator place) {
        float[] values = new float[Math.multiplyExact(to - from, dimension())];
        for (int i = from; i < to; i++) {
            copy(place.applyAsInt(i), values, (i - from) * dimension());
        }
        return manager.create(values, new Shape(to - from, dimension()));
    }

    /**
     * Scales a vector to length 1.
     *
     * @param values where the vector is
     * @param offset its first value
     * @param dimension its features
     * @param name what the vector is, for messages
     * @throws IllegalArgumentException if it is not finite or all zeros
     */
    static void normalise(float[] values, int offset, int dimension, Supplier<String> name) {
        double squares = 0;
        for (int i = offset; i < offset + dimension; i++) {
            squares += (double) values[i] * values[i];
        }
        if (!(squares > 0 && squares <= Double.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    name.get()
                            + (squares == 0
                                    ? " is all zeros"
                                    : " has a value that is NaN or infinite")
                            + ", so that it has no direction; embed that sample anew or leave it"
                            + " out");
        }
        double factor = 1 / Math.sqrt(squares);
        for (int i = offset; i < offset + dimension; i++) {
            values[i] = (float) (values[i] * factor);
        }
    }
}
