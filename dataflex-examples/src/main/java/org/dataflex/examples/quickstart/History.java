package org.dataflex.examples.quickstart;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.dataflex.DynamicTrainer;
import org.dataflex.TrainingReport;
import org.dataflex.data.Domain;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Selection;

/** What a run did, step by step, for the table and the page. */
public final class History {

    /**
     * How a domain's samples were chosen at an update.
     *
     * @param step the update's step
     * @param domain the domain's name
     * @param selection what was chosen
     */
    public record Chosen(long step, String domain, Selection selection) {}

    private final List<Map<Domain, Integer>> rows = new ArrayList<>();
    private final List<Double> losses = new ArrayList<>();
    private final List<Chosen> chosen = new ArrayList<>();
    private final Map<String, double[]> weights = new LinkedHashMap<>();
    private TrainingReport report;

    /**
     * Listens to a run.
     *
     * @param builder the run's
     * @param domainOf tells a sample's domain
     */
    void listen(DynamicTrainer.Builder builder, LongFunction<Domain> domainOf) {
        builder.on(
                        StepCompleted.class,
                        e -> {
                            rows.add(e.rows());
                            losses.add(e.loss());
                        })
                .on(DecisionApplied.class, e -> note(e, domainOf));
    }

    private void note(DecisionApplied event, LongFunction<Domain> domainOf) {
        if (event.decision() instanceof Selection selection) {
            chosen.add(new Chosen(event.step(), event.scope(), selection));
        } else if (event.decision() instanceof SampleWeights given) {
            for (int i = 0; i < given.size(); i++) {
                String domain = domainOf.apply(event.samples().get(i)).name();
                double[] sum = weights.computeIfAbsent(domain, any -> new double[2]);
                sum[0] += given.get(i);
                sum[1]++;
            }
        }
    }

    void finish(TrainingReport outcome) {
        report = outcome;
    }

    /**
     * Returns the run's outcome.
     *
     * @return the report
     */
    public TrainingReport report() {
        return report;
    }

    /**
     * Returns the training losses.
     *
     * @return one a step
     */
    public List<Double> losses() {
        return losses;
    }

    /**
     * Returns what the selector chose.
     *
     * @return one entry an update and domain, in order
     */
    public List<Chosen> chosen() {
        return chosen;
    }

    /**
     * Returns the mean weight of a domain's samples.
     *
     * @param domain the domain's name
     * @return the mean over all weighed samples, 1 if none was weighed
     */
    public double meanWeight(String domain) {
        double[] sum = weights.get(domain);
        return sum == null ? 1 : sum[0] / sum[1];
    }

    /**
     * Returns the share of a domain among the rows of some steps.
     *
     * @param domain the domain
     * @param from the first step, from 0 on; steps before 0 are left out
     * @param to the step after the last
     * @return the share
     */
    public double share(Domain domain, int from, int to) {
        double some = 0;
        double all = 0;
        for (Map<Domain, Integer> step : rows.subList(Math.max(0, from), to)) {
            some += step.get(domain);
            all += step.values().stream().mapToInt(n -> n).sum();
        }
        return some / all;
    }

    /**
     * Returns the number of steps.
     *
     * @return the number of steps
     */
    public int steps() {
        return rows.size();
    }

    /**
     * Returns a domain's held-out loss at the end.
     *
     * @param domain the domain's name
     * @return nats a byte
     */
    public double finalLoss(String domain) {
        return report.validationLosses().get(domain).lastEntry().getValue();
    }
}
