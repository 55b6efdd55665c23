package org.dataflex.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dataflex.data.Samples;

/**
 * Puts samples of similar lengths together, in batches of bounded numbers of tokens, padding
 * counted.
 *
 * <p>The budget is the larger of 2,048 tokens and a batch of the longest sample asked for. Samples
 * without lengths go together in the order asked for.
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
        int[] lengths = samples.indices().stream().mapToInt(samples.source()::length).toArray();
        int[] order = byLength(lengths);
        long longest = order.length == 0 ? 1 : lengths[order[order.length - 1]];
        long budget = longest == 1 ? batchSize : Math.max(MIN_TOKENS, batchSize * longest);
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

    private static int[] byLength(int[] lengths) {
        long[] keys = new long[lengths.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (long) lengths[i] << Integer.SIZE | i;
        }
        Arrays.sort(keys);
        return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
    }
}
