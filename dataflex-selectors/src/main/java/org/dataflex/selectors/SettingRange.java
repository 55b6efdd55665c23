package org.dataflex.selectors;

import java.nio.file.Files;
import java.nio.file.Path;
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
        return atLeast(1, name, value);
    }

    static int atLeast0(String name, long value) {
        return atLeast(0, name, value);
    }

    private static int atLeast(int least, String name, long value) {
        if (value < least || value > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "%s = %d, must be in [%d, %d]"
                            .formatted(name, value, least, Integer.MAX_VALUE));
        }
        return (int) value;
    }

    /** Refuses a place for files, null if it was not set, that is a file itself. */
    static void directory(String name, Path directory) {
        if (directory != null && Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new IllegalArgumentException(
                    name + " = " + directory + " is a file, must be a directory or nothing yet");
        }
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
