package org.dataflex.strategy;

import java.util.Arrays;

/** One loss weight per target token of a batch: finite, at least 0, not all zero. */
public final class TokenWeights implements Decision {

    /** By sample. */
    private final float[][] values;

    private TokenWeights(float[][] values) {
        this.values = values;
    }

    /**
     * Takes weights as they are: absolute weights also scale the batch's learning rate.
     *
     * @param values for each sample a weight per target token: finite, at least 0, not all zero
     * @return the weights
     * @throws IllegalArgumentException naming the first offending entry
     */
    public static TokenWeights absolute(float[]... values) {
        sum(values);
        return new TokenWeights(Arrays.stream(values).map(float[]::clone).toArray(float[][]::new));
    }

    /**
     * Scales weights to mean 1 over all target tokens of the batch, so that the learning rate keeps
     * its meaning.
     *
     * @param raw for each sample a weight per target token: finite, at least 0, not all zero
     * @return the weights
     * @throws IllegalArgumentException naming the first offending entry
     */
    public static TokenWeights normalized(float[]... raw) {
        double sum = sum(raw);
        int count = count(raw);
        float[][] scaled = new float[raw.length][];
        for (int i = 0; i < raw.length; i++) {
            scaled[i] = new float[raw[i].length];
            for (int t = 0; t < raw[i].length; t++) {
                scaled[i][t] = (float) ((double) raw[i][t] * count / sum);
            }
        }
        return new TokenWeights(scaled);
    }

    /** A batch without target tokens has no weights to be zero. */
    private static double sum(float[][] values) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += SampleWeights.sum("weight[" + i + "]", values[i]);
        }
        int count = count(values);
        if (sum == 0 && count > 0) {
            throw new IllegalArgumentException("all " + count + " weights are zero");
        }
        return sum;
    }

    private static int count(float[][] values) {
        return Arrays.stream(values).mapToInt(row -> row.length).sum();
    }

    /**
     * Returns the number of samples.
     *
     * @return the number of samples
     */
    public int size() {
        return values.length;
    }

    /**
     * Returns the weights of a sample's target tokens.
     *
     * @param i which sample of the batch
     * @return a copy
     */
    public float[] get(int i) {
        return values[i].clone();
    }

    @Override
    public String toString() {
        return "TokenWeights" + Arrays.deepToString(values);
    }
}
