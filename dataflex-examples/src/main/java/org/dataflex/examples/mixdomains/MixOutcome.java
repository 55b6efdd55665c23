package org.dataflex.examples.mixdomains;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What came of a run.
 *
 * @param heldOut loss of each domain's held-out windows at the end, nats a byte
 * @param steps what the steps were
 */
record MixOutcome(Map<String, Double> heldOut, List<StepLog.Step> steps) {

    static MixOutcome of(DomainRuns.Trained trained, List<StepLog.Step> steps) {
        Map<String, Double> heldOut = new LinkedHashMap<>();
        for (String domain : trained.report().validationLosses().keySet()) {
            heldOut.put(domain, trained.finalLoss(domain));
        }
        return new MixOutcome(heldOut, steps);
    }

    double mean() {
        return losses().stream().mapToDouble(loss -> loss).average().orElseThrow();
    }

    double worst() {
        return losses().stream().mapToDouble(loss -> loss).max().orElseThrow();
    }

    private Collection<Double> losses() {
        return heldOut.values();
    }

    /** The part of the rows of steps {@code from} (from 0 on) to before {@code to}. */
    double share(String domain, int from, int to) {
        double some = 0;
        double all = 0;
        for (StepLog.Step step : steps.subList(Math.max(0, from), to)) {
            some += step.rows().get(domain);
            all += step.rows().values().stream().mapToInt(n -> n).sum();
        }
        return some / all;
    }
}
