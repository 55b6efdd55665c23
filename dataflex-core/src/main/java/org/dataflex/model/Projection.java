package org.dataflex.model;

/** A fixed linear map that each gradient goes through; the same settings give the same map. */
public sealed interface Projection {

    /** No map: k is the number of parameter values. */
    record Identity() implements Projection {}

    /**
     * A Johnson-Lindenstrauss map with entries +-1/sqrt(dimension), so that inner products keep
     * their expected value.
     *
     * @param dimension k, at least 1
     * @param seed of the map
     */
    record Rademacher(int dimension, long seed) implements Projection {

        /** Rejects a dimension below 1. */
        public Rademacher {
            if (dimension < 1) {
                throw new IllegalArgumentException(
                        "projection dimension = " + dimension + ", must be at least 1");
            }
        }
    }
}
