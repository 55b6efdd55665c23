package org.dataflex.examples.weighnoisydata;

import java.util.Collection;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What came of a run.
 *
 * @param losses clean held-out loss by step, the mean over domains, nats a byte
 * @param weights what was weighed how
 * @param seconds how long the run took
 */
record WeighterOutcome(NavigableMap<Long, Double> losses, WeightsByKind weights, double seconds) {

    /** Averages numbers by step, at the steps of the first. */
    static NavigableMap<Long, Double> means(Collection<NavigableMap<Long, Double>> all) {
        NavigableMap<Long, Double> means = new TreeMap<>();
        for (long step : all.iterator().next().keySet()) {
            means.put(step, all.stream().mapToDouble(one -> one.get(step)).average().orElseThrow());
        }
        return means;
    }

    double finalLoss() {
        return losses.lastEntry().getValue();
    }
}
