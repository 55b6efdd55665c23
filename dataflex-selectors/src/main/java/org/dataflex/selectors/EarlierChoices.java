package org.dataflex.selectors;

import java.util.Map;
import java.util.TreeSet;

/** The pool's samples that were chosen since the last time that all had been. */
final class EarlierChoices {

    private static final String KEY = "chosen";

    private final TreeSet<Long> positions = new TreeSet<>();

    boolean contains(long position) {
        return positions.contains(position);
    }

    void add(long position) {
        positions.add(position);
    }

    void remove(long position) {
        positions.remove(position);
    }

    Map<String, double[]> save() {
        return Map.of(KEY, positions.stream().mapToDouble(Long::doubleValue).toArray());
    }

    void restore(Map<String, double[]> state) {
        positions.clear();
        for (double position : state.getOrDefault(KEY, new double[0])) {
            positions.add((long) position);
        }
    }
}
