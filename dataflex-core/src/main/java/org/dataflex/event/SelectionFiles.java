package org.dataflex.event;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dataflex.math.Sha256;
import org.dataflex.strategy.Selection;

/** Writes each selection to a file of its own: {@code position,score} a line, as chosen. */
final class SelectionFiles {

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
        StringBuilder text = new StringBuilder("position,score\n");
        double[] scores = selection.scores();
        for (int i = 0; i < selection.indices().size(); i++) {
            text.append(selection.indices().get(i))
                    .append(',')
                    .append(scores.length == 0 ? "" : scores[i])
                    .append('\n');
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        String name = String.format("step-%09d-%s.csv", step, fileName(scope));
        Files.write(directory.resolve(name), bytes);
        return new Written(name, Sha256.of(bytes));
    }

    /** A domain's name may hold what a file name must not. */
    private static String fileName(String scope) {
        String safe = scope.replaceAll("[^A-Za-z0-9_-]", "_");
        return safe.equals(scope) ? scope : safe + "-" + Integer.toHexString(scope.hashCode());
    }
}
