package org.dataflex.lm;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.dataflex.torch.Bf16Array;

/**
 * A tensor on its way to a file.
 *
 * @param entry what the file will say of it; where it starts is not known yet
 * @param content what writes the numbers
 */
record SafetensorsTensor(SafetensorsEntry entry, Content content) {

    /** Numbers of an array that are in memory twice at a time. */
    private static final long PIECE = 1 << 20;

    /** Writes a tensor's numbers. */
    @FunctionalInterface
    interface Content {

        /** Writes all bytes. */
        void writeTo(WritableByteChannel channel) throws IOException;
    }

    /** Describes bytes that are written as they are. */
    static SafetensorsTensor of(
            String name, SafetensorsType type, Shape shape, ByteBuffer numbers) {
        return new SafetensorsTensor(
                new SafetensorsEntry(name, type, shape, 0),
                channel -> writeFully(channel, numbers.duplicate()));
    }

    /**
     * Describes an array.
     *
     * @param name the tensor's name
     * @param array the array; must stay open until it is written
     * @param floating the type to which floating numbers are rounded
     * @return the tensor; writing it throws an {@link IOException} where a number is not finite
     */
    static SafetensorsTensor of(String name, NDArray array, SafetensorsType floating) {
        SafetensorsType own = SafetensorsType.of(array.getDataType());
        SafetensorsType type = own.isFloating() ? floating : own;
        SafetensorsEntry entry = new SafetensorsEntry(name, type, array.getShape(), 0);
        return new SafetensorsTensor(entry, channel -> write(channel, array, entry));
    }

    SafetensorsTensor startingAt(long start) {
        return new SafetensorsTensor(
                new SafetensorsEntry(entry.name(), entry.type(), entry.shape(), start), content);
    }

    private static void write(WritableByteChannel channel, NDArray array, SafetensorsEntry entry)
            throws IOException {
        long size = array.size();
        for (long from = 0; from < size; from += PIECE) {
            try (NDScope scope = new NDScope();
                    NDManager manager = array.getManager().newSubManager(Device.cpu())) {
                scope.suppressNotUsedWarning();
                NDIndex range = new NDIndex("{}:{}", from, Math.min(from + PIECE, size));
                NDArray piece = array.stopGradient().reshape(-1).get(range);
                writeFully(channel, rounded(manager, piece.toDevice(Device.cpu(), false), entry));
            }
        }
    }

    private static ByteBuffer rounded(NDManager manager, NDArray piece, SafetensorsEntry entry)
            throws IOException {
        if (entry.type() == SafetensorsType.BF16) {
            Bf16Array numbers = Bf16Array.of(manager, piece);
            try (NDArray widened = numbers.toFloat32()) {
                requireFinite(widened, entry);
            }
            return numbers.toBits();
        }
        NDArray numbers = piece.toType(entry.type().dataType(), false);
        requireFinite(numbers, entry);
        return numbers.toByteBuffer(true); // shows the numbers where they are
    }

    private static void requireFinite(NDArray numbers, SafetensorsEntry entry) throws IOException {
        if (!WeightFilesLoading.isFinite(numbers)) {
            throw new IOException(
                    "'%s' has values that are not finite as %s"
                            .formatted(entry.name(), entry.type()));
        }
    }

    static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
