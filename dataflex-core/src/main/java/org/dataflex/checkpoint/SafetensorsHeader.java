package org.dataflex.checkpoint;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a safetensors file says of its content: the JSON between the header's length and the data.
 *
 * @param metadata words about the file
 * @param entries the tensors by name, in the order of their data
 */
record SafetensorsHeader(Map<String, String> metadata, Map<String, SafetensorsEntry> entries) {

    static final String METADATA = "__metadata__";

    /**
     * Parses a header and checks that the tensors fill the data without a gap.
     *
     * @param file where it comes from
     * @param json the header
     * @param dataSize the bytes that follow it
     * @return the header
     * @throws CheckpointException if anything is wrong; the message names file, tensor and fault
     */
    static SafetensorsHeader parse(Path file, ByteBuffer json, long dataSize)
            throws CheckpointException {
        ObjectNode root = StrictJson.object(file, "its header", json);
        Map<String, String> metadata = metadata(file, root.remove(METADATA));
        List<SafetensorsEntry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> node : root.properties()) {
            entries.add(entry(file, node.getKey(), node.getValue(), dataSize));
        }
        entries.sort(
                Comparator.comparingLong(SafetensorsEntry::start)
                        .thenComparingLong(SafetensorsEntry::end));
        requireNoGap(file, entries, dataSize);
        Map<String, SafetensorsEntry> byName = new LinkedHashMap<>();
        entries.forEach(entry -> byName.put(entry.name(), entry));
        return new SafetensorsHeader(metadata, Collections.unmodifiableMap(byName));
    }

    private static Map<String, String> metadata(Path file, JsonNode node)
            throws CheckpointException {
        if (node == null || node.isNull()) {
            return Map.of();
        }
        Map<String, String> words = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> word : node.properties()) {
            words.put(word.getKey(), word.getValue().textValue());
        }
        if (!node.isObject() || words.containsValue(null)) {
            throw StrictJson.damaged(file, METADATA + " must map text to text", null);
        }
        return Collections.unmodifiableMap(words);
    }

    private static SafetensorsEntry entry(Path file, String name, JsonNode node, long dataSize)
            throws CheckpointException {
        SafetensorsType type = type(file, name, node.path("dtype"));
        long[] shape = sizes(file, name, node, "shape");
        long[] range = sizes(file, name, node, "data_offsets");
        if (range.length != 2 || range[0] > range[1]) {
            throw damaged(file, name, "data_offsets are " + Arrays.toString(range));
        }
        if (range[1] > dataSize) {
            throw damaged(
                    file,
                    name,
                    "its data ends at byte %d, the file's at %d".formatted(range[1], dataSize));
        }
        long size = byteSize(file, name, type, shape);
        if (size != range[1] - range[0]) {
            throw damaged(
                    file,
                    name,
                    "%s %s takes %d bytes, but its data has %d"
                            .formatted(type, Arrays.toString(shape), size, range[1] - range[0]));
        }
        return new SafetensorsEntry(name, type, new Shape(shape), range[0]);
    }

    private static SafetensorsType type(Path file, String name, JsonNode node)
            throws CheckpointException {
        for (SafetensorsType type : SafetensorsType.values()) {
            if (type.name().equals(node.textValue())) {
                return type;
            }
        }
        throw damaged(
                file,
                name,
                "dtype is %s, must be one of %s"
                        .formatted(
                                node.isMissingNode() ? "missing" : node,
                                Arrays.toString(SafetensorsType.values())));
    }

    private static long[] sizes(Path file, String name, JsonNode node, String field)
            throws CheckpointException {
        JsonNode array = node.path(field);
        long[] sizes = new long[array.size()];
        for (int i = 0; i < sizes.length; i++) {
            JsonNode size = array.get(i);
            if (size == null || !size.isIntegralNumber() || !size.canConvertToLong()) {
                throw damaged(file, name, field + " has " + size + ", not a whole number");
            }
            sizes[i] = size.longValue();
            if (sizes[i] < 0) {
                throw damaged(file, name, field + " has " + size + ", below 0");
            }
        }
        if (!array.isArray()) {
            throw damaged(file, name, field + " is not an array");
        }
        return sizes;
    }

    private static long byteSize(Path file, String name, SafetensorsType type, long[] shape)
            throws CheckpointException {
        try {
            long size = type.size();
            for (long dimension : shape) {
                size = Math.multiplyExact(size, dimension);
            }
            return size;
        } catch (ArithmeticException e) {
            throw damaged(file, name, Arrays.toString(shape) + " is more than any file holds");
        }
    }

    private static void requireNoGap(Path file, List<SafetensorsEntry> entries, long dataSize)
            throws CheckpointException {
        long end = 0;
        String before = null;
        for (SafetensorsEntry entry : entries) {
            if (entry.start() < end) {
                String problem = "its data overlaps that of '" + before + "'";
                throw damaged(file, entry.name(), problem);
            }
            if (entry.start() > end) {
                String problem = (entry.start() - end) + " bytes before its data are no tensor's";
                throw damaged(file, entry.name(), problem);
            }
            end = entry.end();
            before = entry.name();
        }
        if (end != dataSize) {
            String problem = (dataSize - end) + " bytes at its end are no tensor's";
            throw StrictJson.damaged(file, problem, null);
        }
    }

    private static CheckpointException damaged(Path file, String name, String problem) {
        return StrictJson.damaged(file, "tensor '" + name + "': " + problem, null);
    }

    /**
     * Writes this header as a file begins.
     *
     * @return its length and its JSON, padded so that the data starts at a multiple of 8
     */
    ByteBuffer bytes() {
        ObjectNode root = new ObjectMapper().createObjectNode();
        ObjectNode words = root.putObject(METADATA);
        metadata.forEach(words::put);
        for (SafetensorsEntry entry : entries.values()) {
            ObjectNode node = root.putObject(entry.name());
            node.put("dtype", entry.type().name());
            Arrays.stream(entry.shape().getShape()).forEach(node.putArray("shape")::add);
            node.putArray("data_offsets").add(entry.start()).add(entry.end());
        }
        byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8;
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(padded).put(json);
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        return bytes.flip();
    }
}
