package org.dataflex.weighters;

import java.util.Objects;

/**
 * A temperature r that goes from one value to another over a run: high first, where all weights are
 * alike, then low.
 *
 * <p>r(t) = last + (first - last) f(t / T) at step t of T, with f(x) = 1, 1 - x, or (1 + cos(pi x))
 * / 2.
 *
 * @param first the temperature at step 0, finite, above 0
 * @param last the temperature after all steps, finite, above 0
 * @param form how it gets from one to the other
 */
public record TemperatureSchedule(double first, double last, Form form) {

    /** How a temperature changes. */
    public enum Form {
        /** Not at all: {@link #last} does not matter. */
        CONSTANT,
        /** Along a line. */
        LINEAR,
        /** Along half a cosine. */
        COSINE
    }

    /**
     * Checks.
     *
     * @throws IllegalArgumentException naming the value that is out of range
     */
    public TemperatureSchedule {
        Positive.require("temperature", first);
        Positive.require("finalTemperature", last);
        Objects.requireNonNull(form, "form");
    }

    /**
     * Returns the temperature at a step.
     *
     * @param step t, from 0 to T
     * @param totalSteps T, at least 1
     * @return r(t)
     */
    public double at(long step, long totalSteps) {
        double x = Math.min(1, (double) step / totalSteps);
        double remaining =
                switch (form) {
                    case CONSTANT -> 1;
                    case LINEAR -> 1 - x;
                    // StrictMath: the same bits on every machine
                    case COSINE -> (1 + StrictMath.cos(Math.PI * x)) / 2;
                };
        return last + (first - last) * remaining;
    }
}
