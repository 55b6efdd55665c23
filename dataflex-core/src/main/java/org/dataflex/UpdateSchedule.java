package org.dataflex;

/**
 * When a strategy is asked: first at {@code warmUp}, then each {@code interval}, at most {@code
 * updates} times.
 *
 * @param warmUp steps before the first update, at least 0
 * @param interval steps between updates, at least 1
 * @param updates the most updates, at least 1, or {@link #UNLIMITED}
 */
public record UpdateSchedule(long warmUp, long interval, long updates) {

    /** No limit on the number of updates. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    /** Rejects parts out of range, by name. */
    public UpdateSchedule {
        if (warmUp < 0) {
            throw new IllegalArgumentException("warmUp = " + warmUp + ", must be at least 0");
        }
        if (interval < 1) {
            throw new IllegalArgumentException("interval = " + interval + ", must be at least 1");
        }
        if (updates < 1) {
            throw new IllegalArgumentException(
                    "updates = "
                            + updates
                            + ", must be at least 1; leave the strategy out instead");
        }
    }

    /**
     * Returns a schedule without warm-up or limit.
     *
     * @param interval steps between updates, at least 1
     * @return the schedule
     */
    public static UpdateSchedule every(long interval) {
        return new UpdateSchedule(0, interval, UNLIMITED);
    }

    /**
     * Returns a schedule of one update, before the first step.
     *
     * @return the schedule
     */
    public static UpdateSchedule once() {
        return new UpdateSchedule(0, 1, 1);
    }

    /**
     * Returns this schedule with a warm-up.
     *
     * @param steps before the first update
     * @return the schedule
     */
    public UpdateSchedule afterWarmUp(long steps) {
        return new UpdateSchedule(steps, interval, updates);
    }

    /**
     * Returns this schedule with a limit.
     *
     * @param count the most updates
     * @return the schedule
     */
    public UpdateSchedule atMost(long count) {
        return new UpdateSchedule(warmUp, interval, count);
    }

    /**
     * Tells whether an update is due before the optimizer update numbered {@code step + 1}.
     *
     * @param step optimizer updates made so far
     * @return true if due
     */
    public boolean isDue(long step) {
        long since = step - warmUp;
        return since >= 0 && since % interval == 0 && since / interval < updates;
    }

    /**
     * Tells whether the warm-up is over.
     *
     * @param step optimizer updates made so far
     * @return true from the first update on
     */
    public boolean hasBegun(long step) {
        return step >= warmUp;
    }

    /**
     * Tells whether all updates have been due.
     *
     * @param step optimizer updates made so far
     * @return true if none is due at this step or later
     */
    public boolean isOver(long step) {
        return updates != UNLIMITED
                && step > warmUp
                && (step - 1 - warmUp) / interval >= updates - 1;
    }

    @Override
    public String toString() {
        return "every "
                + interval
                + " steps from step "
                + warmUp
                + (updates == UNLIMITED ? "" : ", at most " + updates + " times");
    }
}
