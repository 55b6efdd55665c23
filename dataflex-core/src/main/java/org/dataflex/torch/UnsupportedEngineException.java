package org.dataflex.torch;

/** Thrown when an operator needs the PyTorch engine, or another version of it. */
public final class UnsupportedEngineException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Says what is missing.
     *
     * @param message the message
     */
    public UnsupportedEngineException(String message) {
        super(message);
    }

    /**
     * Says what is missing.
     *
     * @param message the message
     * @param cause what the engine answered
     */
    public UnsupportedEngineException(String message, Throwable cause) {
        super(message, cause);
    }
}
