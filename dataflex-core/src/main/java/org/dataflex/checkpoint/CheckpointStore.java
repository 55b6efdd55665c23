package org.dataflex.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.dataflex.math.Sha256;

/**
 * The checkpoints of a run: one directory each, written beside its final name and moved into place,
 * so that a half-written one is never taken for a whole one.
 *
 * <pre>
 * step-000000500/
 *   model.safetensors  optimizer.safetensors  strategies.safetensors  state.json
 *   manifest.json      step, and the SHA-256 of every other file
 * </pre>
 */
public final class CheckpointStore {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int VERSION = 1;
    private static final String MODEL = "model.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String STRATEGIES = "strategies.safetensors";
    private static final String STATE = "state.json";
    private static final String MANIFEST = "manifest.json";
    private static final List<String> FILES = List.of(MODEL, OPTIMIZER, STRATEGIES, STATE);

    private final Path directory;
    private final int kept;
    private final Drafts.Opener opener;

    /**
     * Opens the checkpoints below a directory.
     *
     * @param directory made when the first checkpoint is saved
     * @param kept how many of the newest to keep, at least 1
     */
    public CheckpointStore(Path directory, int kept) {
        this(directory, kept, Drafts::open);
    }

    CheckpointStore(Path directory, int kept, Drafts.Opener opener) {
        this.directory = directory;
        this.kept = kept;
        this.opener = opener;
    }

    /**
     * Saves a checkpoint, then removes those that are no longer kept.
     *
     * @param checkpoint what to save
     * @return its directory
     * @throws IOException if it cannot be written; earlier checkpoints are then as before
     */
    public Path save(Checkpoint checkpoint) throws IOException {
        Path target = directory.resolve(String.format("step-%09d", checkpoint.step()));
        new AtomicDirectory(target, "a checkpoint", file -> true)
                .save(draft -> write(draft, checkpoint));
        prune();
        return target;
    }

    private void write(Path draft, Checkpoint checkpoint) throws IOException {
        new Drafts(draft, opener)
                .add(MODEL, file -> SafetensorsWriter.write(file, checkpoint.model()))
                .add(OPTIMIZER, file -> SafetensorsWriter.write(file, checkpoint.optimizer()))
                .add(STRATEGIES, file -> SafetensorsWriter.write(file, checkpoint.strategies()))
                .addJson(STATE, checkpoint.state())
                .save();
        ObjectNode manifest = manifest(draft, checkpoint.step());
        new Drafts(draft, opener).addJson(MANIFEST, manifest).save();
    }

    /**
     * Finds the newest checkpoint.
     *
     * @return its directory, if there is one
     * @throws IOException if the directory cannot be read
     */
    public Optional<Path> newest() throws IOException {
        List<Path> all = list();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    /**
     * Loads a checkpoint after comparing every file with the manifest.
     *
     * @param checkpoint its directory; its files must stay as they are while the tensors are in use
     * @return the checkpoint
     * @throws CheckpointException if a file is missing or damaged, or the version is another
     * @throws IOException if a file cannot be read
     */
    public Checkpoint load(Path checkpoint) throws IOException {
        JsonNode manifest = readJson(checkpoint, MANIFEST);
        if (manifest.path("version").asInt() != VERSION) {
            throw new CheckpointException(
                    checkpoint
                            + " has version "
                            + manifest.path("version")
                            + "; this library reads version "
                            + VERSION);
        }
        for (String file : FILES) {
            String wanted = manifest.path("sha256").path(file).asText();
            if (!sha256(checkpoint, file).equals(wanted)) {
                throw damaged(checkpoint, file, "does not have the content that was saved", null);
            }
        }
        return new Checkpoint(
                manifest.path("step").asLong(),
                readJson(checkpoint, STATE),
                SafetensorsReader.open(checkpoint.resolve(MODEL)).tensors(),
                SafetensorsReader.open(checkpoint.resolve(OPTIMIZER)).tensors(),
                SafetensorsReader.open(checkpoint.resolve(STRATEGIES)).tensors());
    }

    private List<Path> list() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(p -> p.getFileName().toString().matches("step-\\d{9,}"))
                    .sorted(Comparator.comparingLong(CheckpointStore::step))
                    .toList();
        }
    }

    private static long step(Path checkpoint) {
        return Long.parseLong(checkpoint.getFileName().toString().substring("step-".length()));
    }

    private void prune() throws IOException {
        List<Path> all = list();
        for (Path old : all.subList(0, Math.max(0, all.size() - kept))) {
            AtomicDirectory.delete(old);
        }
    }

    private static ObjectNode manifest(Path draft, long step) throws IOException {
        ObjectNode manifest = JSON.createObjectNode().put("version", VERSION).put("step", step);
        ObjectNode hashes = manifest.putObject("sha256");
        for (String file : FILES) {
            hashes.put(file, sha256(draft, file));
        }
        return manifest;
    }

    private static String sha256(Path checkpoint, String file) throws IOException {
        try (InputStream in = Files.newInputStream(checkpoint.resolve(file))) {
            Sha256 digest = new Sha256();
            byte[] buffer = new byte[1 << 16];
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                digest.update(ByteBuffer.wrap(buffer, 0, length));
            }
            return digest.hex();
        } catch (NoSuchFileException e) {
            throw damaged(checkpoint, file, "is missing", e);
        }
    }

    private static ObjectNode readJson(Path checkpoint, String file) throws IOException {
        try {
            if (JSON.readTree(checkpoint.resolve(file).toFile()) instanceof ObjectNode node) {
                return node;
            }
            throw damaged(checkpoint, file, "is not a JSON object", null);
        } catch (JsonProcessingException e) {
            throw damaged(checkpoint, file, "is not JSON", e);
        } catch (FileNotFoundException e) {
            throw damaged(checkpoint, file, "is missing", e);
        }
    }

    private static CheckpointException damaged(
            Path checkpoint, String file, String problem, Throwable cause) {
        return new CheckpointException(
                "checkpoint "
                        + checkpoint
                        + " is damaged: "
                        + file
                        + " "
                        + problem
                        + "; delete that directory to go on from the one before",
                cause);
    }
}
