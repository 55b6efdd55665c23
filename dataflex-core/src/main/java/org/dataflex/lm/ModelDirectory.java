package org.dataflex.lm;

import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.dataflex.checkpoint.AtomicDirectory;
import org.dataflex.checkpoint.Drafts;

/**
 * Saves a model as a directory that transformers loads: weights, {@code config.json}, and the files
 * of tokenizer and generation beside them.
 *
 * <p>The directory is saved whole or not at all, see {@link AtomicDirectory}.
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

    /** Where transformers 5 keeps the chat templates that have names. */
    private static final String TEMPLATES = "additional_chat_templates";

    private final AtomicDirectory directory;
    private final WeightFilesWriter writer;

    /**
     * Names a directory to save in, and checks that it can be written: what trains for long can
     * fail before.
     *
     * @param target the directory; saving replaces it whole
     * @param writer what writes the weights
     * @throws FileSystemException if nothing can be written there, or if the target holds files
     *     that are not a model's: they would be lost
     * @throws IOException if its place cannot be found out
     * @throws IllegalArgumentException if it is the root of a file system
     */
    public ModelDirectory(Path target, WeightFilesWriter writer) throws IOException {
        directory = new AtomicDirectory(target, "a model", ModelDirectory::isOwn);
        directory.requireWritable();
        this.writer = writer;
    }

    private static boolean isOwn(String file) {
        return file.equals(CONFIG)
                || file.equals(TEMPLATES)
                || COPIED.contains(file)
                || file.matches(WeightFiles.PATTERN);
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
     * @throws IllegalStateException if the model has adapters: merge them first
     * @throws IOException if it cannot be written; an earlier save is then as before
     */
    public void save(Block block, String config, Path source) throws IOException {
        if (source != null && !Files.isDirectory(source)) {
            throw new NotDirectoryException(source.toString());
        }
        directory.save(
                draft -> {
                    writer.write(draft, block);
                    writeTexts(draft, config, source);
                });
    }

    private static void writeTexts(Path draft, String config, Path source) throws IOException {
        Drafts texts = new Drafts(draft, Drafts::open);
        texts.add(CONFIG, config.getBytes(StandardCharsets.UTF_8));
        for (String name : COPIED) {
            if (source != null && Files.exists(source.resolve(name))) {
                texts.add(name, Files.readAllBytes(source.resolve(name)));
            }
        }
        texts.save();
        if (source != null && Files.isDirectory(source.resolve(TEMPLATES))) {
            copyAll(source.resolve(TEMPLATES), draft.resolve(TEMPLATES));
        }
    }

    private static void copyAll(Path source, Path target) throws IOException {
        Drafts texts = new Drafts(target, Drafts::open);
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                texts.add(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        texts.save();
    }
}
