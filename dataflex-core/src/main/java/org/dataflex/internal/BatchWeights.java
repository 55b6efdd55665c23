package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.TokenWeights;

/**
 * What the weighters answered about a batch.
 *
 * @param shown what they saw
 * @param samples w_i, or null for 1 each
 * @param tokens v_it, or null for 1 each
 */
record BatchWeights(ShownBatch shown, SampleWeights samples, TokenWeights tokens) {

    /** w_i, [B], or null for 1 each. */
    NDArray ofSamples(NDManager manager) {
        return samples == null ? null : manager.create(samples.toArray());
    }

    /** v_it in the columns of {@link LossPass#tokenLosses}, or null for 1 each. */
    NDArray ofTokens(NDManager manager) {
        return tokens == null ? null : shown.tokens().spread(tokens, manager);
    }

    /** w_i times the sample's loss, its tokens weighed. */
    double[] weighedLosses() {
        float[] losses = shown.losses();
        float[][] tokenLosses = tokens == null ? null : shown.tokens().losses();
        double[] weighed = new double[losses.length];
        for (int i = 0; i < weighed.length; i++) {
            double loss = tokens == null ? losses[i] : mean(tokenLosses[i], tokens.get(i));
            weighed[i] = samples == null ? loss : samples.get(i) * loss;
        }
        return weighed;
    }

    private static double mean(float[] losses, float[] weights) {
        double sum = 0;
        for (int t = 0; t < losses.length; t++) {
            sum += (double) weights[t] * losses[t];
        }
        return sum / Math.max(1, losses.length);
    }
}
