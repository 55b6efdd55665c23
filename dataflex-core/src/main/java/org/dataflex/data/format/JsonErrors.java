package org.dataflex.data.format;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Path;
import org.dataflex.checkpoint.JsonFault;

/** What is wrong with JSON, and where. */
final class JsonErrors {

    private JsonErrors() {}

    /** A file of which the error's own line number is right. */
    static IOException broken(Path file, JsonProcessingException e) {
        JsonLocation at = e.getLocation();
        return broken(file, at == null ? 1 : at.getLineNr(), e);
    }

    /** A file of JSON lines, of which the error knows one. */
    static IOException broken(Path file, long line, JsonProcessingException e) {
        JsonLocation at = e.getLocation();
        String column = at == null ? "" : ", column " + at.getColumnNr();
        return new IOException(
                "%s is broken JSON at line %d%s: %s; mend it there"
                        .formatted(file, line, column, JsonFault.of(e)),
                e);
    }
}
