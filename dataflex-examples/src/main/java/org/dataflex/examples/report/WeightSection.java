package org.dataflex.examples.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.examples.page.LineChart;
import org.dataflex.examples.page.NumberText;
import org.dataflex.examples.page.Ribbon;
import org.dataflex.examples.page.RunPage;
import org.dataflex.examples.page.Series;
import org.dataflex.examples.page.Table;
import org.dataflex.examples.report.RunEvent.Weighing;
import org.dataflex.math.Quantiles;

/** How weights were spread, over time and by domain. */
final class WeightSection {

    private static final double[] PROBABILITIES = {0.05, 0.25, 0.5, 0.75, 0.95};
    private static final int DIGITS = 3;

    private final RunLog log;
    private final List<Weighing> weighings;
    private final List<Stretch> stretches;

    WeightSection(RunLog log) {
        this.log = log;
        weighings = log.all(Weighing.class);
        stretches = Stretch.of(weighings.size(), Stretch.MOST);
    }

    void addTo(RunPage.Builder page) {
        page.addHeading("Weights")
                .addParagraph(
                        "Each row's loss counts as many times as its weight says. The band holds the"
                                + " middle half of the weights; one row in twenty lies above the"
                                + " highest line, one below the lowest.")
                .addChart(spread())
                .addChart(means())
                .addTable(table());
    }

    private double[] steps() {
        return stretches.stream().mapToDouble(s -> weighings.get(s.to() - 1).step() + 1).toArray();
    }

    private LineChart spread() {
        double[] x = steps();
        double[][] quantiles = new double[PROBABILITIES.length][x.length];
        for (int i = 0; i < x.length; i++) {
            double[] at = Quantiles.of(weights(stretches.get(i)), PROBABILITIES);
            for (int q = 0; q < at.length; q++) {
                quantiles[q][i] = at[q];
            }
        }
        return new LineChart(
                "Weights of the rows of a step",
                "step",
                "weight",
                List.of(
                        new Series("95th percentile", x, quantiles[4], true),
                        Series.of("median", x, quantiles[2]),
                        new Series("5th percentile", x, quantiles[0], true)),
                List.of(new Ribbon("median", x, quantiles[1], quantiles[3])));
    }

    private double[] weights(Stretch stretch) {
        return stretch.of(weighings).stream()
                .flatMapToDouble(weighing -> Arrays.stream(weighing.weights()))
                .toArray();
    }

    private LineChart means() {
        Map<String, double[]> means = new LinkedHashMap<>();
        log.domains().names().forEach(d -> means.put(d, new double[stretches.size()]));
        for (int i = 0; i < stretches.size(); i++) {
            Map<String, List<Double>> weights = byDomain(stretches.get(i).of(weighings));
            int at = i;
            means.forEach((domain, line) -> line[at] = mean(weights.get(domain)));
        }
        List<Series> lines = new ArrayList<>();
        means.forEach((domain, line) -> lines.add(Series.of(domain, steps(), line)));
        return new LineChart("Mean weight of each domain's rows", "step", "weight", lines);
    }

    private Map<String, List<Double>> byDomain(List<Weighing> some) {
        Map<String, List<Double>> weights = new LinkedHashMap<>();
        log.domains().names().forEach(domain -> weights.put(domain, new ArrayList<>()));
        for (Weighing weighing : some) {
            for (int i = 0; i < weighing.samples().length; i++) {
                weights.get(log.domains().of(weighing.samples()[i])).add(weighing.weights()[i]);
            }
        }
        return weights;
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(v -> v).average().orElse(Double.NaN);
    }

    private Table table() {
        List<List<String>> rows = new ArrayList<>();
        Map<String, List<Double>> weights = byDomain(weighings);
        weights.forEach((domain, of) -> rows.add(row(domain, of)));
        rows.add(row("all", weights.values().stream().flatMap(List::stream).toList()));
        return new Table(
                "Weights in numbers",
                List.of(
                        "domain",
                        "rows weighed",
                        "mean",
                        "lowest",
                        "lower quartile",
                        "median",
                        "upper quartile",
                        "highest"),
                rows);
    }

    private static List<String> row(String domain, List<Double> weights) {
        if (weights.isEmpty()) {
            return List.of(domain, "0", "", "", "", "", "", "");
        }
        Quantiles.Summary spread =
                Quantiles.summary(weights.stream().mapToDouble(w -> w).toArray());
        List<String> cells = new ArrayList<>(List.of(domain, NumberText.count(weights.size())));
        for (double value :
                new double[] {
                    mean(weights),
                    spread.min(),
                    spread.lower(),
                    spread.median(),
                    spread.upper(),
                    spread.max()
                }) {
            cells.add(NumberText.of(value, DIGITS));
        }
        return cells;
    }
}
