package org.dataflex.strategy;

/**
 * Thrown when a strategy fails or breaks its contract; the message opens with its name and step.
 */
public final class StrategyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Says who, when and what, such as {@code less @ step 400: returned 31 of 32 samples}.
     *
     * @param strategy the name
     * @param step the step
     * @param problem what went wrong
     * @param cause what the strategy threw, or null
     */
    public StrategyException(String strategy, long step, String problem, Throwable cause) {
        super(strategy + " @ step " + step + ": " + problem, cause);
    }
}
