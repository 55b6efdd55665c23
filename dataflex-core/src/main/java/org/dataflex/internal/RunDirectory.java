package org.dataflex.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.dataflex.checkpoint.CheckpointStore;
import org.dataflex.checkpoint.Drafts;
import org.dataflex.checkpoint.JsonFault;
import org.dataflex.event.EventLog;

/**
 * Where a run leaves what it made.
 *
 * <pre>
 * run.json        what the run is made with
 * events.jsonl    its events, one JSON object a line
 * selections/     what selectors chose, one file a decision
 * checkpoints/
 * </pre>
 */
final class RunDirectory {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;
    private final Map<String, String> configuration;

    RunDirectory(Path directory, Map<String, String> configuration) {
        this.directory = directory;
        this.configuration = configuration;
    }

    /** Says why a run with this configuration cannot use the directory, or returns null. */
    String problem() {
        try {
            if (Files.exists(configurationFile())) {
                return difference(
                        JSON.readValue(
                                configurationFile().toFile(),
                                new TypeReference<LinkedHashMap<String, String>>() {}));
            }
            if (Files.exists(directory) && !isEmptyDirectory()) {
                return "run directory "
                        + directory
                        + " holds other files and no run.json; choose"
                        + " an empty or new directory";
            }
            return null;
        } catch (JsonProcessingException e) {
            return "run directory "
                    + directory
                    + ": run.json is damaged ("
                    + JsonFault.of(e)
                    + "); choose another directory";
        } catch (IOException e) {
            return "run directory " + directory + " cannot be read: " + e;
        }
    }

    private boolean isEmptyDirectory() throws IOException {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }

    private String difference(Map<String, String> there) {
        StringBuilder differences = new StringBuilder();
        Map<String, String> keys = new LinkedHashMap<>(there);
        keys.putAll(configuration);
        for (String key : keys.keySet()) {
            if (!Objects.equals(there.get(key), configuration.get(key))) {
                differences
                        .append("\n      ")
                        .append(key)
                        .append(": there ")
                        .append(there.get(key))
                        .append(", here ")
                        .append(configuration.get(key));
            }
        }
        return differences.isEmpty()
                ? null
                : "run directory "
                        + directory
                        + " holds a run of another configuration; choose"
                        + " another directory, or the same settings:"
                        + differences;
    }

    /** Makes the directory and notes the configuration. */
    void create() throws IOException {
        try {
            if (!Files.exists(configurationFile())) {
                new Drafts(directory, Drafts::open).addJson("run.json", configuration).save();
            }
        } catch (IOException e) {
            throw new IOException(
                    "run directory "
                            + directory
                            + " cannot be written ("
                            + e
                            + "); choose another directory",
                    e);
        }
    }

    CheckpointStore checkpoints(int kept) {
        return new CheckpointStore(directory.resolve("checkpoints"), kept);
    }

    EventLog openLog() throws IOException {
        return EventLog.open(directory.resolve("events.jsonl"), directory.resolve("selections"));
    }

    private Path configurationFile() {
        return directory.resolve("run.json");
    }
}
