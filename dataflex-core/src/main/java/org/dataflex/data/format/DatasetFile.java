package org.dataflex.data.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A dataset on disk: one or more files of one layout.
 *
 * @param name what the dataset is called
 * @param files its files, in order, at least one
 * @param layout how their rows are laid out
 */
public record DatasetFile(String name, List<Path> files, DatasetLayout layout) {

    /** Copies the list and rejects none. */
    public DatasetFile {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(layout, "layout");
        files = List.copyOf(files);
        if (files.isEmpty()) {
            throw new IllegalArgumentException("dataset '" + name + "' has no files");
        }
    }

    /**
     * Names a dataset.
     *
     * @param name what to call it
     * @param path a file, or a directory of which every file is read, in the order of their names
     * @param layout how rows are laid out
     * @return the dataset
     * @throws IOException if there is no such file, or the directory has none
     */
    public static DatasetFile of(String name, Path path, DatasetLayout layout) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(
                    path.toString(), null, "dataset '" + name + "' has no such file");
        }
        if (!Files.isDirectory(path)) {
            return new DatasetFile(name, List.of(path), layout);
        }
        try (Stream<Path> found = Files.list(path)) {
            List<Path> files = found.filter(Files::isRegularFile).sorted().toList();
            if (files.isEmpty()) {
                throw new IOException("dataset '" + name + "': " + path + " has no files");
            }
            return new DatasetFile(name, files, layout);
        }
    }

    /**
     * Returns this dataset for pretraining: its rows are plain texts.
     *
     * <p>As in LLaMA-Factory the text is in the column that is named {@code prompt}; where none is
     * named, it is in {@code text}.
     *
     * @return the dataset as texts
     * @throws IllegalArgumentException if its rows are conversations
     */
    public DatasetFile asTexts() {
        if (layout.format() == DatasetLayout.Format.TEXT) {
            return this;
        }
        if (layout.format() == DatasetLayout.Format.SHAREGPT) {
            throw new IllegalArgumentException(
                    "dataset '" + name + "' holds conversations, not texts to pretrain on");
        }
        String prompt = layout.column("prompt");
        boolean isDefault = layout.columns().equals(DatasetLayout.alpaca().columns());
        return new DatasetFile(name, files, DatasetLayout.text(isDefault ? "text" : prompt));
    }
}
