package org.dataflex.internal;

import java.util.Objects;
import java.util.TreeMap;
import org.dataflex.UpdateSchedule;
import org.dataflex.strategy.Strategy;

/**
 * A strategy and when it is asked.
 *
 * @param <S> the kind
 * @param strategy the strategy
 * @param schedule when it is asked
 */
public record Scheduled<S extends Strategy>(S strategy, UpdateSchedule schedule) {

    /** Rejects null. */
    public Scheduled {
        Objects.requireNonNull(strategy, "strategy");
        Objects.requireNonNull(schedule, "schedule");
    }

    /** The same whatever the order of settings: a resume compares it. */
    String describe() {
        return strategy.name() + " " + new TreeMap<>(strategy.settings()) + ", " + schedule;
    }
}
