package org.dataflex.math;

import java.util.Arrays;

/** Makes and mixes probability distributions: values of at least 0 that sum to 1. */
public final class Simplex {

    /** What a distribution's sum may be off by; allows for sums of float32 values. */
    private static final double SUM_WITHIN = 1e-6;

    private Simplex() {}

    /**
     * Returns the uniform distribution.
     *
     * @param size k, at least 1
     * @return k times 1/k
     * @throws IllegalArgumentException if {@code size} is less than 1
     */
    public static double[] uniform(int size) {
        Arguments.atLeast("size", size, 1);
        double[] p = new double[size];
        Arrays.fill(p, 1.0 / size);
        return p;
    }

    /**
     * Divides values by their sum.
     *
     * @param values finite, at least 0, not all 0
     * @return a distribution of the same length
     * @throws IllegalArgumentException if {@code values} is empty, has a negative or infinite value
     *     or NaN, or is all 0
     */
    public static double[] normalize(double[] values) {
        return normalize("values", values);
    }

    static double[] normalize(String name, double[] values) {
        Arguments.notEmpty(name, values);
        Arguments.finiteAndNotNegative(name, values);
        double largest = largest(values);
        if (largest == 0) {
            throw new IllegalArgumentException(
                    name + " = 0 for all " + values.length + ", at least one must be positive");
        }
        double[] p = values.clone();
        if (Double.isInfinite(sum(p))) {
            divide(p, largest);
        }
        divide(p, sum(p));
        return p;
    }

    /**
     * Computes p_i = exp(x_i) / sum_j exp(x_j), without overflow.
     *
     * @param logits x, finite or negative infinity, not all the latter
     * @return a distribution of the same length; 0 where the logit is negative infinity
     * @throws IllegalArgumentException if {@code logits} is empty, has a NaN or positive infinity,
     *     or is all negative infinity
     */
    public static double[] softmax(double[] logits) {
        Arguments.notEmpty("logits", logits);
        for (int i = 0; i < logits.length; i++) {
            if (!(logits[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        Arguments.element("logits", i, logits[i])
                                + ", must be finite or -Infinity");
            }
        }
        double largest = largest(logits);
        if (largest == Double.NEGATIVE_INFINITY) {
            throw new IllegalArgumentException(
                    "logits = -Infinity for all "
                            + logits.length
                            + ", at least one must be finite");
        }
        double[] p = new double[logits.length];
        for (int i = 0; i < p.length; i++) {
            p[i] = StrictMath.exp(logits[i] - largest);
        }
        divide(p, sum(p));
        return p;
    }

    /**
     * Computes (1 - c) p + c / k: the distribution p, smoothed toward uniform.
     *
     * @param p a distribution over k, within 1e-6
     * @param c the part of the uniform distribution, in [0, 1]
     * @return a distribution of the same length, each value at least c/k
     * @throws IllegalArgumentException if {@code p} is no distribution or {@code c} is out of range
     */
    public static double[] mixWithUniform(double[] p, double c) {
        Arguments.notEmpty("p", p);
        Arguments.finiteAndNotNegative("p", p);
        if (!isDistribution(p, SUM_WITHIN)) {
            throw new IllegalArgumentException("sum of p = " + sum(p) + ", must be 1");
        }
        if (!(c >= 0 && c <= 1)) {
            throw new IllegalArgumentException("c = " + c + ", must be in [0, 1]");
        }
        double[] mixed = new double[p.length];
        for (int i = 0; i < p.length; i++) {
            mixed[i] = (1 - c) * p[i] + c / p.length;
        }
        return mixed;
    }

    /**
     * Tells whether values are a distribution: none negative, infinite or NaN, and a sum of 1.
     *
     * @param p any values; an empty array is no distribution
     * @param tolerance how far the sum may be from 1, at least 0
     * @return true if so
     * @throws IllegalArgumentException if {@code p} is null or {@code tolerance} is negative or NaN
     */
    public static boolean isDistribution(double[] p, double tolerance) {
        Arguments.notNull("p", p);
        if (!(tolerance >= 0)) {
            throw new IllegalArgumentException("tolerance = " + tolerance + ", must be at least 0");
        }
        for (double value : p) {
            if (!(value >= 0 && value <= Double.MAX_VALUE)) {
                return false;
            }
        }
        return p.length > 0 && Math.abs(sum(p) - 1) <= tolerance;
    }

    private static double largest(double[] values) {
        double largest = values[0];
        for (double value : values) {
            largest = Math.max(largest, value);
        }
        return largest;
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }

    private static void divide(double[] values, double divisor) {
        for (int i = 0; i < values.length; i++) {
            values[i] /= divisor;
        }
    }
}
