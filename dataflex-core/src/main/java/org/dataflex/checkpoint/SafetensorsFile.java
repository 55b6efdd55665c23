package org.dataflex.checkpoint;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads and writes tensors by name in the <a
 * href="https://github.com/huggingface/safetensors">safetensors</a> format: the length of a JSON
 * header, the header, then every tensor's bytes.
 */
public final class SafetensorsFile {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LARGEST_HEADER = 100_000_000;

    private static final Map<DataType, String> NAMES =
            Map.of(
                    DataType.FLOAT64, "F64",
                    DataType.FLOAT32, "F32",
                    DataType.FLOAT16, "F16",
                    DataType.BFLOAT16, "BF16",
                    DataType.INT64, "I64",
                    DataType.INT32, "I32",
                    DataType.INT8, "I8",
                    DataType.UINT8, "U8",
                    DataType.BOOLEAN, "BOOL");

    private SafetensorsFile() {}

    /**
     * Writes tensors, one in memory at a time, and waits until the disk has them.
     *
     * @param file where; an existing file is replaced
     * @param tensors the tensors by name, in the order in which they are stored
     * @throws IOException if the file cannot be written
     */
    public static void write(Path file, Map<String, Tensor> tensors) throws IOException {
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
            byte[] header = header(tensors);
            ByteBuffer start =
                    ByteBuffer.allocate(Long.BYTES + header.length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(header.length)
                            .put(header)
                            .flip();
            writeFully(channel, start);
            for (Tensor tensor : tensors.values()) {
                writeFully(channel, tensor.content().get());
            }
            channel.force(true);
        }
    }

    /**
     * Reads a file's header; the tensors' bytes are read when their content is asked for.
     *
     * @param file the file; must stay until the last tensor has been read
     * @return the tensors by name, in the order in which they are stored
     * @throws CheckpointException if the file is not a whole safetensors file
     * @throws IOException if the file cannot be read
     */
    public static Map<String, Tensor> read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long headerSize = readFully(channel, 0, Long.BYTES, file).getLong();
            if (headerSize < 2 || headerSize > LARGEST_HEADER) {
                throw damaged(file, "its header claims " + headerSize + " bytes", null);
            }
            ByteBuffer header = readFully(channel, Long.BYTES, (int) headerSize, file);
            JsonNode entries = JSON.readTree(header.array());
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> entry : entries.properties()) {
                if (!entry.getKey().equals("__metadata__")) {
                    tensors.put(entry.getKey(), tensor(file, Long.BYTES + headerSize, entry));
                }
            }
            requireLength(file, channel.size(), Long.BYTES + headerSize, tensors);
            return tensors;
        } catch (JsonProcessingException e) {
            throw damaged(file, "its header is not JSON", e);
        }
    }

    private static byte[] header(Map<String, Tensor> tensors) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        long offset = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            Tensor tensor = entry.getValue();
            ObjectNode node = header.putObject(entry.getKey());
            node.put("dtype", NAMES.get(tensor.type()));
            node.set("shape", JSON.valueToTree(tensor.shape().getShape()));
            node.putArray("data_offsets").add(offset).add(offset + tensor.byteSize());
            offset += tensor.byteSize();
        }
        String text = JSON.writeValueAsString(header);
        int padding = -text.getBytes(StandardCharsets.UTF_8).length & 7; // data starts aligned
        return (text + " ".repeat(padding)).getBytes(StandardCharsets.UTF_8);
    }

    private static Tensor tensor(Path file, long dataStart, Map.Entry<String, JsonNode> entry)
            throws CheckpointException {
        JsonNode node = entry.getValue();
        DataType type = type(node.path("dtype").asText());
        Shape shape = new Shape(JSON.convertValue(node.path("shape"), long[].class));
        long from = node.path("data_offsets").path(0).asLong(-1);
        long to = node.path("data_offsets").path(1).asLong(-1);
        if (type == null
                || from < 0
                || to - from != shape.size() * type.getNumOfBytes()
                || to - from > Integer.MAX_VALUE) {
            throw damaged(file, "entry '" + entry.getKey() + "' is " + node, null);
        }
        return new Tensor(type, shape, () -> content(file, dataStart + from, (int) (to - from)));
    }

    private static DataType type(String name) {
        return NAMES.entrySet().stream()
                .filter(e -> e.getValue().equals(name))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    private static void requireLength(
            Path file, long length, long dataStart, Map<String, Tensor> tensors)
            throws CheckpointException {
        long data = tensors.values().stream().mapToLong(Tensor::byteSize).sum();
        if (length != dataStart + data) {
            throw damaged(
                    file,
                    "it has " + length + " bytes where its header asks for " + (dataStart + data),
                    null);
        }
    }

    private static ByteBuffer content(Path file, long position, int size) {
        try (FileChannel channel = FileChannel.open(file)) {
            return readFully(channel, position, size, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ByteBuffer readFully(FileChannel channel, long position, int size, Path file)
            throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw damaged(file, "it ends at byte " + channel.size(), null);
            }
        }
        return buffer.flip();
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static CheckpointException damaged(Path file, String problem, Throwable cause) {
        return new CheckpointException(
                file + " is not a whole safetensors file: " + problem, cause);
    }
}
