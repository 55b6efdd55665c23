package org.dataflex.strategy;

import java.util.List;

/** What a {@link Mixer} sees. */
public interface MixingContext extends StrategyContext {

    /**
     * Returns the mixture in force.
     *
     * @return at the first update the run's initial mixture
     */
    Mixture current();

    /**
     * Returns what training showed of the domains since the last update.
     *
     * @return one entry a step, in order; none before the first step
     */
    List<DomainLosses> observations();
}
