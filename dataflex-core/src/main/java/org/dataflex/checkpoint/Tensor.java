package org.dataflex.checkpoint;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.dataflex.math.Sha256;
import org.dataflex.torch.Bf16Array;

/**
 * An array's content on its way to or from disk, of any size: native memory and files are read only
 * when asked for, a piece at a time.
 *
 * @param type what the values are
 * @param shape how they are arranged; a scalar has no sizes
 * @param content the values, row by row
 */
public record Tensor(SafetensorsType type, Shape shape, Content content) {

    /** The most bytes of a piece; measured: larger is not faster. */
    static final int PIECE = 1 << 22;

    /** The values of a tensor. */
    @FunctionalInterface
    public interface Content {

        /**
         * Shows a piece of the values.
         *
         * @param from its first byte, counted from the first value; a multiple of a value's size
         * @param length its bytes, at most 4 MiB; a multiple of a value's size
         * @return exactly these bytes, little endian, from position 0 on; only read
         */
        ByteBuffer bytes(long from, int length);
    }

    /**
     * Describes an array.
     *
     * @param array the array, of any device; must stay open until the content has been read
     * @return its tensor, bit for bit
     */
    public static Tensor of(NDArray array) {
        return of(array, SafetensorsType.of(array.getDataType()));
    }

    /**
     * Describes an array's values in another type.
     *
     * @param array the array, of any device; must stay open until the content has been read
     * @param type the type to which values are rounded, to the nearest, ties to even
     * @return the tensor
     */
    public static Tensor of(NDArray array, SafetensorsType type) {
        return new Tensor(
                type,
                array.getShape(),
                (from, length) ->
                        rounded(array, type, from / type.size(), (from + length) / type.size()));
    }

    private static ByteBuffer rounded(NDArray array, SafetensorsType type, long from, long to) {
        try (NDScope scope = new NDScope();
                NDManager manager = array.getManager().newSubManager(Device.cpu())) {
            scope.suppressNotUsedWarning();
            NDArray piece =
                    array.stopGradient()
                            .reshape(-1)
                            .get(new NDIndex("{}:{}", from, to))
                            .toDevice(Device.cpu(), false);
            return type == SafetensorsType.BF16
                    ? Bf16Array.of(manager, piece).toBits()
                    : piece.toType(type.dataType(), false).toByteBuffer();
        }
    }

    /**
     * Describes numbers.
     *
     * @param values the numbers
     * @return a tensor of shape [length]
     */
    public static Tensor of(double[] values) {
        return new Tensor(
                SafetensorsType.F64,
                new Shape(values.length),
                (from, length) -> {
                    ByteBuffer bytes = littleEndian(ByteBuffer.allocate(length));
                    int first = (int) (from / Double.BYTES);
                    bytes.asDoubleBuffer().put(values, first, length / Double.BYTES);
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
                SafetensorsType.I64,
                new Shape(values.length),
                (from, length) -> {
                    ByteBuffer bytes = littleEndian(ByteBuffer.allocate(length));
                    int first = (int) (from / Long.BYTES);
                    bytes.asLongBuffer().put(values, first, length / Long.BYTES);
                    return bytes;
                });
    }

    /**
     * Returns the numbers of an F64 tensor.
     *
     * @return the numbers
     * @throws IllegalStateException if this is a tensor of another type
     */
    public double[] toDoubles() {
        requireType(SafetensorsType.F64);
        double[] values = new double[Math.toIntExact(shape.size())];
        for (long from = 0; from < byteSize(); from += PIECE) {
            ByteBuffer piece = piece(from);
            int first = (int) (from / Double.BYTES);
            piece.asDoubleBuffer().get(values, first, piece.remaining() / Double.BYTES);
        }
        return values;
    }

    /**
     * Returns the numbers of an I64 tensor.
     *
     * @return the numbers
     * @throws IllegalStateException if this is a tensor of another type
     */
    public long[] toLongs() {
        requireType(SafetensorsType.I64);
        long[] values = new long[Math.toIntExact(shape.size())];
        for (long from = 0; from < byteSize(); from += PIECE) {
            ByteBuffer piece = piece(from);
            int first = (int) (from / Long.BYTES);
            piece.asLongBuffer().get(values, first, piece.remaining() / Long.BYTES);
        }
        return values;
    }

    private void requireType(SafetensorsType wanted) {
        if (type != wanted) {
            throw new IllegalStateException("the tensor is " + type + ", must be " + wanted);
        }
    }

    /**
     * Makes an array of this type; BF16 is widened to float32, exactly.
     *
     * @param manager the array's manager
     * @return the array, on the manager's device
     */
    public NDArray toArray(NDManager manager) {
        boolean isBf16 = type == SafetensorsType.BF16;
        NDArray array = manager.create(shape, isBf16 ? DataType.FLOAT32 : type.dataType());
        copyTo(array);
        return array;
    }

    /**
     * Copies the values into an array in place, converting where types differ.
     *
     * @param target an array of this shape, of any device
     */
    public void copyTo(NDArray target) {
        copyTo(target, piece -> {});
    }

    /**
     * Copies the values into an array in place, and shows them on the way.
     *
     * @param target an array of this shape, of any device
     * @param check sees each piece before it is copied: one row, on the CPU, float32 where this is
     *     BF16
     */
    public void copyTo(NDArray target, Consumer<NDArray> check) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray flat = target.stopGradient().reshape(-1);
            for (long from = 0; from < byteSize(); from += PIECE) {
                ByteBuffer bytes = aligned(piece(from));
                long first = from / type.size();
                long end = first + bytes.remaining() / type.size();
                try (NDManager manager = target.getManager().newSubManager(Device.cpu())) {
                    NDArray piece = array(manager, bytes, new Shape(end - first));
                    check.accept(piece);
                    flat.set(new NDIndex("{}:{}", first, end), piece);
                }
            }
        }
    }

    /** Shows numbers as an array without copying them, unless they must be widened. */
    private NDArray array(NDManager manager, ByteBuffer bytes, Shape row) {
        return type == SafetensorsType.BF16
                ? Bf16Array.ofBits(manager, bytes, row).toFloat32()
                : manager.create(bytes, row, type.dataType());
    }

    /** Moves numbers that the file does not align: native code may not read them where they are. */
    private ByteBuffer aligned(ByteBuffer bytes) {
        if (!bytes.isDirect() || bytes.alignmentOffset(0, type.size()) == 0) {
            return bytes;
        }
        return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip();
    }

    /**
     * Writes the values.
     *
     * @param channel where to
     * @throws IOException if it cannot be written to
     */
    void writeTo(WritableByteChannel channel) throws IOException {
        for (long from = 0; from < byteSize(); from += PIECE) {
            Drafts.writeFully(channel, piece(from));
        }
    }

    /**
     * Compares bytes.
     *
     * @param other another tensor
     * @return whether type, shape and all bytes are the same
     */
    public boolean hasSameContent(Tensor other) {
        if (type != other.type || !shape.equals(other.shape)) {
            return false;
        }
        for (long from = 0; from < byteSize(); from += PIECE) {
            if (!piece(from).equals(other.piece(from))) {
                return false;
            }
        }
        return true;
    }

    /**
     * Digests type, shape and all bytes.
     *
     * @param digest what takes them
     */
    public void addTo(Sha256 digest) {
        digest.update((type + " " + shape).getBytes(StandardCharsets.UTF_8));
        for (long from = 0; from < byteSize(); from += PIECE) {
            digest.update(piece(from));
        }
    }

    private ByteBuffer piece(long from) {
        return littleEndian(content.bytes(from, (int) Math.min(PIECE, byteSize() - from)));
    }

    private static ByteBuffer littleEndian(ByteBuffer bytes) {
        return bytes.order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Returns the size on disk.
     *
     * @return bytes
     */
    public long byteSize() {
        return shape.size() * type.size();
    }
}
