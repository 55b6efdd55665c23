package org.dataflex.strategy;

import org.dataflex.data.Samples;

/** What a {@link Selector} sees. */
public interface SelectionContext extends StrategyContext {

    /**
     * Returns the samples to choose from.
     *
     * @return the whole pool, or with a mixer one domain of it, or as many of them as the run's
     *     candidate limit lets through; in ascending order, at least one
     */
    Samples candidates();

    /**
     * Returns how many samples to choose.
     *
     * @return at least 1, at most the number of candidates
     */
    int budget();
}
