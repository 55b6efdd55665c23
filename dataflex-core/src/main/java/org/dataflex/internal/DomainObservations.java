package org.dataflex.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleIndices;
import org.dataflex.strategy.DomainLosses;
import org.dataflex.strategy.Mixture;

/** What the steps since the mixer's last update showed of the domains. */
final class DomainObservations {

    private final CandidatePool pool;
    private final List<DomainLosses> steps = new ArrayList<>();

    DomainObservations(CandidatePool pool) {
        this.pool = pool;
    }

    List<DomainLosses> steps() {
        return steps;
    }

    void clear() {
        steps.clear();
    }

    /** Notes a step's losses, one a row, before weighting. */
    void add(long step, Mixture mixture, SampleIndices rows, float[] losses) {
        Map<Domain, double[]> sums = new LinkedHashMap<>();
        for (int i = 0; i < losses.length; i++) {
            double[] sum = sums.computeIfAbsent(pool.domainOf(rows.get(i)), any -> new double[2]);
            sum[0] += losses[i];
            sum[1]++;
        }
        Map<Domain, Double> means = new LinkedHashMap<>();
        for (Domain domain : pool.domains()) {
            double[] sum = sums.get(domain);
            if (sum != null) {
                means.put(domain, sum[0] / sum[1]);
            }
        }
        steps.add(new DomainLosses(step, mixture, means));
    }

    /** Saves each step as 1 + 2k numbers: its number, its mixture, its losses or NaN. */
    Tensor save() {
        List<Domain> domains = pool.domains();
        int k = domains.size();
        double[] numbers = new double[steps.size() * (1 + 2 * k)];
        int at = 0;
        for (DomainLosses seen : steps) {
            numbers[at++] = seen.step();
            for (double share : seen.mixture().toArray(domains)) {
                numbers[at++] = share;
            }
            for (Domain domain : domains) {
                numbers[at++] = seen.losses().getOrDefault(domain, Double.NaN);
            }
        }
        return Tensor.of(numbers);
    }

    void restore(Tensor tensor) {
        List<Domain> domains = pool.domains();
        int k = domains.size();
        double[] numbers = tensor.toDoubles();
        steps.clear();
        for (int row = 0; row < numbers.length; row += 1 + 2 * k) {
            Map<Domain, Double> losses = new LinkedHashMap<>();
            for (int i = 0; i < k; i++) {
                double loss = numbers[row + 1 + k + i];
                if (!Double.isNaN(loss)) {
                    losses.put(domains.get(i), loss);
                }
            }
            double[] shares = Arrays.copyOfRange(numbers, row + 1, row + 1 + k);
            steps.add(new DomainLosses((long) numbers[row], Mixture.of(domains, shares), losses));
        }
    }
}
