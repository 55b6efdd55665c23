package org.dataflex.examples.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Some entries in a row that are drawn as one point.
 *
 * @param from the first entry
 * @param to the entry after the last
 */
record Stretch(int from, int to) {

    /** Points of a line that can be told apart. */
    static final int MOST = 60;

    /**
     * Cuts entries into stretches of equal length, the last may be shorter.
     *
     * @param entries how many there are
     * @param most stretches at most
     */
    static List<Stretch> of(int entries, int most) {
        int length = Math.max(1, (entries + most - 1) / most);
        List<Stretch> stretches = new ArrayList<>();
        for (int from = 0; from < entries; from += length) {
            stretches.add(new Stretch(from, Math.min(entries, from + length)));
        }
        return stretches;
    }

    /** The part of a list that this is. */
    <T> List<T> of(List<T> entries) {
        return entries.subList(from, to);
    }
}
