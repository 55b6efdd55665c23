package org.dataflex.examples.report;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.examples.report.RunEvent.Step;
import org.dataflex.examples.report.RunEvent.Weighing;

/** Which samples were drawn, how often, and with which weights. */
final class Draws {

    private final PoolDomains domains;
    private final Map<Long, Integer> counts = new HashMap<>();
    private final Map<Long, double[]> weights = new HashMap<>(); // sum, number
    private final Amounts byDomain;
    private final Amounts novelty = new Amounts(List.of("first time", "again"));

    Draws(RunLog log) {
        domains = log.domains();
        byDomain = new Amounts(domains.names());
        for (Step step : log.steps()) {
            byDomain.add(step.step(), step.rows());
            int first = 0;
            for (long sample : step.samples()) {
                if (counts.merge(sample, 1, Integer::sum) == 1) {
                    first++;
                }
            }
            novelty.add(
                    step.step(),
                    Map.of("first time", first, "again", step.samples().length - first));
        }
        for (Weighing weighing : log.all(Weighing.class)) {
            for (int i = 0; i < weighing.samples().length; i++) {
                double[] sum = weights.computeIfAbsent(weighing.samples()[i], any -> new double[2]);
                sum[0] += weighing.weights()[i];
                sum[1]++;
            }
        }
    }

    /** Rows of each step, by domain. */
    Amounts byDomain() {
        return byDomain;
    }

    /** Rows of each step that were drawn for the first time, and again. */
    Amounts novelty() {
        return novelty;
    }

    boolean isWeighed() {
        return !weights.isEmpty();
    }

    /** How many samples of a domain were drawn at all. */
    long distinct(String domain) {
        return counts.keySet().stream().filter(s -> domains.of(s).equals(domain)).count();
    }

    /** How often the sample of a domain was drawn that was drawn most. */
    int most(String domain) {
        return counts.entrySet().stream()
                .filter(e -> domains.of(e.getKey()).equals(domain))
                .mapToInt(Map.Entry::getValue)
                .max()
                .orElse(0);
    }

    /** The mean weight of a domain's rows; NaN if none was weighed. */
    double meanWeight(String domain) {
        double sum = 0;
        double number = 0;
        for (Map.Entry<Long, double[]> entry : weights.entrySet()) {
            if (domains.of(entry.getKey()).equals(domain)) {
                sum += entry.getValue()[0];
                number += entry.getValue()[1];
            }
        }
        return sum / number;
    }

    /** The samples drawn most often, the lower position first among equals. */
    List<Map.Entry<Long, Integer>> mostDrawn(int number) {
        return counts.entrySet().stream()
                .sorted(
                        Map.Entry.<Long, Integer>comparingByValue()
                                .reversed()
                                .thenComparing(Map.Entry.comparingByKey()))
                .limit(number)
                .toList();
    }

    double meanWeight(long sample) {
        double[] sum = weights.get(sample);
        return sum == null ? Double.NaN : sum[0] / sum[1];
    }
}
