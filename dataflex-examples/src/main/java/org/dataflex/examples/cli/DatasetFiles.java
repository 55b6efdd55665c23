package org.dataflex.examples.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dataflex.checkpoint.Drafts;

/**
 * The files that a run's samples come from, remembered beside the run: {@code datasets.json}, the
 * SHA-256 of each.
 *
 * @param output the run's output directory
 */
record DatasetFiles(Path output) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MEMORY = "datasets.json";

    /**
     * Refuses files that have changed since the run began; remembers them if none has begun.
     *
     * @param sources the SHA-256 of each file that is read now
     */
    void requireUnchanged(Map<Path, String> sources) throws IOException {
        Map<String, String> now = new TreeMap<>();
        sources.forEach((file, hash) -> now.put(file.toString(), hash));
        Path memory = output.resolve(MEMORY);
        if (!Files.exists(output.resolve("run").resolve("run.json"))) {
            new Drafts(output, Drafts::open).addJson(MEMORY, now).save();
        } else if (Files.exists(memory)) {
            Map<String, String> before =
                    JSON.readValue(
                            memory.toFile(), new TypeReference<TreeMap<String, String>>() {});
            List<String> changed =
                    now.entrySet().stream()
                            .filter(
                                    e ->
                                            !before.getOrDefault(e.getKey(), e.getValue())
                                                    .equals(e.getValue()))
                            .map(Map.Entry::getKey)
                            .toList();
            if (!changed.isEmpty()) {
                throw new IOException(
                        "%s changed since the run in %s began; put back what was there, or choose another output_dir"
                                .formatted(
                                        String.join(", ", changed)
                                                + (changed.size() == 1 ? " has" : " have"),
                                        output));
            }
        }
    }
}
