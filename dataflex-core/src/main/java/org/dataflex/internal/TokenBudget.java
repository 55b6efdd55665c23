package org.dataflex.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.dataflex.data.Samples;

/**
 * Puts samples of similar lengths together, in batches of bounded numbers of tokens, padding
 * counted.
 *
 * <p>For questions the budget is the larger of 2,048 tokens and a batch of the longest sample asked
 * for; for training it is what the run says. Samples without lengths go together in the order asked
 * for.
 */
final class TokenBudget {

    private static final long MIN_TOKENS = 2_048;

    private TokenBudget() {}

    /**
     * Makes batches.
     *
     * @param samples samples
     * @param batchSize samples a batch, were they all of the longest length
     * @return positions within {@code samples}, shorter samples first, equal lengths in order
     */
    static List<int[]> batches(Samples samples, int batchSize) {
        return batches(samples, batchSize, Long.MAX_VALUE);
    }

    /**
     * Makes batches.
     *
     * @param samples samples
     * @param batchSize samples a batch, were they all of the longest length
     * @param most the most tokens of a batch, whatever its size; a longer sample is a batch
     * @return as {@link #batches(Samples, int)}
     */
    static List<int[]> batches(Samples samples, int batchSize, long most) {
        int longest = lengths(samples).max().orElse(1);
        long tokens = (long) batchSize * longest;
        long budget = longest == 1 ? batchSize : Math.max(MIN_TOKENS, tokens);
        return cut(samples, Math.min(budget, most));
    }

    /**
     * Makes batches within a budget.
     *
     * @param samples samples
     * @param budget the most tokens of a batch, padding counted; a longer sample is a batch
     * @return as {@link #batches}
     */
    static List<int[]> cut(Samples samples, long budget) {
        int[] lengths = lengths(samples).toArray();
        int[] order = byLength(lengths);
        List<int[]> batches = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= order.length; i++) {
            if (i == order.length || (i + 1L - from) * lengths[order[i]] > budget) {
                batches.add(Arrays.copyOfRange(order, from, i));
                from = i;
            }
        }
        return batches;
    }

    private static IntStream lengths(Samples samples) {
        return samples.indices().stream().mapToInt(samples.source()::length);
    }

    private static int[] byLength(int[] lengths) {
        long[] keys = new long[lengths.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (long) lengths[i] << Integer.SIZE | i;
        }
        Arrays.sort(keys);
        return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
    }
}
