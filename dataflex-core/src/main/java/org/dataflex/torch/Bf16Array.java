package org.dataflex.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;

/**
 * A native array of bfloat16 numbers, which DJL can hold but not use.
 *
 * <p>DJL has no number for this type: asking for it answers {@code unknown}, and converting to it
 * ends the JVM. So the array stays in here, and only {@link Bf16Ops} computes with it; those that
 * {@link TorchOps} hands out unwrapped are for its own operators alone. It lives and dies like an
 * {@link NDArray}: some manager owns it, and what it was computed from is recorded for backward,
 * {@link #of} included, so that gradients reach float32 parameters.
 */
public final class Bf16Array implements AutoCloseable {

    private final NDArray array;

    /** Wraps an array that is known to be bfloat16. */
    Bf16Array(NDArray array) {
        this.array = array;
    }

    /**
     * Rounds an array to the nearest bfloat16 numbers.
     *
     * @param owner whose the result shall be
     * @param array the array, of any floating type
     * @return the rounded array, of the same shape
     */
    public static Bf16Array of(NDManager owner, NDArray array) {
        OperatorCall call = OperatorCall.of("cast", owner);
        return new Bf16Array(call.with(array).with(Precision.BFLOAT16).array());
    }

    /**
     * Copies numbers that are bfloat16 already, such as a tensor of a safetensors file.
     *
     * @param owner whose the result shall be, and on whose device
     * @param bits two little-endian bytes a number, from the buffer's position to its limit; may be
     *     mapped, and is not read after this call
     * @param shape the shape, not of a scalar
     * @return the array
     * @throws IllegalArgumentException if the buffer does not hold that many numbers
     */
    public static Bf16Array ofBits(NDManager owner, ByteBuffer bits, Shape shape) {
        if (shape.isScalar() || bits.remaining() != 2 * shape.size()) {
            throw new IllegalArgumentException(bits.remaining() + " bytes for bfloat16 " + shape);
        }
        // a slice: DJL reads a direct buffer from its start, wherever its position is
        try (NDArray bytes = owner.create(bits.slice(), byteShape(shape), DataType.UINT8)) {
            OperatorCall call = OperatorCall.of("bits", owner);
            return new Bf16Array(call.with(bytes).with(Precision.BFLOAT16).array());
        }
    }

    /**
     * Returns the numbers' bits, ready to be written to a file.
     *
     * @return two little-endian bytes a number, in row-major order
     */
    public ByteBuffer toBits() {
        OperatorCall call = OperatorCall.of("bits", array.getManager());
        try (NDArray bytes = call.with(array).with(0).withoutGraph().array()) {
            return bytes.toByteBuffer();
        }
    }

    /**
     * Widens to float32, exactly.
     *
     * @return a float32 array of the same shape; belongs to this array's manager
     */
    public NDArray toFloat32() {
        OperatorCall call = OperatorCall.of("cast", array.getManager());
        return call.with(array).with(Precision.FLOAT32).array();
    }

    /**
     * Returns the shape.
     *
     * @return the shape
     */
    public Shape shape() {
        return array.getShape();
    }

    /**
     * Shows the same numbers in another shape, as {@link NDArray#reshape(long...)}.
     *
     * @param sizes the sizes, one of them perhaps -1
     * @return a view; belongs to this array's manager
     */
    public Bf16Array reshape(long... sizes) {
        return new Bf16Array(array.reshape(sizes));
    }

    /**
     * Reorders dimensions, as {@link NDArray#transpose(int...)}.
     *
     * @param axes the old dimension that each new one was
     * @return a view; belongs to this array's manager
     */
    public Bf16Array transpose(int... axes) {
        return new Bf16Array(array.transpose(axes));
    }

    /**
     * Returns who owns this array.
     *
     * @return the manager
     */
    public NDManager manager() {
        return array.getManager();
    }

    /**
     * Gives this array to another manager.
     *
     * @param owner the manager
     */
    public void attach(NDManager owner) {
        array.attach(owner);
    }

    /** Frees the native memory; views of it keep it. */
    @Override
    public void close() {
        array.close();
    }

    @Override
    public String toString() {
        return "bfloat16 " + shape();
    }

    NDArray array() {
        return array;
    }

    private static Shape byteShape(Shape shape) {
        int last = shape.dimension() - 1;
        return shape.slice(0, last).add(2 * shape.get(last));
    }
}
