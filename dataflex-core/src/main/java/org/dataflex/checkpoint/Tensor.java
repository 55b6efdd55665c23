package org.dataflex.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Supplier;

/**
 * A named array's content on its way to or from disk; native memory is read only when asked for.
 *
 * @param type what the values are
 * @param shape how they are arranged
 * @param content the values, little endian, row by row
 */
public record Tensor(DataType type, Shape shape, Supplier<ByteBuffer> content) {

    /**
     * Describes a native array.
     *
     * @param array the array; must stay open until the content has been read
     * @return its tensor
     */
    public static Tensor of(NDArray array) {
        return new Tensor(array.getDataType(), array.getShape(), array::toByteBuffer);
    }

    /**
     * Describes numbers.
     *
     * @param values the numbers
     * @return a tensor of shape [length]
     */
    public static Tensor of(double[] values) {
        return new Tensor(
                DataType.FLOAT64,
                new Shape(values.length),
                () -> {
                    ByteBuffer bytes = littleEndian(values.length * (long) Double.BYTES);
                    bytes.asDoubleBuffer().put(values);
                    return bytes;
                });
    }

    /**
     * Describes whole numbers.
     *
     * @param values the numbers
     * @return a tensor of shape [length]
     */
    public static Tensor of(long[] values) {
        return new Tensor(
                DataType.INT64,
                new Shape(values.length),
                () -> {
                    ByteBuffer bytes = littleEndian(values.length * (long) Long.BYTES);
                    bytes.asLongBuffer().put(values);
                    return bytes;
                });
    }

    /**
     * Returns the numbers of a FLOAT64 tensor.
     *
     * @return the numbers
     */
    public double[] toDoubles() {
        double[] values = new double[Math.toIntExact(shape.size())];
        content.get().order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(values);
        return values;
    }

    /**
     * Returns the numbers of an INT64 tensor.
     *
     * @return the numbers
     */
    public long[] toLongs() {
        long[] values = new long[Math.toIntExact(shape.size())];
        content.get().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(values);
        return values;
    }

    /**
     * Makes a native array.
     *
     * @param manager the array's manager
     * @return an array of this content on the manager's device
     */
    public NDArray toArray(NDManager manager) {
        return manager.create(content.get(), shape, type);
    }

    /**
     * Returns the size on disk.
     *
     * @return bytes
     */
    long byteSize() {
        return shape.size() * type.getNumOfBytes();
    }

    private static ByteBuffer littleEndian(long size) {
        return ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
