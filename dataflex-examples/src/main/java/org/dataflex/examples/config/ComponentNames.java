package org.dataflex.examples.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * DataFlex's names of components and their parameters, in the words of this library.
 *
 * <p>{@code component-names.json}: kind, component, parameter, and then either the setting that it
 * is here, or the values that it may have here, or why it has none.
 */
final class ComponentNames {

    private static final String FILE = "component-names.json";

    private static final JsonNode KNOWN = read();

    private ComponentNames() {}

    private static JsonNode read() {
        try (InputStream file = ComponentNames.class.getResourceAsStream(FILE)) {
            return new ObjectMapper().readTree(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the name that a strategy has here. */
    static String strategy(String component) {
        return component.replace('_', '-');
    }

    /**
     * Translates a component's parameters. Names that DataFlex does not know are taken for this
     * library's own.
     *
     * @param kind selector, mixer or weighter
     * @param component its name in DataFlex
     * @param parameters as its file has them
     * @param warnings gets a line for each parameter that cannot matter
     * @return the settings
     * @throws IllegalArgumentException naming the parameters that would matter and have no effect
     */
    static Map<String, String> settings(
            String kind, String component, Map<String, String> parameters, List<String> warnings) {
        JsonNode known = KNOWN.path(kind).path(component);
        Map<String, String> settings = new TreeMap<>();
        List<String> errors = new ArrayList<>();
        parameters.forEach(
                (name, value) -> {
                    JsonNode here = known.path(name);
                    String line = kind + " '" + component + "': " + name + " = " + value;
                    if (here.isMissingNode()) {
                        settings.put(name, value);
                    } else if (here.has("setting")) {
                        String translated = here.path("values").path(value).asText(value);
                        settings.put(here.path("setting").asText(), translated);
                    } else if (!here.path("harmless").asText().equals(value)) {
                        line += " has no effect: " + here.path("because").asText();
                        (here.path("matters").asBoolean() ? errors : warnings).add(line);
                    }
                });
        if (!errors.isEmpty()) {
            throw new IllegalArgumentException(String.join(System.lineSeparator(), errors));
        }
        return settings;
    }
}
