package org.dataflex.examples.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class DocumentSplitterTest {

    private static final String LINE = "x".repeat(99);

    @Test
    void split_shortFile_isOneDocumentWithPlainLineEnds() {
        assertEquals(List.of("  a\n\nb\n"), DocumentSplitter.split("\n  a\r\n\r\nb\r\n\r\n"));
    }

    @Test
    void split_blankFile_hasNoDocument() {
        assertEquals(List.of(), DocumentSplitter.split(" \n\n"));
    }

    @Test
    void split_emptyLineAfterTheShortLength_endsADocument() {
        String paragraph = (LINE + "\n").repeat(16);
        assertEquals(List.of(paragraph, "b\n"), DocumentSplitter.split(paragraph + "\n\nb"));
    }

    @Test
    void split_noEmptyLine_cutsAtLineEndsAndKeepsAllLines() {
        String file = (LINE + "\n").repeat(60);
        List<String> documents = DocumentSplitter.split(file);
        assertEquals(file, String.join("", documents));
        for (String document : documents) {
            assertTrue(document.length() < DocumentSplitter.LONG_CHARS + 100);
        }
    }
}
