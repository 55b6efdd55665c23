package org.dataflex.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

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
            long length = Math.min(SEGMENT + Tensor.PIECE, size - start);
            segments.add(channel.map(MapMode.READ_ONLY, start, length));
        }
        ByteBuffer first = segments.get(0).duplicate().order(ByteOrder.LITTLE_ENDIAN);
        long headerSize = first.getLong();
        if (headerSize < 0 || headerSize > size - Long.BYTES) {
            throw damaged("its header claims %d bytes of %d".formatted(headerSize, size));
        }
        if (headerSize > StrictJson.LARGEST) {
            throw damaged(
                    "its header has %d bytes, more than %d"
                            .formatted(headerSize, StrictJson.LARGEST));
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
     * Returns the tensors; their values stay in the file until they are asked for.
     *
     * @return the tensors by name, in the order of their data
     */
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        header.entries().forEach((name, entry) -> tensors.put(name, tensor(entry)));
        return tensors;
    }

    /**
     * Finds a tensor.
     *
     * @param name its name
     * @return the tensor; its values stay in the file until they are asked for
     * @throws IllegalArgumentException if there is no such tensor
     */
    public Tensor tensor(String name) {
        SafetensorsEntry entry = header.entries().get(name);
        if (entry == null) {
            throw new IllegalArgumentException(file + " has no tensor '" + name + "'");
        }
        return tensor(entry);
    }

    private Tensor tensor(SafetensorsEntry entry) {
        return new Tensor(
                entry.type(), entry.shape(), (from, length) -> bytes(entry, from, length));
    }

    /** Shows mapped bytes of a tensor, read-only. */
    private ByteBuffer bytes(SafetensorsEntry entry, long from, int length) {
        Objects.checkFromIndexSize(from, length, entry.end() - entry.start());
        Objects.checkIndex(length, Tensor.PIECE + 1);
        long position = dataStart + entry.start() + from;
        ByteBuffer segment = segments.get((int) (position / SEGMENT));
        return segment.slice((int) (position % SEGMENT), length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private CheckpointException damaged(String problem) {
        return StrictJson.damaged(file, problem, null);
    }
}
