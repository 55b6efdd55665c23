package org.dataflex.strategy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;

/**
 * Target sets that a provider finds in its settings: {@code targets} is {@code
 * name:path,name:path}.
 */
public final class TargetFiles {

    private TargetFiles() {}

    /**
     * Opens the files of a setting. They are mapped, and stay open as long as the process lives.
     *
     * @param settings has {@code targets}
     * @return the target sets by name, in order
     * @throws IllegalArgumentException if there are none, or one cannot be read
     */
    public static Map<String, SampleSet> read(Settings settings) {
        Map<String, SampleSet> targets = new LinkedHashMap<>();
        settings.paths("targets", "files that TokenSequences.save wrote")
                .forEach((name, path) -> targets.put(name, open(path)));
        return targets;
    }

    /**
     * Opens the file of a setting that names one target set.
     *
     * @param settings has {@code targets}
     * @return the target set and its name
     * @throws IllegalArgumentException if there is not exactly one, or it cannot be read
     */
    public static Map.Entry<String, SampleSet> readOne(Settings settings) {
        Map<String, SampleSet> targets = read(settings);
        if (targets.size() != 1) {
            throw new IllegalArgumentException(
                    "targets names "
                            + targets.keySet()
                            + ", must be one set; join them into one file");
        }
        return targets.entrySet().iterator().next();
    }

    private static TokenSequences open(Path path) {
        try {
            return TokenSequences.open(path);
        } catch (IOException e) {
            throw new IllegalArgumentException("targets: " + e.getMessage(), e);
        }
    }
}
