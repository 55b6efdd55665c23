package org.dataflex.selectors;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;
import org.dataflex.strategy.Settings;

/** Target sets that are named in settings: {@code name:path,name:path}. */
final class TargetFiles {

    private TargetFiles() {}

    /**
     * Opens the files of a setting. They are mapped, and stay open as long as the process lives.
     *
     * @param settings has {@code targets}
     * @return the target sets by name, in order
     * @throws IllegalArgumentException if there are none, or one cannot be read
     */
    static Map<String, SampleSet> read(Settings settings) {
        String value = settings.text("targets", null);
        if (value == null) {
            throw malformed("null");
        }
        Map<String, SampleSet> targets = new LinkedHashMap<>();
        for (String entry : value.split(",")) {
            int colon = entry.indexOf(':');
            if (colon < 1 || colon == entry.length() - 1) {
                throw malformed("'" + value + "'");
            }
            String name = entry.substring(0, colon).strip();
            if (targets.put(name, open(entry.substring(colon + 1).strip())) != null) {
                throw new IllegalArgumentException(
                        "targets = '" + value + "' names '" + name + "' twice");
            }
        }
        return targets;
    }

    private static TokenSequences open(String path) {
        try {
            return TokenSequences.open(Path.of(path));
        } catch (IOException e) {
            throw new IllegalArgumentException("targets: " + e.getMessage(), e);
        }
    }

    private static IllegalArgumentException malformed(String value) {
        return new IllegalArgumentException(
                "targets = "
                        + value
                        + ", must be name:path,name:path of files that TokenSequences.save wrote");
    }
}
