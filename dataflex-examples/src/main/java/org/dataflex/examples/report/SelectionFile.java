package org.dataflex.examples.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.dataflex.examples.report.RunEvent.Choice;
import org.dataflex.math.Sha256;

/**
 * What a selector chose and what from: the chosen first, then the other candidates, if they have
 * scores and are not too many.
 *
 * @param positions of the pool
 * @param scores one a position; NaN where there is none
 * @param count how many were chosen
 */
record SelectionFile(long[] positions, double[] scores, int count) {

    private static final String HEADER = "position,score,chosen";

    /**
     * Reads the file of a decision.
     *
     * @throws IOException if it is missing or not the one that the log names
     */
    static SelectionFile read(Path run, Choice choice) throws IOException {
        Path file = run.resolve("selections").resolve(choice.chosen().file());
        if (!Files.isRegularFile(file)) {
            throw new IOException(
                    "%s is missing; the log names it at step %d".formatted(file, choice.step()));
        }
        byte[] bytes = Files.readAllBytes(file);
        if (!Sha256.of(bytes).equals(choice.chosen().sha256())) {
            throw new IOException(
                    file + " is not what the selector chose: its SHA-256 differs from the log's");
        }
        List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
        if (lines.isEmpty() || !lines.get(0).equals(HEADER)) {
            throw new IOException(file + " line 1 is not '" + HEADER + "'");
        }
        return parse(lines.subList(1, lines.size()), Math.toIntExact(choice.chosen().count()));
    }

    private static SelectionFile parse(List<String> lines, int count) {
        long[] positions = new long[lines.size()];
        double[] scores = new double[lines.size()];
        for (int i = 0; i < positions.length; i++) {
            String[] cells = lines.get(i).split(",", -1);
            positions[i] = Long.parseLong(cells[0]);
            scores[i] = cells[1].isEmpty() ? Double.NaN : Double.parseDouble(cells[1]);
        }
        return new SelectionFile(positions, scores, count);
    }

    /** The positions that were chosen. */
    long[] chosen() {
        return Arrays.copyOf(positions, count);
    }

    /** Where a position stands in the file, or -1. */
    int indexOf(long position) {
        for (int i = 0; i < positions.length; i++) {
            if (positions[i] == position) {
                return i;
            }
        }
        return -1;
    }

    /** Whether the scores of others than the chosen are known too. */
    boolean hasOthers() {
        return positions.length > count;
    }

    /** Whether the chosen have scores. */
    boolean hasScores() {
        return Arrays.stream(scores).limit(count).anyMatch(score -> !Double.isNaN(score));
    }

    /** The scores, ascending; without those that are NaN. */
    double[] sortedScores() {
        return Arrays.stream(scores).filter(score -> !Double.isNaN(score)).sorted().toArray();
    }
}
