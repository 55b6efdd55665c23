package org.dataflex.examples.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.dataflex.examples.page.LineChart;
import org.dataflex.examples.page.NumberText;
import org.dataflex.examples.page.Ribbon;
import org.dataflex.examples.page.RunPage;
import org.dataflex.examples.page.Series;
import org.dataflex.examples.page.Table;
import org.dataflex.examples.report.RunEvent.Measurement;
import org.dataflex.examples.report.RunEvent.Step;
import org.dataflex.examples.report.RunEvent.Weighing;
import org.dataflex.math.Quantiles;

/** How losses moved. */
final class LossSection {

    private static final int DIGITS = 4;

    private final RunLog log;

    LossSection(RunLog log) {
        this.log = log;
    }

    void addTo(RunPage.Builder page) {
        page.addHeading("Losses").addParagraph(explanation()).addChart(training());
        Map<String, NavigableMap<Long, Double>> heldOut = heldOut(log);
        if (!heldOut.isEmpty()) {
            page.addChart(chart(heldOut));
        }
        page.addTable(table(heldOut));
    }

    private String explanation() {
        String weighted =
                log.all(Weighing.class).isEmpty()
                        ? "Training loss is the mean over a step's batch"
                        : "Training loss is the weighted mean over a step's batch";
        int length = stretches().isEmpty() ? 1 : stretches().get(0).to();
        return length == 1
                ? weighted + "."
                : weighted
                        + "; a point is the mean of "
                        + length
                        + " steps, the band holds the middle half of them.";
    }

    private List<Stretch> stretches() {
        return Stretch.of(log.steps().size(), Stretch.MOST);
    }

    private LineChart training() {
        List<Stretch> stretches = stretches();
        double[] x = new double[stretches.size()];
        double[] low = new double[x.length];
        double[] high = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            List<Step> steps = stretches.get(i).of(log.steps());
            x[i] = steps.get(steps.size() - 1).step();
            double[] losses = steps.stream().mapToDouble(Step::loss).toArray();
            double[] quartiles = Quantiles.of(losses, 0.25, 0.75);
            low[i] = quartiles[0];
            high[i] = quartiles[1];
        }
        Series line = Series.of("training", x, means(log));
        return new LineChart(
                "Training loss",
                "step",
                "loss",
                List.of(line),
                List.of(new Ribbon("training", x, low, high)));
    }

    /** The mean training loss of each stretch of steps. */
    static double[] means(RunLog log) {
        return Stretch.of(log.steps().size(), Stretch.MOST).stream()
                .map(stretch -> stretch.of(log.steps()))
                .mapToDouble(s -> s.stream().mapToDouble(Step::loss).average().orElseThrow())
                .toArray();
    }

    /** The losses of each validation set, by step. */
    static Map<String, NavigableMap<Long, Double>> heldOut(RunLog log) {
        Map<String, NavigableMap<Long, Double>> sets = new LinkedHashMap<>();
        for (Measurement measured : log.all(Measurement.class)) {
            measured.losses()
                    .forEach(
                            (set, loss) ->
                                    sets.computeIfAbsent(set, any -> new TreeMap<>())
                                            .put(measured.step(), loss));
        }
        return sets;
    }

    private static LineChart chart(Map<String, NavigableMap<Long, Double>> heldOut) {
        List<Series> lines = new ArrayList<>();
        heldOut.forEach(
                (set, losses) ->
                        lines.add(
                                Series.of(
                                        set,
                                        losses.keySet().stream().mapToDouble(s -> s).toArray(),
                                        losses.values().stream().mapToDouble(l -> l).toArray())));
        return new LineChart("Held-out loss of each validation set", "step", "loss", lines);
    }

    private Table table(Map<String, NavigableMap<Long, Double>> heldOut) {
        NavigableMap<Long, Double> training = new TreeMap<>();
        log.steps().forEach(step -> training.put(step.step(), step.loss()));
        List<List<String>> rows = new ArrayList<>();
        rows.add(row("training, single steps", training));
        heldOut.forEach((set, losses) -> rows.add(row("held out: " + set, losses)));
        return new Table(
                "Losses in numbers",
                List.of("loss", "first", "at step", "last", "at step", "lowest", "at step"),
                rows);
    }

    private static List<String> row(String name, NavigableMap<Long, Double> losses) {
        if (losses.isEmpty()) {
            return List.of(name, "", "", "", "", "", "");
        }
        Map.Entry<Long, Double> lowest =
                losses.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow();
        List<String> cells = new ArrayList<>(List.of(name));
        for (Map.Entry<Long, Double> entry :
                List.of(losses.firstEntry(), losses.lastEntry(), lowest)) {
            cells.add(NumberText.of(entry.getValue(), DIGITS));
            cells.add(NumberText.count(entry.getKey()));
        }
        return cells;
    }
}
