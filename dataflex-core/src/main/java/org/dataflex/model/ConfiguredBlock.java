package org.dataflex.model;

import java.util.Map;

/**
 * A block with settings that change what training computes, if only by rounding.
 *
 * <p>They are noted with a run: one that goes on from a checkpoint must have them as they were.
 * Parameters, whose names and shapes a checkpoint compares by itself, are no settings.
 */
public interface ConfiguredBlock {

    /**
     * Returns the settings.
     *
     * @return name and value as text, always in the same order, also those with default values
     */
    Map<String, String> settings();
}
