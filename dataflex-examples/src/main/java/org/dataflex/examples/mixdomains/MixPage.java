package org.dataflex.examples.mixdomains;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.examples.page.RunPage;
import org.dataflex.examples.page.Series;
import org.dataflex.examples.page.ShareChart;

/** Draws a comparison of mixers: its tables, and the proportions over time. */
public final class MixPage {

    /** Steps over which drawn rows are averaged into a share. */
    private static final int SMOOTHING = 10;

    private final MixComparison comparison;

    /**
     * Draws a comparison.
     *
     * @param comparison the comparison
     */
    public MixPage(MixComparison comparison) {
        this.comparison = comparison;
    }

    /**
     * Makes the page.
     *
     * @return the page
     */
    public RunPage page() {
        return RunPage.builder("Mixing domains")
                .addParagraph(
                        "Small decoders of one size learned to predict the next byte, each with the"
                                + " same number of steps. Natural draws every window with equal"
                                + " chance; uniform every domain; DoReMi in the proportions that its"
                                + " proxy run found with the natural run as reference; ODM gives"
                                + " more to what still has a high loss. Lower losses are better.")
                .addTable(comparison.losses())
                .addTable(comparison.shares())
                .addTable(comparison.times())
                .addHeading("Proportions over time, first seed")
                .addChart(drawn(comparison.outcomes().get(MixComparison.ODM).get(0)))
                .addChart(weights(comparison.proxies().get(0)))
                .build();
    }

    private ShareChart drawn(MixOutcome run) {
        List<Series> shares = new ArrayList<>();
        for (String domain : comparison.domains()) {
            double[] values = new double[run.steps().size()];
            for (int step = 0; step < values.length; step++) {
                values[step] = run.share(domain, step + 1 - SMOOTHING, step + 1);
            }
            shares.add(Series.of(domain, stepsOf(run), values));
        }
        return new ShareChart("ODM: rows drawn", "step", shares);
    }

    /** The proxy's domain weights: it draws all domains alike, so they are the loss weights. */
    private ShareChart weights(MixOutcome proxy) {
        Map<String, double[]> weights = new LinkedHashMap<>();
        comparison.domains().forEach(d -> weights.put(d, new double[proxy.steps().size()]));
        Map<String, Double> last = new LinkedHashMap<>();
        comparison.domains().forEach(d -> last.put(d, 1.0));
        for (int step = 0; step < proxy.steps().size(); step++) {
            last.putAll(proxy.steps().get(step).weights());
            double sum = last.values().stream().mapToDouble(w -> w).sum();
            for (String domain : comparison.domains()) {
                weights.get(domain)[step] = last.get(domain) / sum;
            }
        }
        List<Series> series = new ArrayList<>();
        weights.forEach((d, values) -> series.add(Series.of(d, stepsOf(proxy), values)));
        return new ShareChart("DoReMi's proxy run: domain weights", "step", series);
    }

    private static double[] stepsOf(MixOutcome run) {
        double[] steps = new double[run.steps().size()];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = i + 1;
        }
        return steps;
    }
}
