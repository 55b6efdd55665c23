package org.dataflex.data.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dataflex.data.TextFiles;

/**
 * LLaMA-Factory's {@code dataset_info.json}: the names, files and layouts of the datasets in a
 * directory.
 *
 * <p>Where an entry has {@code columns}, optional columns are read only if they are named; without,
 * those of {@link DatasetLayout#alpaca} and {@link DatasetLayout#shareGpt} are. Entries that name a
 * hub or a script, and what this library cannot train on (rankings, tools, images), are refused
 * when they are asked for.
 */
public final class DatasetInfo {

    private static final String FILE = "dataset_info.json";

    /** Entries that are not on this disk. */
    private static final List<String> ELSEWHERE =
            List.of("hf_hub_url", "ms_hub_url", "om_hub_url", "cloud_file_name", "script_url");

    private static final List<String> KEYS =
            List.of("file_name", "formatting", "columns", "tags", "ranking");

    private static final List<String> OPTIONAL_COLUMNS =
            List.of("query", "history", "system", "id");

    private final Path file;
    private final Map<String, JsonNode> entries;

    private DatasetInfo(Path file, Map<String, JsonNode> entries) {
        this.file = file;
        this.entries = entries;
    }

    /**
     * Reads the file of a directory.
     *
     * @param directory holds {@code dataset_info.json} and the files that it names
     * @return its datasets
     * @throws IOException if there is no such file, or it is not a JSON object of objects
     */
    public static DatasetInfo read(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        try {
            JsonNode json = new ObjectMapper().readTree(TextFiles.read(file));
            Map<String, JsonNode> entries = new LinkedHashMap<>();
            json.properties().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
            if (!json.isObject()) {
                throw new IOException(file + " is not a JSON object of datasets by name");
            }
            return new DatasetInfo(file, entries);
        } catch (JsonProcessingException e) {
            throw JsonErrors.broken(file, e);
        }
    }

    /**
     * Returns the names of all datasets.
     *
     * @return the names, in the order of the file
     */
    public List<String> names() {
        return List.copyOf(entries.keySet());
    }

    /**
     * Finds a dataset.
     *
     * @param name its name
     * @return the dataset
     * @throws IOException if the file of the dataset is missing
     * @throws IllegalArgumentException if there is no such dataset, it is not on this disk, or this
     *     library cannot train on it; the message says which
     */
    public DatasetFile dataset(String name) throws IOException {
        JsonNode entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException(
                    file + " has no dataset named '" + name + "'; it has " + names());
        }
        String where = file + ": dataset '" + name + "' ";
        requireSupported(where, entry);
        try {
            Path path = file.resolveSibling(entry.path("file_name").asText());
            return DatasetFile.of(name, path, layout(entry));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(where + "cannot be read: " + e.getMessage(), e);
        }
    }

    private static void requireSupported(String where, JsonNode entry) {
        for (String key : ELSEWHERE) {
            if (entry.has(key)) {
                throw new IllegalArgumentException(
                        where
                                + "is not on this disk ("
                                + key
                                + " is "
                                + entry.get(key).asText()
                                + "); fetch it and name its file by file_name");
            }
        }
        if (!entry.path("file_name").isTextual()) {
            throw new IllegalArgumentException(where + "has no file_name");
        }
        if (entry.path("ranking").asBoolean()) {
            throw new IllegalArgumentException(
                    where + "is for learning from rankings, which is not supported");
        }
        List<String> keys = new ArrayList<>();
        entry.fieldNames().forEachRemaining(keys::add);
        keys.removeAll(KEYS);
        if (!keys.isEmpty()) {
            throw new IllegalArgumentException(
                    where + "has " + keys + ", which is not supported; known are " + KEYS);
        }
    }

    private static DatasetLayout layout(JsonNode entry) {
        String formatting = entry.path("formatting").asText("alpaca");
        DatasetLayout layout =
                switch (formatting) {
                    case "alpaca" -> DatasetLayout.alpaca();
                    case "sharegpt" -> DatasetLayout.shareGpt();
                    case "openai" -> DatasetLayout.openAi();
                    default ->
                            throw new IllegalArgumentException(
                                    "formatting is '"
                                            + formatting
                                            + "', must be alpaca, sharegpt or openai");
                };
        Map<String, String> columns = new HashMap<>(layout.columns());
        if (entry.has("columns")) {
            columns.keySet().removeAll(OPTIONAL_COLUMNS);
            columns.putAll(texts(entry.get("columns")));
        }
        Map<String, String> tags = new HashMap<>(layout.tags());
        tags.putAll(texts(entry.path("tags")));
        return new DatasetLayout(layout.format(), columns, tags);
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new TreeMap<>();
        object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
        return texts;
    }
}
