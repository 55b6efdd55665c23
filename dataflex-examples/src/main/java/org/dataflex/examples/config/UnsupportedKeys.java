package org.dataflex.examples.config;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Keys of LLaMA-Factory and DataFlex that have no effect here: an error where that would change
 * what is trained, a warning where it cannot.
 */
final class UnsupportedKeys {

    private static final String FILE = "unsupported-keys.json";

    private static final Map<String, Entry> KNOWN = read();

    private UnsupportedKeys() {}

    /**
     * What is known of a key.
     *
     * @param matters whether it is an error
     * @param harmless values that ask for what is done anyhow
     * @param because why it has no effect, and what to do
     */
    record Entry(boolean matters, List<String> harmless, String because) {

        boolean isHarmless(String value) {
            return harmless.contains(value.strip().toLowerCase(Locale.ROOT));
        }
    }

    private static Map<String, Entry> read() {
        try (InputStream file = UnsupportedKeys.class.getResourceAsStream(FILE)) {
            return new ObjectMapper().readValue(file, new TypeReference<Map<String, Entry>>() {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Takes the known keys without effect out of a file's.
     *
     * @param values the file's keys; those without effect are removed
     * @param warnings gets a line for each that cannot matter
     * @throws IllegalArgumentException naming all that matter, each with what to do
     */
    static void takeFrom(Map<String, String> values, List<String> warnings) {
        List<String> errors = new ArrayList<>();
        KNOWN.forEach(
                (key, entry) -> {
                    String value = values.remove(key);
                    if (value != null && !entry.isHarmless(value)) {
                        String line = key + " = " + value + " has no effect: " + entry.because();
                        (entry.matters() ? errors : warnings).add(line);
                    }
                });
        if (!errors.isEmpty()) {
            throw new IllegalArgumentException(String.join(System.lineSeparator(), errors));
        }
    }
}
