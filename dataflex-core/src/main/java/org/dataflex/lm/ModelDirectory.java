package org.dataflex.lm;

import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Saves a model as a directory that transformers loads: weights, {@code config.json}, and the files
 * of tokenizer and generation beside them.
 *
 * <p>The directory is written beside its final name and takes its place when every file is on disk.
 * A save that fails leaves the one before whole; a process killed between the two moves leaves it
 * as {@code .NAME.previous}, and the next save puts it back first.
 */
public final class ModelDirectory {

    private static final String CONFIG = "config.json";

    /** What transformers calls the files that a model needs beside weights and config. */
    private static final List<String> COPIED =
            List.of(
                    "tokenizer.json",
                    "tokenizer_config.json",
                    "tokenizer.model",
                    "special_tokens_map.json",
                    "added_tokens.json",
                    "vocab.json",
                    "vocab.txt",
                    "merges.txt",
                    "generation_config.json",
                    "chat_template.jinja",
                    "chat_template.json");

    private final Path target;
    private final Path draft;
    private final Path previous;
    private final SafetensorsWriter writer;

    /**
     * Names a directory to save in.
     *
     * @param target the directory; saving replaces it whole
     * @param writer what writes the weights
     * @throws IOException if its place cannot be found out
     * @throws IllegalArgumentException if it is the root of a file system
     */
    public ModelDirectory(Path target, SafetensorsWriter writer) throws IOException {
        this.target = Files.exists(target) ? target.toRealPath() : target.toAbsolutePath();
        if (this.target.normalize().getNameCount() == 0) {
            throw new IllegalArgumentException(target + " cannot be replaced");
        }
        String name = this.target.normalize().getFileName().toString();
        draft = this.target.resolveSibling("." + name + ".draft");
        previous = this.target.resolveSibling("." + name + ".previous");
        this.writer = writer;
    }

    /**
     * Saves a model.
     *
     * @param block the model, initialized; its parameters must bear Hugging Face's names
     * @param config the text of {@code config.json}
     * @param source a model directory whose files of tokenizer and generation are copied, perhaps
     *     the target itself; or null for none
     * @throws FileSystemException if the target holds files that are not a model's: they would be
     *     lost
     * @throws IOException if it cannot be written; an earlier save is then as before
     */
    public void save(Block block, String config, Path source) throws IOException {
        putBack();
        requireReplaceable();
        if (source != null && !Files.isDirectory(source)) {
            throw new NotDirectoryException(source.toString());
        }
        delete(draft);
        try {
            SafetensorsDrafts.requireWritable(draft);
            writer.write(draft, block);
            writeTexts(config, source);
            replace();
        } finally {
            delete(draft);
        }
        delete(previous);
    }

    private void writeTexts(String config, Path source) throws IOException {
        SafetensorsDrafts texts = new SafetensorsDrafts(draft, SafetensorsDrafts::open);
        addText(texts, CONFIG, config.getBytes(StandardCharsets.UTF_8));
        for (String name : COPIED) {
            if (source != null && Files.exists(source.resolve(name))) {
                addText(texts, name, Files.readAllBytes(source.resolve(name)));
            }
        }
        texts.save();
    }

    private static void addText(SafetensorsDrafts texts, String name, byte[] text) {
        texts.add(name, channel -> SafetensorsTensor.writeFully(channel, ByteBuffer.wrap(text)));
    }

    /** Moves the draft to the target's name, which one move cannot do over a full directory. */
    private void replace() throws IOException {
        boolean isReplacing = Files.exists(target);
        if (isReplacing) {
            delete(previous);
            Files.move(target, previous, StandardCopyOption.ATOMIC_MOVE);
        }
        try {
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (isReplacing) {
                Files.move(previous, target, StandardCopyOption.ATOMIC_MOVE);
            }
            throw e;
        }
    }

    private void putBack() throws IOException {
        if (Files.exists(previous) && !Files.exists(target)) {
            Files.move(previous, target, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private void requireReplaceable() throws IOException {
        if (!Files.exists(target)) {
            return;
        }
        SafetensorsDrafts.requireWritable(target);
        Set<String> others = new TreeSet<>();
        try (Stream<Path> files = Files.list(target)) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals(CONFIG) && !COPIED.contains(name))
                    .filter(name -> !name.matches(WeightFiles.PATTERN))
                    .forEach(others::add);
        }
        if (!others.isEmpty()) {
            throw new FileSystemException(
                    target.toString(),
                    null,
                    "saving replaces this directory, and it holds what is no part of a model: "
                            + String.join(", ", others));
        }
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
