package org.dataflex.math;

/** The checks of arguments that several classes here share. */
final class Arguments {

    private Arguments() {}

    static void notNull(String name, Object value) {
        if (value == null) {
            throw new IllegalArgumentException(name + " = null, must be given");
        }
    }

    static void notEmpty(String name, double[] values) {
        notNull(name, values);
        if (values.length == 0) {
            throw new IllegalArgumentException(name + " = [], must not be empty");
        }
    }

    static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(
                    name + " = " + value + ", must be at least " + least);
        }
    }

    static void finiteAndNotNegative(String name, double[] values) {
        notNull(name, values);
        for (int i = 0; i < values.length; i++) {
            if (!(values[i] >= 0 && values[i] <= Double.MAX_VALUE)) {
                throw new IllegalArgumentException(
                        element(name, i, values[i]) + ", must be finite and at least 0");
            }
        }
    }

    static String element(String name, int index, double value) {
        return name + "[" + index + "] = " + value;
    }
}
