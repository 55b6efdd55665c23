package org.dataflex.data.format;

import java.io.IOException;

/**
 * Tells of a row that is no sample of its layout; the rows after it can still be read.
 *
 * <p>The message names the file, the line or row, the column, and what would mend it.
 */
public final class InvalidSampleException extends IOException {

    private static final long serialVersionUID = 1L;

    InvalidSampleException(String message, Throwable cause) {
        super(message, cause);
    }
}
