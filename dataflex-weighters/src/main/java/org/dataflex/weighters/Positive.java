package org.dataflex.weighters;

/** What settings of this module's weighters have in common. */
final class Positive {

    private Positive() {}

    /** Refuses a setting that is not finite and above 0. */
    static double require(String name, double value) {
        if (!(value > 0 && value <= Double.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    name + " = " + value + ", must be finite and above 0");
        }
        return value;
    }
}
