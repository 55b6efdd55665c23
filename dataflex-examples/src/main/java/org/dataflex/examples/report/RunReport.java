package org.dataflex.examples.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dataflex.examples.page.NumberText;
import org.dataflex.examples.page.RunPage;
import org.dataflex.examples.page.Table;
import org.dataflex.examples.report.RunEvent.Choice;
import org.dataflex.examples.report.RunEvent.Weighing;

/**
 * What one run did, as a page: losses, proportions, what was selected, weights, cost, and what it
 * was run with.
 *
 * <p>Everything comes from the run directory; the run may be unfinished, or still be running.
 */
public final class RunReport {

    private final RunLog log;

    private RunReport(RunLog log) {
        this.log = log;
    }

    /**
     * Reads a run.
     *
     * @param runDirectory where a run left its events
     * @return the report
     * @throws IOException if there is no run, or its log is damaged; the message names the line
     */
    public static RunReport of(Path runDirectory) throws IOException {
        return new RunReport(RunLog.read(runDirectory));
    }

    /**
     * Makes the page.
     *
     * @return the page
     * @throws IOException if a file that the log names is missing or not what it was
     */
    public RunPage page() throws IOException {
        RunPage.Builder page =
                RunPage.builder("Run " + RunGroup.nameOf(log)).addParagraph(summary());
        log.notes().forEach(page::addParagraph);
        new LossSection(log).addTo(page);
        new DataSection(log).addTo(page);
        if (!log.all(Choice.class).isEmpty()) {
            SelectionSection.read(log).addTo(page);
        }
        if (!log.all(Weighing.class).isEmpty()) {
            new WeightSection(log).addTo(page);
        }
        new CostSection(log).addTo(page);
        page.addHeading("What it was run with")
                .addTable(table("Settings", "setting", log.start().configuration()))
                .addTable(table("Environment", "what", log.start().environment()));
        return page.build();
    }

    /**
     * Writes the page, in place of any older file.
     *
     * @param html the file
     * @throws IOException as {@link #page}, or if the file cannot be written
     */
    public void write(Path html) throws IOException {
        page().write(html);
    }

    private String summary() {
        Map<String, String> configuration = log.start().configuration();
        List<String> strategies = new ArrayList<>();
        for (String kind : List.of("mixer", "selector", "weighter", "tokenWeighter")) {
            String strategy = configuration.getOrDefault(kind, "none");
            if (!strategy.equals("none")) {
                strategies.add(kind + " " + strategy.split("[ {(@,]", 2)[0]);
            }
        }
        return "%s steps, %s; seed %s; %s samples of %d domains; %s."
                .formatted(
                        NumberText.count(log.lastStep()),
                        log.state(),
                        configuration.getOrDefault("seed", "not named"),
                        NumberText.count(log.domains().size()),
                        log.domains().names().size(),
                        strategies.isEmpty() ? "no strategies" : String.join(", ", strategies));
    }

    private static Table table(String title, String what, Map<String, String> values) {
        List<List<String>> rows = new ArrayList<>();
        values.forEach((name, value) -> rows.add(List.of(name, value)));
        return new Table(title, List.of(what, "value"), rows);
    }
}
