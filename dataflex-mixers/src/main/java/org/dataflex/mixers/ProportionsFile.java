package org.dataflex.mixers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dataflex.checkpoint.StrictJson;
import org.dataflex.strategy.Mixture;

/**
 * A file of domain proportions: a JSON object of one share a domain, {@code {"wiki": 0.7, "code":
 * 0.3}}.
 *
 * <p>Shares are in [0, 1] and sum to 1 within 1e-9. It hands the proportions that one run found to
 * another, or to other programs.
 */
public final class ProportionsFile {

    private ProportionsFile() {}

    /**
     * Reads a file.
     *
     * @param file the file
     * @return the shares, in the file's order
     * @throws IOException if there is no such file, or it does not hold a distribution; the message
     *     names the file and the domain
     */
    public static Map<String, Double> read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(
                    file.toString(), null, "there is no such proportions file");
        }
        Map<String, Double> proportions = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : StrictJson.read(file).properties()) {
            if (!entry.getValue().isNumber()) {
                throw refused(
                        file,
                        "the share of '"
                                + entry.getKey()
                                + "' is "
                                + entry.getValue()
                                + ", must be a number",
                        null);
            }
            proportions.put(entry.getKey(), entry.getValue().doubleValue());
        }
        try {
            StaticMixer.of(proportions);
        } catch (IllegalArgumentException e) {
            throw refused(file, e.getMessage(), e);
        }
        return Collections.unmodifiableMap(proportions);
    }

    /**
     * Writes a file whole or not at all, in the place of one that may be there.
     *
     * @param file the file
     * @param proportions what to write
     * @throws IOException if it cannot be written
     */
    public static void write(Path file, Mixture proportions) throws IOException {
        ObjectNode object = new ObjectMapper().createObjectNode();
        proportions.proportions().forEach((domain, share) -> object.put(domain.name(), share));
        Path draft = file.resolveSibling("." + file.getFileName() + ".draft");
        Files.writeString(draft, object.toPrettyString() + "\n");
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static IOException refused(Path file, String problem, Exception cause) {
        return new IOException(file + ": " + problem, cause);
    }
}
