package org.dataflex.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;

/**
 * Writes into the memory that an array already has.
 *
 * <p>DJL's {@code copyTo} and {@code set(Buffer)} do not: on a CPU they make the array share a Java
 * buffer, which is freed with the Java object they were called on. A parameter's gradient is
 * reached through a handle that is closed at once, so PyTorch would go on writing to freed memory.
 */
public final class InPlace {

    private InPlace() {}

    /**
     * Copies values; nothing is recorded.
     *
     * @param source the values
     * @param target what to write to, of the same shape and type
     */
    public static void copy(NDArray source, NDArray target) {
        try (NDArray rows = source.expandDims(0)) { // an axis even for scalars
            set(target, rows);
        }
    }

    /**
     * Sets every value to 0, NaN too; nothing is recorded.
     *
     * @param target what to write to
     */
    public static void zero(NDArray target) {
        try (NDArray zero = target.getManager().zeros(new Shape(), target.getDataType())) {
            set(target, zero);
        }
    }

    private static void set(NDArray target, NDArray value) {
        GraphRecording.without( // a parameter may be written to outside of graphs only
                () -> {
                    try (NDArray view = target.expandDims(0)) {
                        view.set(new NDIndex(":"), value);
                    }
                    return null;
                });
    }
}
