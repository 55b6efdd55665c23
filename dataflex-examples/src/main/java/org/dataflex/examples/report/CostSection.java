package org.dataflex.examples.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.examples.page.NumberText;
import org.dataflex.examples.page.RunPage;
import org.dataflex.examples.page.StackChart;
import org.dataflex.examples.page.Table;

/** What the run's time went to: training, each kind of strategy, validation. */
final class CostSection {

    private static final int DIGITS = 3;

    private final RunCost cost;

    CostSection(RunLog log) {
        cost = new RunCost(log);
    }

    void addTo(RunPage.Builder page) {
        page.addHeading("Cost")
                .addParagraph(
                        "Training is what a step took without the strategies' answers. Loading data"
                                + " before the first step and saving checkpoints are not counted.")
                .addChart(
                        new StackChart(
                                "Time spent up to a step",
                                "step",
                                "seconds",
                                cost.seconds().sums()))
                .addTable(table());
    }

    private Table table() {
        List<List<String>> rows = new ArrayList<>();
        Map<String, Integer> calls = new LinkedHashMap<>(cost.calls());
        for (Map.Entry<String, Integer> kind : calls.entrySet()) {
            double seconds = cost.seconds().total(kind.getKey());
            rows.add(
                    List.of(
                            kind.getKey(),
                            NumberText.of(seconds, DIGITS),
                            NumberText.percent(cost.seconds().share(kind.getKey())),
                            NumberText.count(kind.getValue()),
                            NumberText.of(1000 * seconds / kind.getValue(), DIGITS)));
        }
        rows.add(List.of("all", NumberText.of(cost.seconds().total(), DIGITS), "100.0%", "", ""));
        return new Table(
                "Time in numbers",
                List.of("what", "seconds", "share", "times", "milliseconds each"),
                rows);
    }
}
