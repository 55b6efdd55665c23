package org.dataflex.examples.selectfortarget;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.dataflex.data.ByteTokens;
import org.dataflex.data.CandidatePool;

/**
 * What the decoder learns before any selector is asked.
 *
 * @param pool texts at large
 * @param steps of training on random samples of it
 */
public record Pretraining(CandidatePool pool, int steps) {

    private static final String ENDING = ".train.jsonl";

    /**
     * Reads a folder of texts, a domain for each file {@code *.train.jsonl} of JSON lines with
     * {@code text}.
     *
     * @param folder the folder
     * @param length bytes of a window
     * @param steps of training
     * @return the windows of all files, each as likely
     * @throws IOException if there is no such file, or a line of one has no text; says which
     */
    public static Pretraining on(Path folder, int length, int steps) throws IOException {
        CandidatePool.Builder pool = CandidatePool.builder();
        for (Path file : files(folder)) {
            List<String> texts = LabelledFile.texts(file);
            pool.addDomain(domain(file), ByteTokens.sequences(texts, length));
        }
        return new Pretraining(pool.build(), steps);
    }

    private static String domain(Path file) throws IOException {
        String name = file.getFileName().toString();
        String domain = name.substring(0, name.length() - ENDING.length());
        if (domain.isBlank()) {
            throw new IOException(file + " has no name before " + ENDING + "; give it one");
        }
        return domain;
    }

    private static List<Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException(folder + " is not a folder; name one of files *" + ENDING);
        }
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> files =
                    entries.filter(f -> f.getFileName().toString().endsWith(ENDING))
                            .sorted()
                            .toList();
            if (files.isEmpty()) {
                throw new IOException(folder + " has no file *" + ENDING + "; name another folder");
            }
            return files;
        }
    }
}
