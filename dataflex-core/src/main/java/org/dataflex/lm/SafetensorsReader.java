package org.dataflex.lm;

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
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.torch.Bf16Array;

/**
 * Reads one file of the <a href="https://github.com/huggingface/safetensors">safetensors</a> format
 * through a memory mapping: opening costs as much as its header, and numbers come from disk when
 * they are asked for.
 *
 * <p>A header is believed only after every tensor's range was checked against its shape, its
 * neighbours and the file. The file must not shrink while it is read: the operating system answers
 * a lost page with a signal. The mapping ends when this object is garbage.
 */
public final class SafetensorsReader {

    /** The most bytes that {@link #bytes} gives at once; measured: larger is not faster. */
    static final int LARGEST_PIECE = 1 << 22;

    /** Mappings start this far apart and overlap by a piece, so that no piece is in two. */
    private static final long SEGMENT = 1L << 30;

    private final Path file;
    private final SafetensorsHeader header;
    private final long dataStart;
    private final List<ByteBuffer> segments = new ArrayList<>();

    private SafetensorsReader(Path file, FileChannel channel) throws IOException {
        this.file = file;
        long size = channel.size();
        if (size < Long.BYTES) {
            throw damaged("it has %d bytes, fewer than a header's length".formatted(size));
        }
        for (long start = 0; start < size; start += SEGMENT) {
            long length = Math.min(SEGMENT + LARGEST_PIECE, size - start);
            segments.add(channel.map(MapMode.READ_ONLY, start, length));
        }
        ByteBuffer first = segments.get(0).duplicate().order(ByteOrder.LITTLE_ENDIAN);
        long headerSize = first.getLong();
        if (headerSize < 0 || headerSize > size - Long.BYTES) {
            throw damaged("its header claims %d bytes of %d".formatted(headerSize, size));
        }
        if (headerSize > SafetensorsJson.LARGEST) {
            throw damaged(
                    "its header has %d bytes, more than %d"
                            .formatted(headerSize, SafetensorsJson.LARGEST));
        }
        dataStart = Long.BYTES + headerSize;
        ByteBuffer json = first.slice(Long.BYTES, (int) headerSize);
        header = SafetensorsHeader.parse(file, json, size - dataStart);
    }

    /**
     * Opens a file.
     *
     * @param file the file
     * @return its reader
     * @throws CheckpointException if its header is not sound; the message names file, tensor and
     *     fault
     * @throws IOException if the file cannot be read
     */
    public static SafetensorsReader open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return new SafetensorsReader(file, channel);
        }
    }

    /**
     * Returns the file.
     *
     * @return the file
     */
    public Path file() {
        return file;
    }

    /**
     * Returns what the file says of itself ({@code __metadata__}).
     *
     * @return text by key; empty if it says nothing
     */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /**
     * Returns what the tensors are.
     *
     * @return the tensors by name, in the order of their data
     */
    public Map<String, SafetensorsEntry> entries() {
        return header.entries();
    }

    /**
     * Copies a tensor into an array of its own type; BF16 is widened to float32, exactly.
     *
     * @param manager the array's manager
     * @param name the tensor's name
     * @return the array, on the manager's device
     * @throws IllegalArgumentException if there is no such tensor
     */
    public NDArray toArray(NDManager manager, String name) {
        SafetensorsEntry entry = entry(name);
        boolean isBf16 = entry.type() == SafetensorsType.BF16;
        DataType type = isBf16 ? DataType.FLOAT32 : entry.type().dataType();
        NDArray array = manager.create(entry.shape(), type);
        copyTo(array, name, piece -> {});
        return array;
    }

    /**
     * Copies a tensor into an array, a piece in memory at a time, converting if types differ.
     *
     * @param target the array, of the tensor's shape
     * @param name the tensor's name
     * @param check sees each piece, float32 where the tensor is BF16
     */
    void copyTo(NDArray target, String name, Consumer<NDArray> check) {
        SafetensorsEntry entry = entry(name);
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray flat = target.stopGradient().reshape(-1);
            long step = LARGEST_PIECE / entry.type().size();
            for (long from = 0; from < entry.numValues(); from += step) {
                long to = Math.min(from + step, entry.numValues());
                try (NDManager manager = target.getManager().newSubManager(Device.cpu())) {
                    NDArray piece = piece(manager, entry, from, to);
                    check.accept(piece);
                    flat.set(new NDIndex("{}:{}", from, to), piece);
                }
            }
        }
    }

    /** Shows numbers as an array without copying them, unless they must be widened. */
    private NDArray piece(NDManager manager, SafetensorsEntry entry, long from, long to) {
        int size = entry.type().size();
        ByteBuffer bytes =
                aligned(bytes(entry.name(), from * size, (int) (to - from) * size), size);
        Shape shape = new Shape(to - from);
        return entry.type() == SafetensorsType.BF16
                ? Bf16Array.ofBits(manager, bytes, shape).toFloat32()
                : manager.create(bytes, shape, entry.type().dataType());
    }

    /** Moves numbers that the file does not align: native code may not read them where they are. */
    private static ByteBuffer aligned(ByteBuffer bytes, int size) {
        if (bytes.alignmentOffset(0, size) == 0) {
            return bytes;
        }
        return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip();
    }

    /**
     * Shows bytes of a tensor.
     *
     * @param name the tensor's name
     * @param from the first, counted from the tensor's start
     * @param length how many, at most {@link #LARGEST_PIECE}
     * @return the mapped bytes, read-only, little endian, starting at position 0
     * @throws IndexOutOfBoundsException if the tensor does not have them
     * @throws IllegalArgumentException if there is no such tensor
     */
    ByteBuffer bytes(String name, long from, int length) {
        SafetensorsEntry entry = entry(name);
        Objects.checkFromIndexSize(from, length, entry.byteSize());
        Objects.checkIndex(length, LARGEST_PIECE + 1);
        long position = dataStart + entry.start() + from;
        if (length == 0) {
            return ByteBuffer.allocateDirect(0);
        }
        return segments.get((int) (position / SEGMENT))
                .slice((int) (position % SEGMENT), length)
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    private SafetensorsEntry entry(String name) {
        SafetensorsEntry entry = entries().get(name);
        if (entry == null) {
            throw new IllegalArgumentException(file + " has no tensor '" + name + "'");
        }
        return entry;
    }

    private CheckpointException damaged(String problem) {
        return SafetensorsJson.damaged(file, problem, null);
    }
}
