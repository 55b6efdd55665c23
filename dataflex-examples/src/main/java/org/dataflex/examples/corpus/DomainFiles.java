package org.dataflex.examples.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.dataflex.data.JsonLines;
import org.dataflex.math.Sha256;

/**
 * A directory of domains: {@code DOMAIN.train.jsonl} and {@code DOMAIN.valid.jsonl}, each line an
 * object with a {@code text}.
 */
public final class DomainFiles {

    private static final String TRAINING = ".train.jsonl";
    private static final String HELD_OUT = ".valid.jsonl";

    private final Path directory;

    private DomainFiles(Path directory) {
        this.directory = directory;
    }

    /**
     * Reads all domains.
     *
     * @param directory the directory; other files are passed over
     * @return the domains in the order of their names, their documents in the order of their
     *     hashes, so that any prefix is a fair sample
     * @throws IOException if a domain lacks one of its files, or a line has no text; the message
     *     names the domain or the line
     */
    public static List<TextDomain> read(Path directory) throws IOException {
        DomainFiles files = new DomainFiles(directory);
        List<TextDomain> domains = new ArrayList<>();
        for (String name : files.names()) {
            domains.add(files.domain(name));
        }
        return List.copyOf(domains);
    }

    private Set<String> names() throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new IOException(directory + " is not a directory");
        }
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                for (String ending : List.of(TRAINING, HELD_OUT)) {
                    if (name.endsWith(ending)) {
                        names.add(name.substring(0, name.length() - ending.length()));
                    }
                }
            }
        }
        if (names.isEmpty()) {
            throw new IOException(directory + " has no file named DOMAIN" + TRAINING);
        }
        return names;
    }

    private TextDomain domain(String name) throws IOException {
        List<String> training = texts(name, TRAINING, "training");
        List<String> heldOut = texts(name, HELD_OUT, "held-out");
        return new TextDomain(name, directory.toString(), training, heldOut);
    }

    private List<String> texts(String domain, String ending, String kind) throws IOException {
        Path file = directory.resolve(domain + ending);
        List<String> texts =
                Files.exists(file) ? JsonLines.read(file, DomainFiles::text) : List.of();
        if (texts.isEmpty()) {
            throw new IOException(
                    "domain '%s' has no %s text: %s is missing or empty"
                            .formatted(domain, kind, file));
        }
        return texts.stream().sorted(Comparator.comparing(DomainFiles::hash)).toList();
    }

    private static String text(JsonNode line) {
        String text = line.path("text").asText("");
        if (text.isBlank()) {
            throw new IllegalArgumentException("no text; name it 'text'");
        }
        return text;
    }

    private static String hash(String text) {
        return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
