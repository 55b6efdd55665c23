package org.dataflex.selectors;

import org.dataflex.data.CandidatePool;

/** The checks of settings that several selectors share. */
final class SettingRange {

    private SettingRange() {}

    static double above0(String name, double value) {
        if (!(value > 0 && value <= Double.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    name + " = " + value + ", must be finite and above 0");
        }
        return value;
    }

    static int atLeast1(String name, long value) {
        if (value < 1 || value > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    name + " = " + value + ", must be in [1, " + Integer.MAX_VALUE + "]");
        }
        return (int) value;
    }

    /** Refuses a count of neighbours, 0 if it was not set, that no pool of this size has. */
    static void atMostPool(String name, int value, CandidatePool pool) {
        if (value > pool.size()) {
            throw new IllegalArgumentException(
                    name
                            + " = "
                            + value
                            + ", but the pool has "
                            + pool.size()
                            + " samples; lower it or leave it out");
        }
    }
}
