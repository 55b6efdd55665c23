package org.dataflex.model;

import java.util.Objects;
import org.dataflex.data.Samples;

/**
 * Samples with a weight w_i each, of whose gradients g_i a weighted sum is asked for: sum_i w_i
 * g_i.
 *
 * @param samples n samples
 * @param weights n finite weights, in the order of {@code samples}; may be negative, and a sample
 *     of weight 0 costs nothing
 */
public record WeightedSamples(Samples samples, float[] weights) {

    /**
     * Copies the weights.
     *
     * @throws IllegalArgumentException if there is not one finite weight a sample
     */
    public WeightedSamples {
        Objects.requireNonNull(samples, "samples");
        weights = weights.clone();
        if (weights.length != samples.size()) {
            throw new IllegalArgumentException(
                    weights.length + " weights for " + samples.size() + " samples");
        }
        for (int i = 0; i < weights.length; i++) {
            if (!Float.isFinite(weights[i])) {
                throw new IllegalArgumentException(
                        "the weight of sample "
                                + samples.indices().get(i)
                                + " is "
                                + weights[i]
                                + ", must be finite");
            }
        }
    }

    @Override
    public float[] weights() {
        return weights.clone();
    }
}
