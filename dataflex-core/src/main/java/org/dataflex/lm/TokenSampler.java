package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.random.RandomGenerator;
import org.dataflex.math.Seeds;
import org.dataflex.math.TopK;
import org.dataflex.math.WeightedSampling;
import org.dataflex.model.GenerationOptions;

/**
 * Chooses the next token of a row from its logits: the likeliest, or one drawn from softmax(logits
 * / temperature) after {@code topK} and {@code topP}.
 *
 * <p>Of equal tokens the lower ids are kept. Chances are computed in float64, on the host; a draw
 * follows from the seed, the prompt's index and the new token's, and from nothing else.
 */
final class TokenSampler {

    /** How many tokens are tried first for {@code topP}; eight times as many next. */
    private static final int FIRST_TRIED = 64;

    private final GenerationOptions options;

    TokenSampler(GenerationOptions options) {
        this.options = options;
    }

    /**
     * Reads the logits of a batch, once, and gives each row's choice when asked for.
     *
     * @param logits [B, V]
     * @param prompts the index of each row's prompt
     * @param position how many new tokens each row has
     * @return the token of a row
     */
    IntUnaryOperator choices(NDArray logits, int[] prompts, int position) {
        if (options.temperature() == 0) {
            float[] best = likeliest(logits);
            return row -> {
                requireFinite(best[row], prompts[row], position);
                return (int) best[prompts.length + row];
            };
        }
        float[] all = logits.toType(DataType.FLOAT32, false).toFloatArray();
        int size = all.length / prompts.length;
        return row -> {
            float[] own = Arrays.copyOfRange(all, row * size, (row + 1) * size);
            requireFinite(max(own), prompts[row], position);
            return draw(own, Seeds.generator(options.seed(), prompts[row], position));
        };
    }

    /** The rows' largest logits, and then their tokens: both in one read. */
    private static float[] likeliest(NDArray logits) {
        NDArray tokens = logits.argMax(1).toType(logits.getDataType(), false);
        return NDArrays.concat(new NDList(logits.max(new int[] {1}), tokens))
                .toType(DataType.FLOAT32, false) // exact for tokens below 2^24
                .toFloatArray();
    }

    /** The largest logit; NaN if there is one. */
    private static float max(float[] logits) {
        float max = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        return max;
    }

    private static void requireFinite(float largest, int prompt, int position) {
        if (!Float.isFinite(largest)) {
            throw new IllegalStateException(
                    "the largest logit is %s at new token %d of prompts[%d]; are the parameters finite?"
                            .formatted(largest, position, prompt));
        }
    }

    int draw(float[] logits, RandomGenerator random) {
        return WeightedSampling.withReplacement(weights(logits), 1, random)[0];
    }

    /**
     * Computes what the tokens' chances are in proportion to.
     *
     * @param logits V of them, the largest finite
     * @return the weights, V of them; 0 where a token is not kept
     */
    double[] weights(float[] logits) {
        double[] weights = new double[logits.length];
        double max = max(logits);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp((logits[i] - max) / options.temperature());
        }
        if (options.topK() > 0 && options.topK() < weights.length) {
            weights = only(TopK.largest(weights, options.topK()), weights);
        }
        return options.topP() < 1 ? only(nucleus(weights), weights) : weights;
    }

    private static double[] only(int[] kept, double[] weights) {
        double[] left = new double[weights.length];
        for (int i : kept) {
            left[i] = weights[i];
        }
        return left;
    }

    /** Finds the fewest tokens whose weights are a share of topP or more. */
    private int[] nucleus(double[] weights) {
        double enough = options.topP() * Arrays.stream(weights).sum();
        for (int tried = FIRST_TRIED; ; tried *= 8) {
            int[] best = TopK.largest(weights, Math.min(tried, weights.length));
            double sum = 0;
            for (int i = 0; i < best.length; i++) {
                sum += weights[best[i]];
                if (sum >= enough) {
                    return Arrays.copyOf(best, i + 1);
                }
            }
            if (best.length == weights.length) {
                return best; // what is missing is rounding
            }
        }
    }
}
