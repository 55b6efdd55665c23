package org.dataflex.examples.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dataflex.examples.report.RunEvent.Choice;
import org.dataflex.examples.report.RunEvent.Mixing;
import org.dataflex.examples.report.RunEvent.Step;
import org.dataflex.examples.report.RunEvent.Weighing;

/**
 * When and why a sample was chosen or not, when it was drawn, and with which weights; from the
 * run's files only.
 *
 * @param sample the position of the pool
 * @param domain its domain
 * @param run the run, and how it stands
 * @param updates the selections that decided about the sample's domain, in order
 * @param draws the rows that the sample was, in order
 */
public record SampleHistory(
        long sample, String domain, Run run, List<Update> updates, List<Draw> draws) {

    /**
     * The run that is asked.
     *
     * @param directory where it left its events
     * @param state whether it is completed
     * @param steps the steps it made
     */
    public record Run(Path directory, String state, long steps) {}

    /**
     * A selection that decided about the sample's domain.
     *
     * @param step updates of the model made before
     * @param strategy the selector's name
     * @param scope what it was asked about: a domain's name, or {@code pool}
     * @param verdict what became of the sample
     * @param share what a mixer left to the sample's domain until the next selection; null without
     *     a mixer
     */
    public record Update(
            long step, String strategy, String scope, Verdict verdict, DomainShare share) {}

    /**
     * The rows of a domain while a selection was in force.
     *
     * @param rows rows of the domain
     * @param all rows of all domains
     * @param chosen how many samples of the domain were chosen
     */
    public record DomainShare(long rows, long all, long chosen) {

        /**
         * Tells how many of the chosen were not drawn because the domain had too few rows.
         *
         * @return at least 0
         */
        public long keptOut() {
            return Math.max(0, chosen - rows);
        }
    }

    /**
     * A row of a batch.
     *
     * @param step the step, 1 for the first
     * @param weight the factor of its loss; NaN if it was not weighed
     */
    public record Draw(long step, double weight) {}

    /**
     * Reads a sample's history.
     *
     * @param runDirectory where the run left its events
     * @param sample a position of its pool
     * @return the history
     * @throws IOException if there is no run, its log is damaged, or a file that it names is
     *     missing or not what it was
     * @throws IllegalArgumentException if the pool has no such position
     */
    public static SampleHistory of(Path runDirectory, long sample) throws IOException {
        RunLog log = RunLog.read(runDirectory);
        PoolDomains domains = log.domains();
        if (!domains.contains(sample)) {
            throw new IllegalArgumentException(
                    "sample = %d is outside the pool of %s, whose positions are 0 to %d"
                            .formatted(sample, runDirectory, domains.size() - 1));
        }
        String domain = domains.of(sample);
        List<Choice> choices =
                log.all(Choice.class).stream()
                        .filter(c -> List.of(domain, "pool").contains(c.chosen().scope()))
                        .toList();
        List<Update> updates = new ArrayList<>();
        for (int i = 0; i < choices.size(); i++) {
            Choice choice = choices.get(i);
            boolean isLast = i + 1 == choices.size();
            long end = isLast ? log.lastStep() : choices.get(i + 1).step();
            updates.add(
                    new Update(
                            choice.step(),
                            choice.strategy(),
                            choice.chosen().scope(),
                            Verdict.of(sample, choice, SelectionFile.read(runDirectory, choice)),
                            share(log, domain, choice, end)));
        }
        Run run = new Run(runDirectory, log.state(), log.lastStep());
        return new SampleHistory(sample, domain, run, updates, draws(log, sample));
    }

    /** What a mixer left to a domain from a selection of it up to a step. */
    private static DomainShare share(RunLog log, String domain, Choice choice, long end) {
        if (!choice.chosen().scope().equals(domain) || log.all(Mixing.class).isEmpty()) {
            return null;
        }
        long rows = 0;
        long all = 0;
        for (Step step : log.steps()) {
            if (step.step() > choice.step() && step.step() <= end) {
                rows += step.rows().getOrDefault(domain, 0L);
                all += step.samples().length;
            }
        }
        return new DomainShare(rows, all, choice.chosen().count());
    }

    private static List<Draw> draws(RunLog log, long sample) {
        List<Draw> draws = new ArrayList<>();
        List<Double> weights = new ArrayList<>(); // of the step in progress
        for (RunEvent event : log.all(RunEvent.class)) {
            if (event instanceof Weighing weighing) {
                for (int i = 0; i < weighing.samples().length; i++) {
                    if (weighing.samples()[i] == sample) {
                        weights.add(weighing.weights()[i]);
                    }
                }
            } else if (event instanceof Step step) {
                int drawn = 0;
                for (long row : step.samples()) {
                    if (row == sample) {
                        double weight = drawn < weights.size() ? weights.get(drawn) : Double.NaN;
                        draws.add(new Draw(step.step(), weight));
                        drawn++;
                    }
                }
                weights.clear();
            }
        }
        return draws;
    }

    /**
     * Tells how often the sample was chosen.
     *
     * @return the number of updates that chose it
     */
    public long timesChosen() {
        return updates.stream().filter(update -> update.verdict().isChosen()).count();
    }

    /**
     * Writes the history for people.
     *
     * @return lines of text
     */
    public String text() {
        return new HistoryText(this).toString();
    }
}
