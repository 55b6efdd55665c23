package org.dataflex.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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

    /**
     * Opens the checkpoints below a directory.
     *
     * @param directory made when the first checkpoint is saved
     * @param kept how many of the newest to keep, at least 1
     */
    public CheckpointStore(Path directory, int kept) {
        this.directory = directory;
        this.kept = kept;
    }

    /**
     * Saves a checkpoint, then removes those that are no longer kept.
     *
     * @param checkpoint what to save
     * @return its directory
     * @throws IOException if it cannot be written; earlier checkpoints are then as before
     */
    public Path save(Checkpoint checkpoint) throws IOException {
        Files.createDirectories(directory);
        Path target = directory.resolve(String.format("step-%09d", checkpoint.step()));
        Path draft = directory.resolve("draft-" + target.getFileName());
        delete(draft);
        Files.createDirectory(draft);
        SafetensorsFile.write(draft.resolve(MODEL), checkpoint.model());
        SafetensorsFile.write(draft.resolve(OPTIMIZER), checkpoint.optimizer());
        SafetensorsFile.write(draft.resolve(STRATEGIES), checkpoint.strategies());
        writeJson(draft.resolve(STATE), checkpoint.state());
        writeJson(draft.resolve(MANIFEST), manifest(draft, checkpoint.step()));
        delete(target);
        Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        prune();
        return target;
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
     * @param checkpoint its directory; must stay until the tensors have been read
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
                SafetensorsFile.read(checkpoint.resolve(MODEL)),
                SafetensorsFile.read(checkpoint.resolve(OPTIMIZER)),
                SafetensorsFile.read(checkpoint.resolve(STRATEGIES)));
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
            delete(old);
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
        try (InputStream in = Files.newInputStream(checkpoint.resolve(file));
                DigestInputStream digest =
                        new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
            byte[] buffer = new byte[1 << 16];
            while (digest.read(buffer) >= 0) {
                // reading is what feeds the digest
            }
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        } catch (NoSuchFileException e) {
            throw damaged(checkpoint, file, "is missing", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static void writeJson(Path file, ObjectNode content) throws IOException {
        Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(content));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
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

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
