package org.dataflex.examples.selectfortarget;

import java.util.NavigableMap;

/**
 * What came of one run with one selector.
 *
 * @param chosen samples that were chosen and trained on
 * @param found how many of them are of the target category, after 0, 1, 2 ... steps of training on
 *     them
 * @param losses held-out loss by step, in nats a byte
 * @param seconds that the selector took
 */
record Outcome(int chosen, int[] found, NavigableMap<Long, Double> losses, double seconds) {

    double share() {
        return found[found.length - 1] / (double) chosen;
    }

    double loss() {
        return losses.lastEntry().getValue();
    }
}
