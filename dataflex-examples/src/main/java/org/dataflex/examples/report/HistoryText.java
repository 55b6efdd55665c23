package org.dataflex.examples.report;

import java.util.List;
import java.util.Locale;
import org.dataflex.examples.report.SampleHistory.DomainShare;
import org.dataflex.examples.report.SampleHistory.Draw;
import org.dataflex.examples.report.SampleHistory.Update;

/** A sample's history as lines of text. */
final class HistoryText {

    /** Draws that are listed one by one. */
    private static final int LISTED = 100;

    private static final int A_LINE = 8;

    private final SampleHistory history;
    private final StringBuilder text = new StringBuilder();

    HistoryText(SampleHistory history) {
        this.history = history;
    }

    @Override
    public String toString() {
        if (text.isEmpty()) {
            line("Sample %d, of the domain %s", history.sample(), history.domain());
            SampleHistory.Run run = history.run();
            line("Run %s: %s, %,d steps", run.directory(), run.state(), run.steps());
            line("");
            addUpdates();
            line("");
            addDraws();
        }
        return text.toString();
    }

    private void addUpdates() {
        List<Update> updates = history.updates();
        if (updates.isEmpty()) {
            line("No selector has decided about it: any sample of its domain may be drawn.");
            return;
        }
        line("Chosen in %d of %d selections", history.timesChosen(), updates.size());
        long begin = updates.get(0).step();
        if (begin > 0) {
            line("  before step %d, when any could be drawn: %s", begin, drawn(0, begin));
        }
        for (int i = 0; i < updates.size(); i++) {
            Update update = updates.get(i);
            boolean last = i + 1 == updates.size();
            long end = last ? history.run().steps() : updates.get(i + 1).step();
            Verdict verdict = update.verdict();
            line("  step %d, %s asked about %s", update.step(), update.strategy(), update.scope());
            line("    %s", verdict.reason());
            if (verdict.rank() > 0) {
                line(
                        "    score %s, rank %,d of %,d candidates",
                        Verdict.number(verdict.score()), verdict.rank(), verdict.candidates());
            }
            if (verdict.isChosen()) {
                line("    drawn until step %d: %s", end, drawn(update.step(), end));
                addShare(update.share());
            }
        }
    }

    /** Says so where a mixer gave the domain fewer rows than samples of it were chosen. */
    private void addShare(DomainShare share) {
        if (share == null) {
            return;
        }
        String given =
                "the mixer gave its domain %,d of %,d rows".formatted(share.rows(), share.all());
        line(
                share.keptOut() > 0
                        ? "    %s, too few for the %,d samples chosen: %,d of them were not drawn"
                        : "    %s, for %,d samples chosen",
                given,
                share.chosen(),
                share.keptOut());
    }

    /** How often it was drawn in the steps after one, up to another. */
    private String drawn(long after, long upTo) {
        long draws =
                history.draws().stream()
                        .filter(draw -> draw.step() > after && draw.step() <= upTo)
                        .count();
        return times(draws);
    }

    private static String times(long number) {
        return number == 0 ? "never" : number == 1 ? "once" : number + " times";
    }

    private void addDraws() {
        List<Draw> draws = history.draws();
        line("Drawn %s in %,d steps", times(draws.size()), history.run().steps());
        boolean weighed = draws.stream().anyMatch(draw -> !Double.isNaN(draw.weight()));
        if (weighed) {
            double mean =
                    draws.stream()
                            .mapToDouble(Draw::weight)
                            .filter(weight -> !Double.isNaN(weight))
                            .average()
                            .orElseThrow();
            line("  mean weight %s; at step (weight):", Verdict.number(mean));
        } else if (!draws.isEmpty()) {
            line("  at step:");
        }
        List<Draw> listed = draws.subList(0, Math.min(LISTED, draws.size()));
        for (int from = 0; from < listed.size(); from += A_LINE) {
            StringBuilder row = new StringBuilder(" ");
            listed.subList(from, Math.min(listed.size(), from + A_LINE))
                    .forEach(draw -> row.append(' ').append(cell(draw)));
            line("%s", row);
        }
        if (draws.size() > LISTED) {
            line("  and %,d more", draws.size() - LISTED);
        }
    }

    private static String cell(Draw draw) {
        return Double.isNaN(draw.weight())
                ? Long.toString(draw.step())
                : draw.step() + " (" + Verdict.number(draw.weight()) + ")";
    }

    private void line(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
    }
}
