package org.dataflex.examples.config;

import org.dataflex.strategy.Settings;

/**
 * Reads numbers that must lie in a range; a message names the key, its value and the range.
 *
 * @param keys the file's
 */
record NumberKeys(Settings keys) {

    long atLeast(long least, String name, long defaultValue) {
        long value = keys.integer(name, defaultValue);
        require(value >= least, name + " = " + value, "at least " + least);
        return value;
    }

    int intAtLeast(int least, String name, int defaultValue) {
        long value = atLeast(least, name, defaultValue);
        require(
                value <= Integer.MAX_VALUE,
                name + " = " + value,
                "from " + least + " to " + Integer.MAX_VALUE);
        return (int) value;
    }

    double atLeast(double least, String name, double defaultValue) {
        double value = keys.decimal(name, defaultValue);
        require(value >= least, name + " = " + value, "at least " + least);
        return value;
    }

    double positive(String name, double defaultValue) {
        double value = keys.decimal(name, defaultValue);
        require(value > 0, name + " = " + value, "above 0");
        return value;
    }

    /** A share of something, without all of it. */
    double belowOne(String name, double defaultValue) {
        double value = keys.decimal(name, defaultValue);
        require(value >= 0 && value < 1, name + " = " + value, "at least 0 and below 1");
        return value;
    }

    static void require(boolean holds, String what, String wanted) {
        if (!holds) {
            throw new IllegalArgumentException(what + ", must be " + wanted);
        }
    }
}
