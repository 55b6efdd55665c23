package org.dataflex.strategy;

import java.util.Map;

/**
 * A strategy whose next decision depends on earlier ones; its state is part of checkpoints.
 *
 * <p>The state is that of one run, and no run clears it: give each run a new object.
 */
public interface Stateful {

    /**
     * Returns everything that the next decision depends on.
     *
     * @return plain numbers by name, in any order; any bits, NaN included, are kept
     */
    Map<String, double[]> saveState();

    /**
     * Takes the place of the strategy that saved a state.
     *
     * @param state what {@link #saveState()} returned
     */
    void restoreState(Map<String, double[]> state);
}
