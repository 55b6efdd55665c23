package org.dataflex.examples.selectfortarget;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.dataflex.examples.page.LineChart;
import org.dataflex.examples.page.RunPage;
import org.dataflex.examples.page.Series;

/** Draws a comparison: what was found, and how held-out loss moved, as means over seeds. */
public final class TargetPage {

    private final TargetComparison comparison;

    /**
     * Draws a comparison.
     *
     * @param comparison the comparison
     */
    public TargetPage(TargetComparison comparison) {
        this.comparison = comparison;
    }

    /**
     * Makes the page.
     *
     * @return the page
     */
    public RunPage page() {
        TargetData data = comparison.data();
        List<Series> found = new ArrayList<>();
        List<Series> losses = new ArrayList<>();
        comparison
                .outcomes()
                .forEach(
                        (name, outcomes) -> {
                            found.add(found(name, outcomes, found.isEmpty()));
                            losses.add(losses(name, outcomes, losses.isEmpty()));
                        });
        return RunPage.builder("Selecting data for " + data.category())
                .addParagraph(introduction(data))
                .addTable(comparison.table())
                .addParagraph(
                        "Share: the part of the chosen samples that is of the target category. Held-out loss: nats a byte on other samples of the category, lower is better. Minus random's: the difference to random, seed by seed. Seconds: what a run's selector took. A selector finds more, or has a lower loss, only where the 95 % interval of its differences to random leaves out 0.")
                .addChart(
                        new LineChart(
                                "Samples of the target category trained on",
                                "steps since the choice",
                                "samples",
                                found))
                .addChart(
                        new LineChart(
                                "Held-out loss",
                                "steps, those before the choice included",
                                "nats a byte",
                                losses))
                .build();
    }

    private static String introduction(TargetData data) {
        return String.format(
                Locale.ROOT,
                "Selectors saw %,d candidates of %d categories, %,d of them of the target category,"
                        + " and %d samples of that category as the target set. A small decoder of"
                        + " bytes, pretrained once, was then trained on what each chose."
                        + " Random, loss and delta-loss do not look at the target set; GREATS"
                        + " chooses each batch among a few random candidates only.",
                data.pool().size(),
                data.pool().domains().size(),
                data.ownCandidates(),
                TargetData.TARGETS);
    }

    private static Series found(String name, List<Outcome> outcomes, boolean baseline) {
        double[] steps = new double[outcomes.get(0).found().length];
        double[] means = new double[steps.length];
        for (int i = 0; i < steps.length; i++) {
            int step = i;
            steps[i] = i;
            means[i] = outcomes.stream().mapToInt(o -> o.found()[step]).average().orElseThrow();
        }
        return new Series(name, steps, means, baseline);
    }

    private static Series losses(String name, List<Outcome> outcomes, boolean baseline) {
        List<Long> steps = List.copyOf(outcomes.get(0).losses().keySet());
        return new Series(
                name,
                steps.stream().mapToDouble(step -> step).toArray(),
                steps.stream().mapToDouble(step -> mean(outcomes, step)).toArray(),
                baseline);
    }

    private static double mean(List<Outcome> outcomes, long step) {
        return outcomes.stream().mapToDouble(o -> o.losses().get(step)).average().orElseThrow();
    }
}
