package org.dataflex.examples.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.dataflex.examples.Interval;
import org.dataflex.examples.page.LineChart;
import org.dataflex.examples.page.NumberText;
import org.dataflex.examples.page.Ribbon;
import org.dataflex.examples.page.RunPage;
import org.dataflex.examples.page.Series;
import org.dataflex.examples.page.ShareChart;
import org.dataflex.examples.page.Table;
import org.dataflex.examples.report.RunEvent.Step;

/** The parts of a page that compares groups of runs. */
final class ComparisonSections {

    private static final int DIGITS = 4;

    private final List<RunGroup> groups;
    private final RunGroup baseline;
    private final Set<String> sets = new LinkedHashSet<>();

    ComparisonSections(List<RunGroup> groups) {
        this.groups = groups;
        baseline = groups.get(0);
        groups.forEach(g -> g.runs().forEach(r -> sets.addAll(LossSection.heldOut(r).keySet())));
    }

    RunPage page() {
        RunPage.Builder page =
                RunPage.builder("Comparison of runs").addParagraph(summary()).addHeading("Losses");
        if (!sets.isEmpty()) {
            page.addTable(losses());
            if (groups.size() > 1) {
                page.addTable(differences()).addParagraph(verdict());
            }
        }
        page.addChart(chart("Training loss", ComparisonSections::training));
        for (String set : sets) {
            page.addChart(
                    chart(
                            "Held-out loss: " + set,
                            run -> LossSection.heldOut(run).getOrDefault(set, new TreeMap<>())));
        }
        page.addHeading("Rows drawn");
        for (RunGroup group : groups) {
            page.addChart(
                    new ShareChart(group.name() + ": rows drawn", "step", rows(group).shares()));
        }
        return page.addTable(shares())
                .addHeading("Cost")
                .addTable(cost())
                .addHeading("What they were run with")
                .addTable(
                        table(
                                "Settings that differ",
                                "setting",
                                settings(false),
                                ComparisonSections::setting))
                .addTable(shared())
                .build();
    }

    private String summary() {
        return "%s runs over the same pool, compared after %s steps. %s Numbers after ± and bands around lines are 95 %% intervals over seeds."
                .formatted(
                        NumberText.count(groups.stream().mapToInt(g -> g.runs().size()).sum()),
                        NumberText.count(baseline.runs().get(0).lastStep()),
                        groups.stream()
                                .map(g -> g.name() + ": seed " + String.join(", ", g.seeds()) + ".")
                                .collect(Collectors.joining(" ")));
    }

    private String verdict() {
        return isPaired()
                ? "Differences are taken seed by seed; lower is better. A difference is shown only"
                        + " where the interval leaves out 0; of a single seed nothing is."
                : "The groups have different seeds, so differences of means have no interval here;"
                        + " run both with the same seeds to have one.";
    }

    private boolean isPaired() {
        return groups.stream().allMatch(group -> group.seeds().equals(baseline.seeds()));
    }

    /** The mean of each stretch of steps, by its last step. */
    private static Map<Long, Double> training(RunLog run) {
        double[] means = LossSection.means(run);
        List<Stretch> stretches = Stretch.of(run.steps().size(), Stretch.MOST);
        Map<Long, Double> losses = new TreeMap<>();
        for (int i = 0; i < means.length; i++) {
            losses.put(run.steps().get(stretches.get(i).to() - 1).step(), means[i]);
        }
        return losses;
    }

    private LineChart chart(String title, Function<RunLog, Map<Long, Double>> numbers) {
        List<Series> lines = new ArrayList<>();
        List<Ribbon> ribbons = new ArrayList<>();
        for (RunGroup group : groups) {
            RunGroup.Line line = group.mean(numbers);
            lines.add(line.series(group.name(), group == baseline));
            if (group.runs().size() > 1) {
                ribbons.add(line.ribbon(group.name()));
            }
        }
        return new LineChart(title, "step", "loss", lines, ribbons);
    }

    private static double lastLoss(RunLog run, String set) {
        TreeMap<Long, Double> losses =
                new TreeMap<>(LossSection.heldOut(run).getOrDefault(set, new TreeMap<>()));
        return losses.isEmpty() ? Double.NaN : losses.lastEntry().getValue();
    }

    private double meanLoss(RunLog run) {
        return sets.stream().mapToDouble(set -> lastLoss(run, set)).average().orElse(Double.NaN);
    }

    private double worstLoss(RunLog run) {
        return sets.stream().mapToDouble(set -> lastLoss(run, set)).max().orElse(Double.NaN);
    }

    /** The last held-out losses by row of a table. */
    private Map<String, Function<RunLog, Double>> lossRows() {
        Map<String, Function<RunLog, Double>> rows = new LinkedHashMap<>();
        sets.forEach(set -> rows.put(set, run -> lastLoss(run, set)));
        if (sets.size() > 1) {
            rows.put("mean", this::meanLoss);
            rows.put("worst", this::worstLoss);
        }
        return rows;
    }

    private Table losses() {
        return table(
                "Held-out loss at the end",
                "validation set",
                lossRows(),
                (group, loss) -> text(group.over(loss::apply)));
    }

    private Table differences() {
        List<String> headers = new ArrayList<>(List.of("validation set"));
        List<RunGroup> others = groups.subList(1, groups.size());
        others.forEach(group -> headers.add(group.name()));
        List<List<String>> rows = new ArrayList<>();
        lossRows()
                .forEach(
                        (name, loss) -> {
                            List<String> row = new ArrayList<>(List.of(name));
                            others.forEach(group -> row.add(signed(difference(group, loss))));
                            rows.add(row);
                        });
        return new Table("Difference to " + baseline.name(), headers, rows);
    }

    private Interval difference(RunGroup group, Function<RunLog, Double> loss) {
        if (!isPaired()) {
            double change = group.over(loss::apply).mean() - baseline.over(loss::apply).mean();
            return new Interval(change, Double.NaN);
        }
        return Interval.ofDifferences(group.runs(), baseline.runs(), loss::apply);
    }

    private static Amounts rows(RunGroup group) {
        Amounts rows = new Amounts(group.runs().get(0).domains().names());
        for (int i = 0; i < group.runs().get(0).steps().size(); i++) {
            for (RunLog run : group.runs()) {
                Step step = run.steps().get(i);
                rows.add(step.step(), step.rows());
            }
        }
        return rows;
    }

    private Table shares() {
        Map<RunGroup, Amounts> drawn = new LinkedHashMap<>();
        groups.forEach(group -> drawn.put(group, rows(group)));
        Map<String, String> domains = new LinkedHashMap<>();
        baseline.runs().get(0).domains().names().forEach(domain -> domains.put(domain, domain));
        return table(
                "Share of each domain among the rows drawn",
                "domain",
                domains,
                (group, domain) -> NumberText.percent(drawn.get(group).share(domain)));
    }

    private Table cost() {
        Map<String, Function<RunCost, Double>> rows = new LinkedHashMap<>();
        rows.put("training, s", c -> c.seconds().total(RunCost.TRAINING));
        rows.put(
                "strategies and validation, s",
                c -> c.seconds().total() - c.seconds().total(RunCost.TRAINING));
        rows.put("all, s", c -> c.seconds().total());
        return table(
                "Time of a run",
                "what",
                rows,
                (group, seconds) -> text(group.over(run -> seconds.apply(new RunCost(run)))));
    }

    /** The settings by which the groups differ, or that all share. */
    private Map<String, String> settings(boolean shared) {
        Set<String> names = new LinkedHashSet<>();
        groups.forEach(group -> names.addAll(group.settings().keySet()));
        Map<String, String> rows = new LinkedHashMap<>();
        for (String name : names) {
            long values = groups.stream().map(g -> setting(g, name)).distinct().count();
            if (shared == (values == 1)) {
                rows.put(name, name);
            }
        }
        return rows;
    }

    private static String setting(RunGroup group, String name) {
        return group.settings().getOrDefault(name, NumberText.MISSING);
    }

    private Table shared() {
        List<List<String>> rows = new ArrayList<>();
        settings(true).keySet().forEach(n -> rows.add(List.of(n, setting(baseline, n))));
        baseline.runs()
                .get(0)
                .start()
                .environment()
                .forEach((name, value) -> rows.add(List.of(name, value)));
        return new Table(
                "Settings in common, and environment of the first run",
                List.of("setting", "value"),
                rows);
    }

    /** What a cell says of a group. */
    private interface Cell<T> {
        String of(RunGroup group, T row);
    }

    /** A table of a row for each key and a column for each group. */
    private <T> Table table(String title, String key, Map<String, T> rows, Cell<T> cell) {
        List<String> headers = new ArrayList<>(List.of(key));
        groups.forEach(group -> headers.add(group.name()));
        List<List<String>> cells = new ArrayList<>();
        rows.forEach(
                (name, row) -> {
                    List<String> line = new ArrayList<>(List.of(name));
                    groups.forEach(group -> line.add(cell.of(group, row)));
                    cells.add(line);
                });
        return new Table(title, headers, cells);
    }

    private static String text(Interval interval) {
        return text(interval, DIGITS);
    }

    private static String text(Interval interval, int digits) {
        return NumberText.of(interval.mean(), interval.halfWidth(), digits);
    }

    private static String signed(Interval difference) {
        return (difference.mean() > 0 ? "+" : "") + text(difference, 2);
    }
}
