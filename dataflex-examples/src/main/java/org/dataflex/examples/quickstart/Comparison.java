package org.dataflex.examples.quickstart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.dataflex.data.Domain;
import org.dataflex.examples.page.Table;

/**
 * The two runs side by side.
 *
 * @param data what they trained on
 * @param plain the run without strategies
 * @param dynamic the run with all three kinds
 */
public record Comparison(TextData data, History plain, History dynamic) {

    /** How many steps count as the start, and as the end, of a run. */
    private int window() {
        return Math.max(1, dynamic.steps() / 6);
    }

    /**
     * Tabulates shares and held-out losses by domain, then their mean and the worst.
     *
     * @return a table of text
     */
    public Table table() {
        List<List<String>> rows = new ArrayList<>();
        for (Domain domain : data.pool().domains()) {
            rows.add(
                    List.of(
                            domain.name(),
                            percent(plain.share(domain, 0, plain.steps())),
                            percent(dynamic.share(domain, 0, window())),
                            percent(
                                    dynamic.share(
                                            domain, dynamic.steps() - window(), dynamic.steps())),
                            nats(plain.finalLoss(domain.name())),
                            nats(dynamic.finalLoss(domain.name())),
                            signed(
                                    dynamic.finalLoss(domain.name())
                                            - plain.finalLoss(domain.name()))));
        }
        rows.add(summary("mean", mean(plain), mean(dynamic)));
        rows.add(summary("worst", worst(plain), worst(dynamic)));
        return new Table(
                "Held-out loss (nats a byte) after equal numbers of steps",
                List.of(
                        "domain",
                        "plain share",
                        "dynamic: start",
                        "end",
                        "plain loss",
                        "dynamic loss",
                        "change"),
                rows);
    }

    private static List<String> summary(String name, double plain, double dynamic) {
        return List.of(name, "", "", "", nats(plain), nats(dynamic), signed(dynamic - plain));
    }

    private double mean(History run) {
        return data.heldOut().keySet().stream().mapToDouble(run::finalLoss).average().orElseThrow();
    }

    private double worst(History run) {
        return data.heldOut().keySet().stream().mapToDouble(run::finalLoss).max().orElseThrow();
    }

    /**
     * Tabulates what the selector chose at its last update and how the weighter weighed.
     *
     * @return a table of text
     */
    public Table decisions() {
        List<List<String>> rows = new ArrayList<>();
        List<History.Chosen> chosen = dynamic.chosen();
        int domains = data.pool().domains().size();
        for (History.Chosen one :
                chosen.subList(Math.max(0, chosen.size() - domains), chosen.size())) {
            double[] scores = one.selection().scores();
            rows.add(
                    List.of(
                            one.domain(),
                            Integer.toString(one.selection().indices().size()),
                            nats(one.selection().candidateScores().orElseThrow().median()),
                            nats(Arrays.stream(scores).average().orElse(Double.NaN)),
                            nats(dynamic.meanWeight(one.domain()))));
        }
        return new Table(
                "What was chosen at the last update, and the mean weight over the run",
                List.of(
                        "domain",
                        "samples chosen",
                        "candidates' median loss",
                        "chosen samples' mean loss",
                        "mean weight"),
                rows);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private static String nats(double loss) {
        return String.format(Locale.ROOT, "%.3f", loss);
    }

    private static String signed(double change) {
        return String.format(Locale.ROOT, "%+.3f", change);
    }
}
