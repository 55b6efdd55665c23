package org.dataflex.strategy;

import java.util.Map;
import org.dataflex.data.CandidatePool;

/** The three ways to steer the data of a run; the kinds are closed, their implementations open. */
public sealed interface Strategy permits Selector, Mixer, Weighter {

    /**
     * Returns the name used in events, reports and checkpoints.
     *
     * @return a short name, by default the class's, or {@code custom} for a lambda
     */
    default String name() {
        Class<?> type = getClass();
        return type.isHidden() || type.isSynthetic() || type.isAnonymousClass()
                ? "custom"
                : type.getSimpleName();
    }

    /**
     * Returns what this strategy was made with, for the run's log and for the check that a resume
     * goes on with the same strategy.
     *
     * @return setting names and values, by default none
     */
    default Map<String, String> settings() {
        return Map.of();
    }

    /**
     * Refuses a pool that this strategy cannot work with; called when the trainer is built.
     *
     * @param pool the run's
     * @throws IllegalArgumentException saying what does not fit; by default every pool fits
     */
    default void check(CandidatePool pool) {}
}
