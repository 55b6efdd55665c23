package org.dataflex.strategy;

import java.util.Arrays;

/** One loss weight per sample of a batch: finite, at least 0, not all zero. */
public final class SampleWeights implements Decision {

    private final float[] values;

    private SampleWeights(float[] values) {
        this.values = values;
    }

    /**
     * Takes weights as they are: absolute weights also scale the batch's learning rate.
     *
     * @param values finite, at least 0, not all zero
     * @return the weights
     * @throws IllegalArgumentException naming the first offending entry
     */
    public static SampleWeights absolute(float... values) {
        total(values);
        return new SampleWeights(values.clone());
    }

    /**
     * Scales weights to mean 1, so that the learning rate keeps its meaning.
     *
     * @param raw finite, at least 0, not all zero
     * @return the weights
     * @throws IllegalArgumentException naming the first offending entry
     */
    public static SampleWeights normalized(float... raw) {
        double sum = total(raw);
        float[] scaled = new float[raw.length];
        for (int i = 0; i < raw.length; i++) {
            scaled[i] = (float) ((double) raw[i] * raw.length / sum);
        }
        return new SampleWeights(scaled);
    }

    private static double total(float[] values) {
        double sum = sum("weight", values);
        if (sum == 0) {
            throw new IllegalArgumentException("all " + values.length + " weights are zero");
        }
        return sum;
    }

    /** Adds weights up; refuses those that are not finite or negative. */
    static double sum(String name, float[] values) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i]) || values[i] < 0) {
                throw new IllegalArgumentException(
                        "%s[%d] = %s, must be finite and at least 0".formatted(name, i, values[i]));
            }
            sum += values[i];
        }
        return sum;
    }

    /**
     * Returns the number of weights.
     *
     * @return the number of weights
     */
    public int size() {
        return values.length;
    }

    /**
     * Returns one weight.
     *
     * @param i which sample of the batch
     * @return its weight
     */
    public float get(int i) {
        return values[i];
    }

    /**
     * Returns the weights.
     *
     * @return a copy
     */
    public float[] toArray() {
        return values.clone();
    }

    @Override
    public String toString() {
        return "SampleWeights" + Arrays.toString(values);
    }
}
