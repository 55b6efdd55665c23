package org.dataflex.mixers;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dataflex.ReferenceLosses;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;

/** Makes stores of reference losses without a model. */
final class StoredReference {

    private StoredReference() {}

    /** Writes what {@link ReferenceLosses#compute} would for a model with these losses. */
    static ReferenceLosses of(Path directory, SampleSet samples, float[]... losses)
            throws IOException {
        TokenSequences.Builder rows = TokenSequences.builder();
        for (float[] row : losses) {
            int[] bits = new int[1 + row.length];
            bits[0] = row.length;
            for (int t = 0; t < row.length; t++) {
                bits[1 + t] = Float.floatToIntBits(row[t]);
            }
            rows.add(bits);
        }
        Files.createDirectories(directory);
        rows.build().save(directory.resolve("losses.tokens"));
        Files.writeString(
                directory.resolve("reference.json"),
                new ObjectMapper()
                        .createObjectNode()
                        .put("version", 1)
                        .put("samples", samples.fingerprint())
                        .put("meanLoss", 1)
                        .toString());
        return ReferenceLosses.open(directory);
    }
}
