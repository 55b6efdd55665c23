package org.dataflex.checkpoint;

import java.io.IOException;

/** Thrown when a checkpoint is damaged, or belongs to another run; the message names the file. */
public final class CheckpointException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * Says what is wrong and what to do.
     *
     * @param message the message
     */
    public CheckpointException(String message) {
        super(message);
    }

    /**
     * Says what is wrong and what to do.
     *
     * @param message the message
     * @param cause what revealed it
     */
    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }
}
