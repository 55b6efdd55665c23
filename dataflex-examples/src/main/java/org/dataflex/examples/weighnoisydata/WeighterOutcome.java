package org.dataflex.examples.weighnoisydata;

import java.util.Collection;
import java.util.Map;
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

    /** Averages the losses of domains. */
    static NavigableMap<Long, Double> means(Map<String, NavigableMap<Long, Double>> byDomain) {
        Collection<NavigableMap<Long, Double>> domains = byDomain.values();
        NavigableMap<Long, Double> means = new TreeMap<>();
        for (long step : domains.iterator().next().keySet()) {
            means.put(step, domains.stream().mapToDouble(d -> d.get(step)).average().orElseThrow());
        }
        return means;
    }

    double finalLoss() {
        return losses.lastEntry().getValue();
    }
}
