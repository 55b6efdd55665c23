package org.dataflex.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonLinesTest {

    @TempDir private Path directory;

    private List<String> read(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("lines.jsonl"), text);
        return JsonLines.read(file, line -> line.path("x").decimalValue().toString());
    }

    private void assertRefused(String problem, String text) {
        assertEquals(
                directory.resolve("lines.jsonl") + problem,
                assertThrows(IOException.class, () -> read(text)).getMessage());
    }

    @Test
    void read_numbersKeepTheirDigits_blankLinesAndTheMarkArePassedOver() throws IOException {
        assertEquals(
                List.of("3.10", "12345678901234567890.5", "7"),
                read("\ufeff{\"x\": 3.10}\n\n{\"x\": 12345678901234567890.5}\r\n{\"x\": 7}"));
    }

    @Test
    void read_linesThatAreNoObject_areNamed() {
        String mend = "; write one JSON object a line";
        assertRefused(" line 2: more follows behind the end" + mend, "{\"x\": 1}\n{\"x\": 2} 3\n");
        assertRefused(" line 1: Duplicate field 'x'" + mend, "{\"x\": 1, \"x\": 2}\n");
        assertRefused(" is empty", "");
    }

    @Test
    void read_whatTheCallerRefuses_isNamedByItsLine() throws IOException {
        Path file = Files.writeString(directory.resolve("lines.jsonl"), "\n{}\n");
        IOException e =
                assertThrows(
                        IOException.class,
                        () ->
                                JsonLines.read(
                                        file,
                                        line -> {
                                            throw new IllegalArgumentException("no x");
                                        }));
        assertEquals(file + " line 2: no x", e.getMessage());
    }
}
