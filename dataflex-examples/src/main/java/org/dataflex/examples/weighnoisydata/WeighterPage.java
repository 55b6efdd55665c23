package org.dataflex.examples.weighnoisydata;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.function.Function;
import org.dataflex.examples.page.LineChart;
import org.dataflex.examples.page.RunPage;
import org.dataflex.examples.page.Series;

/** Draws a comparison of weighters: held-out loss and weights by step, as means over seeds. */
public final class WeighterPage {

    /** Steps over which weights are averaged. */
    private static final int SMOOTHING = 10;

    private final WeighterComparison comparison;

    /**
     * Draws a comparison.
     *
     * @param comparison the comparison
     */
    public WeighterPage(WeighterComparison comparison) {
        this.comparison = comparison;
    }

    /**
     * Makes the page.
     *
     * @return the page
     */
    public RunPage page() {
        List<Series> losses = new ArrayList<>();
        List<Series> ratios = new ArrayList<>();
        comparison
                .outcomes()
                .forEach(
                        (name, ofSeeds) -> {
                            losses.add(series(name, ofSeeds, o -> o.losses().tailMap(1L, true)));
                            if (!name.equals(WeighterRuns.UNIFORM)) {
                                ratios.add(
                                        series(name, ofSeeds, o -> o.weights().ratios(SMOOTHING)));
                            }
                        });
        return RunPage.builder("Weighing noisy data")
                .addParagraph(
                        "The same small decoder was trained on the same text with each weighter, in"
                                + " some of whose windows the bytes are shuffled. Held out are clean"
                                + " windows. A weighter is better or worse only where the 95 %"
                                + " interval of its differences to uniform, seed by seed, leaves out"
                                + " 0; corrupted and clean are the mean weights it gave.")
                .addTable(comparison.table())
                .addChart(
                        new LineChart(
                                "Clean held-out loss, after the first steps",
                                "step",
                                "nats a byte",
                                losses))
                .addChart(
                        new LineChart(
                                "Weight of corrupted samples",
                                "step",
                                "times that of clean ones",
                                ratios))
                .build();
    }

    private static Series series(
            String name,
            List<WeighterOutcome> ofSeeds,
            Function<WeighterOutcome, NavigableMap<Long, Double>> values) {
        NavigableMap<Long, Double> means =
                WeighterOutcome.means(ofSeeds.stream().map(values).toList());
        return new Series(
                name,
                means.keySet().stream().mapToDouble(step -> step).toArray(),
                means.values().stream().mapToDouble(mean -> mean).toArray(),
                name.equals(WeighterRuns.UNIFORM));
    }
}
