package org.dataflex.examples.quickstart;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import org.dataflex.data.Domain;
import org.dataflex.examples.corpus.BundledCorpus;
import org.dataflex.examples.page.LineChart;
import org.dataflex.examples.page.RunPage;
import org.dataflex.examples.page.Series;
import org.dataflex.examples.page.ShareChart;

/** Draws the two runs: shares over time, held-out loss over time. */
public final class ComparisonPage {

    /** Steps over which drawn rows are averaged into a share. */
    private static final int SMOOTHING = 10;

    private final Comparison comparison;

    /**
     * Draws a comparison.
     *
     * @param comparison the two runs
     */
    public ComparisonPage(Comparison comparison) {
        this.comparison = comparison;
    }

    /**
     * Makes the page.
     *
     * @return the page
     */
    public RunPage page() {
        RunPage.Builder page =
                RunPage.builder("DataFlex quick start")
                        .addParagraph(
                                "A small decoder learned to predict the next byte of six kinds of"
                                        + " text, twice from the same first weights and with the same"
                                        + " number of steps. The plain run drew every window of the"
                                        + " pool with equal chance. In the dynamic run online data"
                                        + " mixing set the shares of the domains, a loss selector chose"
                                        + " windows of medium loss, and a loss-based weighter gave"
                                        + " windows of higher loss more weight.")
                        .addTable(comparison.table())
                        .addHeading("What the model saw")
                        .addChart(shares("Plain: share of each domain", comparison.plain()))
                        .addChart(shares("Dynamic: share of each domain", comparison.dynamic()));
        if (!comparison.dynamic().chosen().isEmpty()) {
            page.addTable(comparison.decisions());
        }
        page.addHeading("How held-out loss moved")
                .addParagraph("Dashed: plain. Solid: dynamic. Lower is better.");
        for (Domain domain : comparison.data().pool().domains()) {
            page.addChart(losses(domain.name()));
        }
        page.addHeading("Where the text comes from");
        BundledCorpus.ATTRIBUTION.forEach(page::addParagraph);
        return page.build();
    }

    private ShareChart shares(String title, History run) {
        List<Series> shares = new ArrayList<>();
        for (Domain domain : comparison.data().pool().domains()) {
            double[] steps = new double[run.steps()];
            double[] values = new double[run.steps()];
            for (int step = 0; step < values.length; step++) {
                steps[step] = step + 1;
                values[step] = run.share(domain, step + 1 - SMOOTHING, step + 1);
            }
            shares.add(Series.of(domain.name(), steps, values));
        }
        return new ShareChart(title, "step", shares);
    }

    private LineChart losses(String domain) {
        return new LineChart(
                domain,
                "step",
                "nats a byte",
                List.of(
                        series("plain", comparison.plain(), domain, true),
                        series("dynamic", comparison.dynamic(), domain, false)));
    }

    private static Series series(String name, History run, String domain, boolean dashed) {
        NavigableMap<Long, Double> losses = run.report().validationLosses().get(domain);
        return new Series(
                name,
                losses.keySet().stream().mapToDouble(step -> step).toArray(),
                losses.values().stream().mapToDouble(loss -> loss).toArray(),
                dashed);
    }
}
