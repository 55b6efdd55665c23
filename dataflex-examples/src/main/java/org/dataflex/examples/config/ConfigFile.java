package org.dataflex.examples.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.dataflex.checkpoint.JsonFault;
import org.dataflex.data.TextFiles;

/**
 * A configuration file, YAML or JSON: keys with a text, a number, a flag or a list each, or a
 * section of such keys.
 *
 * <p>A key without a value, or with {@code null}, counts as not set.
 */
public final class ConfigFile {

    private static final ObjectMapper YAML = strict(new YAMLMapper());
    private static final ObjectMapper JSON = strict(new ObjectMapper());

    private final String name;
    private final ObjectNode root;

    private ConfigFile(String name, ObjectNode root) {
        this.name = name;
        this.root = root;
    }

    private static ObjectMapper strict(ObjectMapper mapper) {
        return mapper.enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    /**
     * Reads a file.
     *
     * @param file ends in {@code .yaml}, {@code .yml} or {@code .json}
     * @return its keys
     * @throws IOException if it cannot be read, is not of its kind, has a key twice, or is no
     *     mapping of keys; the message names the file and the line
     */
    public static ConfigFile read(Path file) throws IOException {
        JsonNode root = parse(mapperOf(file), TextFiles.read(file), file.toString());
        if (!(root instanceof ObjectNode keys)) {
            throw new IOException(file + " must hold keys with values, such as seed: 42");
        }
        return new ConfigFile(file.toString(), keys);
    }

    private static ObjectMapper mapperOf(Path file) throws IOException {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".yaml") || name.endsWith(".yml")) {
            return YAML;
        }
        if (name.endsWith(".json")) {
            return JSON;
        }
        throw new IOException(file + " must be a file that ends in .yaml, .yml or .json");
    }

    private static JsonNode parse(ObjectMapper mapper, String text, String where)
            throws IOException {
        try {
            return mapper.readTree(text);
        } catch (JsonProcessingException e) {
            String line = e.getLocation() == null ? "" : " line " + e.getLocation().getLineNr();
            throw new IOException(where + line + ": " + JsonFault.of(e), e);
        }
    }

    /**
     * Sets keys anew.
     *
     * @param overrides {@code key=value} each, the value as it would stand in a YAML file
     * @return this file with these values
     * @throws IOException if one has no key, or a value is not YAML; the message names it
     */
    public ConfigFile with(List<String> overrides) throws IOException {
        ObjectNode changed = root.deepCopy();
        for (String override : overrides) {
            int equals = override.indexOf('=');
            if (equals < 1) {
                throw new IOException(
                        "'" + override + "' is no override; write key=value, such as seed=7");
            }
            String value = override.substring(equals + 1);
            changed.set(override.substring(0, equals), parse(YAML, value, override));
        }
        return new ConfigFile(name, changed);
    }

    /**
     * Returns what messages call this file.
     *
     * @return its path as given
     */
    public String name() {
        return name;
    }

    /**
     * Returns the keys that hold a value.
     *
     * @return key and value as text, a list's elements separated by commas; in the file's order
     * @throws IOException if a list holds lists or sections
     */
    public Map<String, String> values() throws IOException {
        return values(root, name);
    }

    /**
     * Returns the sections.
     *
     * @return the names of keys that hold keys, in the file's order
     */
    public List<String> sections() {
        List<String> sections = new ArrayList<>();
        root.properties().stream()
                .filter(entry -> entry.getValue().isObject())
                .forEach(entry -> sections.add(entry.getKey()));
        return sections;
    }

    /**
     * Returns a section as a file of its own.
     *
     * @param key one of {@link #sections}
     * @return its keys; messages call it {@code file: key}
     * @throws IOException if there is no such section
     */
    public ConfigFile section(String key) throws IOException {
        if (!(root.get(key) instanceof ObjectNode keys)) {
            throw new IOException(name + " has no section '" + key + "'; it has " + sections());
        }
        return new ConfigFile(name + ": " + key, keys);
    }

    private static Map<String, String> values(ObjectNode keys, String where) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : keys.properties()) {
            JsonNode value = entry.getValue();
            if (value.isArray()) {
                values.put(entry.getKey(), joined(value, where + ": " + entry.getKey()));
            } else if (value.isValueNode() && !value.isNull() && !value.asText().isEmpty()) {
                values.put(entry.getKey(), value.asText());
            }
        }
        return values;
    }

    private static String joined(JsonNode list, String where) throws IOException {
        StringJoiner joined = new StringJoiner(",");
        for (JsonNode element : list) {
            if (!element.isValueNode()) {
                throw new IOException(where + " must be a list of texts or numbers");
            }
            joined.add(element.asText());
        }
        return joined.toString();
    }
}
