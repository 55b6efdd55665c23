package org.dataflex.examples.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dataflex.examples.report.RunEvent.Choice;
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
     */
    public record Update(long step, String strategy, String scope, Verdict verdict) {}

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
        List<Update> updates = new ArrayList<>();
        for (Choice choice : log.all(Choice.class)) {
            String scope = choice.chosen().scope();
            if (scope.equals(domain) || scope.equals("pool")) {
                SelectionFile file = SelectionFile.read(runDirectory, choice);
                updates.add(
                        new Update(
                                choice.step(),
                                choice.strategy(),
                                scope,
                                Verdict.of(sample, choice, file)));
            }
        }
        Run run = new Run(runDirectory, log.state(), log.lastStep());
        return new SampleHistory(sample, domain, run, updates, draws(log, sample));
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
