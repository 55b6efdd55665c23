package org.dataflex.lm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.checkpoint.SafetensorsReader;
import org.dataflex.checkpoint.StrictJson;

/**
 * The list of which shard has which tensor.
 *
 * @param file where it is
 * @param shardOf a shard's file name by a tensor's name
 */
record WeightFilesIndex(Path file, Map<String, String> shardOf) {

    private static final String MAP = "weight_map";

    /**
     * Reads a list.
     *
     * @param file where it is
     * @return the list
     * @throws CheckpointException if it is not sound, or a shard's name leads to elsewhere
     * @throws IOException if it cannot be read
     */
    static WeightFilesIndex read(Path file) throws IOException {
        JsonNode map = StrictJson.read(file).path(MAP);
        if (!map.isObject() || map.isEmpty()) {
            throw damaged(file, MAP + " must map each tensor to its shard");
        }
        Map<String, String> shardOf = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            shardOf.put(entry.getKey(), shardName(file, entry.getKey(), entry.getValue()));
        }
        return new WeightFilesIndex(file, shardOf);
    }

    /** Accepts names of files beside the index only: what else they lead to is not the model's. */
    private static String shardName(Path file, String tensor, JsonNode node)
            throws CheckpointException {
        String name = node.textValue();
        if (name == null || !name.matches("[\\w-][\\w.-]*\\.safetensors")) {
            throw damaged(
                    file,
                    "tensor '%s' is said to be in %s, which is no shard's file name"
                            .formatted(tensor, node));
        }
        return name;
    }

    /**
     * Opens the shards and compares them with this list.
     *
     * @param directory where they are
     * @return the shards in the order of their names
     * @throws CheckpointException if they are missing, damaged or others; the message has all
     *     differences
     * @throws IOException if they cannot be read
     */
    List<SafetensorsReader> open(Path directory) throws IOException {
        List<SafetensorsReader> shards = new ArrayList<>();
        List<String> wrong = new ArrayList<>();
        Map<String, String> unseen = new TreeMap<>(shardOf);
        for (String name : new TreeSet<>(shardOf.values())) {
            try {
                SafetensorsReader shard = WeightFiles.shard(directory.resolve(name));
                shards.add(shard);
                compare(name, shard, unseen, wrong);
            } catch (NoSuchFileException e) {
                wrong.add("shard " + name + " is missing");
                unseen.values().removeIf(name::equals);
            }
        }
        unseen.forEach((tensor, name) -> wrong.add(name + " lacks tensor '" + tensor + "'"));
        if (!wrong.isEmpty()) {
            throw damaged(file, "it differs from the shards:\n  " + String.join("\n  ", wrong));
        }
        return shards;
    }

    private void compare(
            String name, SafetensorsReader shard, Map<String, String> unseen, List<String> wrong) {
        for (String tensor : shard.tensors().keySet()) {
            String listed = shardOf.get(tensor);
            if (name.equals(listed)) {
                unseen.remove(tensor);
            } else {
                wrong.add(
                        "%s has tensor '%s', which is listed %s"
                                .formatted(
                                        name, tensor, listed == null ? "nowhere" : "in " + listed));
            }
        }
    }

    /**
     * Returns the text of this list.
     *
     * @param totalSize the bytes of all tensors
     * @return JSON
     */
    String text(long totalSize) {
        ObjectNode root = new ObjectMapper().createObjectNode();
        root.putObject("metadata").put("total_size", totalSize);
        ObjectNode map = root.putObject(MAP);
        shardOf.forEach(map::put);
        return root.toPrettyString() + "\n";
    }

    private static CheckpointException damaged(Path file, String problem) {
        return StrictJson.damaged(file, problem, null);
    }
}
