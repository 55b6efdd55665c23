package org.dataflex.math;

import java.util.random.RandomGenerator;

/** Brings values into random order, every order equally likely (Fisher-Yates). */
public final class Shuffle {

    private Shuffle() {}

    /**
     * Shuffles an array in place.
     *
     * @param values changed to their new order; may be empty
     * @param random the source of randomness
     * @throws IllegalArgumentException if an argument is null
     */
    public static void inPlace(long[] values, RandomGenerator random) {
        Arguments.notNull("values", values);
        Arguments.notNull("random", random);
        for (int last = values.length - 1; last > 0; last--) {
            int other = random.nextInt(last + 1);
            long value = values[last];
            values[last] = values[other];
            values[other] = value;
        }
    }
}
