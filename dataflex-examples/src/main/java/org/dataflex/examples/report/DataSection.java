package org.dataflex.examples.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dataflex.examples.page.NumberText;
import org.dataflex.examples.page.RunPage;
import org.dataflex.examples.page.ShareChart;
import org.dataflex.examples.page.Table;
import org.dataflex.examples.report.RunEvent.Arrival;
import org.dataflex.examples.report.RunEvent.Mixing;

/** What the model saw: the mixture asked for, the rows drawn, how often each sample. */
final class DataSection {

    private static final int MOST_DRAWN = 8;
    private static final int DIGITS = 3;

    private final RunLog log;
    private final Draws draws;
    private final Amounts mixtures;

    DataSection(RunLog log) {
        this.log = log;
        draws = new Draws(log);
        mixtures = new Amounts(log.domains().names());
        log.all(Mixing.class).forEach(m -> mixtures.add(m.step(), m.proportions()));
    }

    void addTo(RunPage.Builder page) {
        page.addHeading("What the model saw");
        if (!mixtures.isEmpty()) {
            page.addChart(
                    new ShareChart(
                            "Mixture asked for", "step", mixtures.sharesInForce(log.lastStep())));
        }
        page.addChart(new ShareChart("Rows drawn, by domain", "step", draws.byDomain().shares()))
                .addChart(
                        new ShareChart(
                                "Rows drawn for the first time, or again",
                                "step",
                                draws.novelty().shares()))
                .addTable(domains())
                .addTable(mostDrawn());
        List<Arrival> arrivals = log.all(Arrival.class);
        if (!arrivals.isEmpty()) {
            page.addTable(arrived(arrivals));
        }
    }

    private static Table arrived(List<Arrival> arrivals) {
        long nothing = arrivals.stream().filter(arrival -> arrival.arrived() == 0).count();
        double millis = arrivals.stream().mapToDouble(Arrival::millis).sum();
        return new Table(
                "What arrived on the stream",
                List.of("samples in all", "times asked", "nothing was new", "seconds"),
                List.of(
                        List.of(
                                NumberText.count(arrivals.get(arrivals.size() - 1).size()),
                                NumberText.count(arrivals.size()),
                                NumberText.count(nothing),
                                NumberText.of(millis / 1000, DIGITS))));
    }

    private Table domains() {
        List<List<String>> rows = new ArrayList<>();
        for (String domain : log.domains().names()) {
            rows.add(row(domain));
        }
        return new Table(
                "Domains in numbers",
                List.of(
                        "domain",
                        "samples",
                        "share of pool",
                        "mixture: first",
                        "mixture: last",
                        "rows drawn",
                        "share drawn",
                        "samples drawn",
                        "most draws of a sample",
                        "mean weight"),
                rows);
    }

    private List<String> row(String domain) {
        long size = log.domains().sizeOf(domain);
        List<Mixing> asked = log.all(Mixing.class);
        return List.of(
                domain,
                NumberText.count(size),
                NumberText.percent(size / (double) log.domains().size()),
                asked.isEmpty() ? "" : proportion(asked.get(0), domain),
                asked.isEmpty() ? "" : proportion(asked.get(asked.size() - 1), domain),
                NumberText.count(Math.round(draws.byDomain().total(domain))),
                NumberText.percent(draws.byDomain().share(domain)),
                NumberText.count(draws.distinct(domain)),
                NumberText.count(draws.most(domain)),
                draws.isWeighed() ? NumberText.of(draws.meanWeight(domain), DIGITS) : "");
    }

    private static String proportion(Mixing mixing, String domain) {
        return NumberText.percent(mixing.proportions().getOrDefault(domain, 0.0));
    }

    private Table mostDrawn() {
        List<List<String>> rows = new ArrayList<>();
        for (Map.Entry<Long, Integer> sample : draws.mostDrawn(MOST_DRAWN)) {
            rows.add(
                    List.of(
                            Long.toString(sample.getKey()),
                            log.domains().of(sample.getKey()),
                            NumberText.count(sample.getValue()),
                            draws.isWeighed()
                                    ? NumberText.of(draws.meanWeight(sample.getKey()), DIGITS)
                                    : ""));
        }
        return new Table(
                "Samples drawn most often; explain RUN SAMPLE tells more of one",
                List.of("sample", "domain", "times drawn", "mean weight"),
                rows);
    }
}
