package org.dataflex.examples.corpus;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a file into documents of about 2,000 characters.
 *
 * <p>A document ends at the first empty line after {@link #SHORT_CHARS} characters, else at the end
 * of the line that passes {@link #LONG_CHARS}. Line ends become a single line feed; the documents
 * of a file hold all its lines, in order, but for empty lines at their ends.
 */
final class DocumentSplitter {

    static final int SHORT_CHARS = 1_536;
    static final int LONG_CHARS = 2_560;

    private final List<String> documents = new ArrayList<>();
    private final StringBuilder open = new StringBuilder();

    private DocumentSplitter() {}

    static List<String> split(String file) {
        DocumentSplitter splitter = new DocumentSplitter();
        file.lines().forEach(splitter::add);
        splitter.close();
        return splitter.documents;
    }

    private void add(String line) {
        if (open.isEmpty() && line.isBlank()) {
            return;
        }
        open.append(line).append('\n');
        int length = open.length();
        if (length >= LONG_CHARS || (length >= SHORT_CHARS && line.isBlank())) {
            close();
        }
    }

    private void close() {
        String document = open.toString().stripTrailing();
        if (!document.isEmpty()) {
            documents.add(document + "\n");
        }
        open.setLength(0);
    }
}
