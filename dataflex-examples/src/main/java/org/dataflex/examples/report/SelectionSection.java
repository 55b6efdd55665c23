package org.dataflex.examples.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dataflex.examples.page.NumberText;
import org.dataflex.examples.page.RunPage;
import org.dataflex.examples.page.ShareChart;
import org.dataflex.examples.page.Table;
import org.dataflex.examples.report.RunEvent.Choice;
import org.dataflex.math.Quantiles;

/** What was selected: of which domains, with which scores, new or chosen before. */
final class SelectionSection {

    private static final List<String> QUARTERS =
            List.of("lowest quarter", "second quarter", "third quarter", "highest quarter");
    private static final String NEW = "new";
    private static final String AGAIN = "chosen before";

    /** Decisions that the table tells of. */
    private static final int LATEST = 12;

    private static final int DIGITS = 3;

    private final RunLog log;
    private final Amounts byDomain;
    private final Amounts byQuarter = new Amounts(QUARTERS);
    private final Amounts novelty = new Amounts(List.of(NEW, AGAIN));
    private final List<List<String>> rows = new ArrayList<>();

    private SelectionSection(RunLog log) {
        this.log = log;
        byDomain = new Amounts(log.domains().names());
    }

    /**
     * Reads the selection files.
     *
     * @throws IOException if one is missing or not what it was
     */
    static SelectionSection read(RunLog log) throws IOException {
        SelectionSection section = new SelectionSection(log);
        Set<Long> before = new HashSet<>();
        for (Choice choice : log.all(Choice.class)) {
            section.add(choice, SelectionFile.read(log.directory(), choice), before);
        }
        return section;
    }

    private void add(Choice choice, SelectionFile file, Set<Long> before) {
        Map<String, Integer> domains = new LinkedHashMap<>();
        int fresh = 0;
        for (long position : file.chosen()) {
            domains.merge(log.domains().of(position), 1, Integer::sum);
            fresh += before.add(position) ? 1 : 0;
        }
        byDomain.add(choice.step(), domains);
        novelty.add(choice.step(), Map.of(NEW, fresh, AGAIN, file.count() - fresh));
        if (file.hasOthers()) {
            byQuarter.add(choice.step(), quarters(file));
        }
        rows.add(row(choice, file, fresh));
    }

    /** How many of the chosen are in each quarter of the candidates, by rank. */
    private static Map<String, Integer> quarters(SelectionFile file) {
        double[] sorted = file.sortedScores();
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (int i = 0; i < file.count(); i++) {
            double score = file.scores()[i];
            if (!Double.isNaN(score)) {
                double place = Ranks.below(sorted, score) + Ranks.equal(sorted, score) / 2.0;
                int quarter = Math.min(3, (int) (QUARTERS.size() * place / sorted.length));
                counts.merge(QUARTERS.get(quarter), 1, Integer::sum);
            }
        }
        return counts;
    }

    private static List<String> row(Choice choice, SelectionFile file, int fresh) {
        List<String> cells =
                new ArrayList<>(
                        List.of(
                                NumberText.count(choice.step()),
                                choice.chosen().scope(),
                                NumberText.count(choice.chosen().candidates()),
                                NumberText.count(file.count()),
                                NumberText.count(fresh)));
        cells.addAll(spread(file.hasOthers() ? file.scores() : new double[0]));
        cells.addAll(spread(Arrays.copyOf(file.scores(), file.count())));
        return cells;
    }

    private static List<String> spread(double[] scores) {
        if (Arrays.stream(scores).noneMatch(Double::isFinite)) {
            return List.of("", "", "");
        }
        Quantiles.Summary spread = Quantiles.summary(scores);
        return List.of(
                NumberText.of(spread.min(), DIGITS),
                NumberText.of(spread.median(), DIGITS),
                NumberText.of(spread.max(), DIGITS));
    }

    void addTo(RunPage.Builder page) {
        page.addHeading("What was selected")
                .addParagraph(
                        "What is chosen at an update may be drawn until the next. Quarters are of the"
                                + " candidates, by the rank of their scores.")
                .addChart(chart("Chosen samples, by domain", byDomain));
        if (!byQuarter.isEmpty()) {
            page.addChart(chart("Chosen samples, by score among the candidates", byQuarter));
        }
        page.addChart(chart("Chosen samples, new or chosen before", novelty)).addTable(table());
    }

    private ShareChart chart(String title, Amounts amounts) {
        return new ShareChart(title, "step", amounts.sharesInForce(log.lastStep()));
    }

    private Table table() {
        int first = Math.max(0, rows.size() - LATEST);
        String title =
                first == 0
                        ? "Selections in numbers"
                        : "The latest %d of %s selections in numbers"
                                .formatted(LATEST, NumberText.count(rows.size()));
        return new Table(
                title,
                List.of(
                        "step",
                        "asked about",
                        "candidates",
                        "chosen",
                        "of them new",
                        "candidates' scores: lowest",
                        "median",
                        "highest",
                        "chosen scores: lowest",
                        "median",
                        "highest"),
                rows.subList(first, rows.size()));
    }
}
