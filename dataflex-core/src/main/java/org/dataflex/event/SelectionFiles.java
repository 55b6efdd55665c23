package org.dataflex.event;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.dataflex.data.SampleIndices;
import org.dataflex.math.Sha256;
import org.dataflex.strategy.Selection;

/**
 * Writes each selection to a file of its own, {@code position,score,chosen} a line: what was
 * chosen, as chosen, then the other candidates that have a score, unless they are too many.
 */
final class SelectionFiles {

    /** Other candidates that a file lists at most: about 25 MB. */
    static final int MOST_OTHERS = 1_000_000;

    private static final int LINES_AT_ONCE = 4096;

    private final Path directory;

    SelectionFiles(Path directory) {
        this.directory = directory;
    }

    /**
     * A selection on disk.
     *
     * @param name the file's name within the directory
     * @param sha256 digest of the file, hexadecimal
     */
    record Written(String name, String sha256) {}

    Written write(long step, String scope, Selection selection) throws IOException {
        Files.createDirectories(directory);
        String name = String.format("step-%09d-%s.csv", step, fileName(scope));
        try (Lines lines = new Lines(Files.newOutputStream(directory.resolve(name)))) {
            lines.add("position,score,chosen");
            writeChosen(lines, selection);
            SampleIndices candidates = selection.scoredCandidates();
            if (candidates.size() - selection.indices().size() <= MOST_OTHERS) {
                writeOthers(lines, candidates, selection);
            }
            return new Written(name, lines.finish());
        }
    }

    private static void writeChosen(Lines lines, Selection selection) throws IOException {
        double[] scores = selection.scores();
        for (int i = 0; i < selection.indices().size(); i++) {
            lines.add(
                    selection.indices().get(i)
                            + ","
                            + (scores.length == 0 ? "" : scores[i])
                            + ",1");
        }
    }

    private static void writeOthers(Lines lines, SampleIndices candidates, Selection selection)
            throws IOException {
        Set<Long> chosen =
                selection.indices().stream().boxed().collect(Collectors.toCollection(HashSet::new));
        for (int i = 0; i < candidates.size(); i++) {
            if (!chosen.contains(candidates.get(i))) {
                lines.add(candidates.get(i) + "," + selection.scoreOfCandidate(i) + ",0");
            }
        }
    }

    /** Lines that are digested as they are written. */
    private static final class Lines implements AutoCloseable {

        private final OutputStream out;
        private final Sha256 sha = new Sha256();
        private final StringBuilder text = new StringBuilder();
        private int waiting;

        Lines(OutputStream out) {
            this.out = out;
        }

        void add(String line) throws IOException {
            text.append(line).append('\n');
            if (++waiting == LINES_AT_ONCE) {
                flush();
            }
        }

        private void flush() throws IOException {
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            sha.update(bytes);
            out.write(bytes);
            text.setLength(0);
            waiting = 0;
        }

        /** Writes what waits; returns the digest of all. */
        String finish() throws IOException {
            flush();
            return sha.hex();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    /** A domain's name may hold what a file name must not. */
    private static String fileName(String scope) {
        String safe = scope.replaceAll("[^A-Za-z0-9_-]", "_");
        return safe.equals(scope) ? scope : safe + "-" + Integer.toHexString(scope.hashCode());
    }
}
