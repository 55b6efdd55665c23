package org.dataflex.mixers;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;

/** Reads what a mixer saved. */
final class SavedState {

    private SavedState() {}

    /**
     * Returns an array of a state.
     *
     * @param owner whose state, such as "an odm mixer"
     * @param state the state
     * @param name the array's name
     * @param length how long it must be, or -1 for any length
     * @return the array
     * @throws IllegalArgumentException if such a mixer cannot have saved the state
     */
    static double[] require(String owner, Map<String, double[]> state, String name, int length) {
        double[] values = state.get(name);
        if (values == null || (length >= 0 && values.length != length)) {
            throw new IllegalArgumentException(
                    "the state of "
                            + owner
                            + " has '"
                            + name
                            + "' = "
                            + Arrays.toString(values)
                            + " among "
                            + new TreeSet<>(state.keySet())
                            + "; restore what such a mixer saved");
        }
        return values;
    }
}
