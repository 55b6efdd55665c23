package org.dataflex.strategy;

import ai.djl.nn.Block;
import java.util.Map;
import java.util.Set;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleSet;

/** The ways to steer the data of a run; the kinds are closed, their implementations open. */
public sealed interface Strategy permits Selector, Mixer, Weighter, TokenWeighter {

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
     * @return setting names and values, in any order, by default none; the log and the check sort
     *     them by name
     */
    default Map<String, String> settings() {
        return Map.of();
    }

    /**
     * Returns the samples that this strategy steers training towards. A run refuses them where they
     * are also those that measure it: a validation set would then tell how well the strategy aims,
     * and not how well the model generalises.
     *
     * @return target sets by name, by default none
     */
    default Map<String, SampleSet> targets() {
        return Map.of();
    }

    /**
     * Returns what this strategy will ask that not every model, loss or optimizer can answer. A
     * trainer with one that cannot is not built.
     *
     * @return the needs, by default none
     */
    default Set<Need> needs() {
        return Set.of();
    }

    /**
     * Refuses a pool that this strategy cannot work with; called when the trainer is built.
     *
     * @param pool the run's
     * @throws IllegalArgumentException saying what does not fit; by default every pool fits
     */
    default void check(CandidatePool pool) {}

    /**
     * Refuses a block that this strategy cannot work with, beyond what {@link #needs} says; called
     * when the trainer is built.
     *
     * @param block the run's, perhaps not initialized yet
     * @throws IllegalArgumentException saying what does not fit; by default every block fits
     */
    default void check(Block block) {}
}
