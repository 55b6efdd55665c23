package org.dataflex.examples.stream;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.dataflex.examples.corpus.BundledCorpus;
import org.dataflex.examples.corpus.TextDomain;

/**
 * Appends documents of the bundled corpus to a file, a few a step, one kind of text after another,
 * as if somebody else wrote them.
 */
public final class NewsWriter {

    private static final int DOCUMENTS_AT_START = 40;
    private static final int DOCUMENTS_A_STEP = 3;
    private static final int DOCUMENTS_OF_A_KIND = 200;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final List<String> documents;
    private long written;

    private NewsWriter(Path file, List<String> documents, long written) {
        this.file = file;
        this.documents = documents;
        this.written = written;
    }

    /**
     * Begins a file, or goes on with it.
     *
     * @param file JSON lines with a {@code text}
     * @return the writer, with some documents written
     * @throws IOException if the file cannot be written
     */
    public static NewsWriter of(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        long written = 0;
        if (Files.exists(file)) {
            try (Stream<String> lines = Files.lines(file)) {
                written = lines.count();
            }
        }
        List<String> documents =
                BundledCorpus.load().stream()
                        .map(TextDomain::training)
                        .flatMap(training -> training.stream().limit(DOCUMENTS_OF_A_KIND))
                        .toList();
        NewsWriter writer = new NewsWriter(file, documents, written);
        writer.write(0);
        return writer;
    }

    /**
     * Returns the file.
     *
     * @return the file that is appended to
     */
    public Path file() {
        return file;
    }

    /**
     * Appends what is new when so many steps have been made; nothing if that has been written.
     *
     * @param step steps made
     * @throws UncheckedIOException if the file cannot be written
     */
    public void write(long step) {
        long upTo = Math.min(documents.size(), DOCUMENTS_AT_START + DOCUMENTS_A_STEP * step);
        try (BufferedWriter out =
                Files.newBufferedWriter(
                        file,
                        StandardCharsets.UTF_8,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND)) {
            for (; written < upTo; written++) {
                out.write(JSON.writeValueAsString(Map.of("text", documents.get((int) written))));
                out.write('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
