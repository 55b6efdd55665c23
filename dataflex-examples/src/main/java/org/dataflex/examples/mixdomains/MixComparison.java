package org.dataflex.examples.mixdomains;

import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.Domain;
import org.dataflex.examples.Interval;
import org.dataflex.examples.corpus.TextDomain;
import org.dataflex.examples.page.Table;
import org.dataflex.mixers.OnlineDataMixingMixer;
import org.dataflex.mixers.StaticMixer;

/**
 * Mixers compared over seeds, each with the same number of steps of the same size.
 *
 * @param domains the names of the domains
 * @param outcomes what came of each mixer's final runs, one a seed
 * @param proxies what came of DoReMi's proxy runs, one a seed
 */
public record MixComparison(
        List<String> domains, Map<String, List<MixOutcome>> outcomes, List<MixOutcome> proxies) {

    /** What the others are compared with; also DoReMi's reference. */
    static final String NATURAL = "natural";

    static final String UNIFORM = "uniform";
    static final String DOREMI = "DoReMi";
    static final String ODM = "ODM";

    /**
     * Trains with every mixer and seed, or reads the runs that are finished.
     *
     * @param texts the text
     * @param runs what is trained and how
     * @param seeds how many runs of each mixer
     * @param directory holds all run directories
     * @return what came of it
     * @throws IOException if a directory cannot be read or written
     * @throws TranslateException never, tokens need no processing
     */
    public static MixComparison run(
            List<TextDomain> texts, DomainRuns runs, int seeds, Path directory)
            throws IOException, TranslateException {
        Map<String, List<MixOutcome>> outcomes = new LinkedHashMap<>();
        for (String name : List.of(NATURAL, UNIFORM, DOREMI, ODM)) {
            outcomes.put(name, new ArrayList<>());
        }
        List<MixOutcome> proxies = new ArrayList<>();
        for (int seed = 1; seed <= seeds; seed++) {
            Path place = directory.resolve("seed-" + seed);
            Path natural = place.resolve(NATURAL);
            outcomes.get(NATURAL).add(train(runs, natural, seed, DoReMiRuns::naturally));
            outcomes.get(UNIFORM)
                    .add(train(runs, place.resolve(UNIFORM), seed, MixComparison::uniformly));
            outcomes.get(ODM).add(train(runs, place.resolve(ODM), seed, MixComparison::online));
            DoReMiRuns doremi =
                    new DoReMiRuns(
                            texts, runs, seed, natural, place.resolve(DOREMI).resolve("proxy"));
            Path last = place.resolve(DOREMI).resolve("final");
            try (DomainRuns.Trained trained = doremi.trainFinal(last)) {
                outcomes.get(DOREMI)
                        .add(MixOutcome.of(trained, StepLog.read(last, runs.data().pool())));
            }
            proxies.add(new MixOutcome(Map.of(), StepLog.read(doremi.proxy(), doremi.proxyPool())));
        }
        List<String> domains = runs.data().pool().domains().stream().map(Domain::name).toList();
        return new MixComparison(domains, outcomes, proxies);
    }

    private static MixOutcome train(
            DomainRuns runs, Path directory, long seed, Consumer<DynamicTrainer.Builder> mixer)
            throws IOException, TranslateException {
        try (DomainRuns.Trained trained = runs.train(directory, seed, mixer)) {
            return MixOutcome.of(trained, StepLog.read(directory, runs.data().pool()));
        }
    }

    private static void uniformly(DynamicTrainer.Builder builder) {
        builder.optMixer(StaticMixer.uniform(), UpdateSchedule.once());
    }

    private static void online(DynamicTrainer.Builder builder) {
        builder.optMixer(new OnlineDataMixingMixer(), UpdateSchedule.every(1));
    }

    /**
     * Tabulates held-out losses: of natural proportions as they are, of the others the differences
     * to them, seed by seed.
     *
     * @return a table of text
     */
    public Table losses() {
        List<List<String>> rows = new ArrayList<>();
        for (String domain : domains) {
            rows.add(row(domain, outcome -> outcome.heldOut().get(domain)));
        }
        rows.add(row("mean", MixOutcome::mean));
        rows.add(row("worst", MixOutcome::worst));
        List<String> headers = new ArrayList<>(List.of("domain", NATURAL));
        outcomes.keySet().stream()
                .filter(name -> !name.equals(NATURAL))
                .forEach(name -> headers.add(name + " - natural"));
        return new Table(
                "Held-out loss (nats a byte): means over seeds +- 95 % interval; * differs from 0",
                headers, rows);
    }

    private List<String> row(String label, ToDoubleFunction<MixOutcome> loss) {
        List<String> cells = new ArrayList<>(List.of(label));
        for (String name : outcomes.keySet()) {
            if (name.equals(NATURAL)) {
                cells.add(
                        Interval.of(outcomes.get(name).stream().mapToDouble(loss).toArray())
                                .text("%.3f"));
            } else {
                Interval difference = difference(name, loss);
                boolean shown = difference.isAbove0() || difference.isBelow0();
                cells.add(difference.text("%+.3f").replace("+- +", "+- ") + (shown ? " *" : ""));
            }
        }
        return cells;
    }

    /** Differences to the natural proportions, seed by seed. */
    private Interval difference(String name, ToDoubleFunction<MixOutcome> loss) {
        return Interval.ofDifferences(outcomes.get(name), outcomes.get(NATURAL), loss);
    }

    /**
     * Tabulates the shares of the domains among the rows that were drawn.
     *
     * @return a table of text
     */
    public Table shares() {
        List<List<String>> rows = new ArrayList<>();
        for (String domain : domains) {
            List<String> cells = new ArrayList<>(List.of(domain));
            for (List<MixOutcome> ofSeeds : outcomes.values()) {
                double mean =
                        ofSeeds.stream()
                                .mapToDouble(o -> o.share(domain, 0, o.steps().size()))
                                .average()
                                .orElseThrow();
                cells.add(String.format(Locale.ROOT, "%.1f", 100 * mean));
            }
            rows.add(cells);
        }
        List<String> headers = new ArrayList<>(List.of("domain"));
        headers.addAll(outcomes.keySet());
        return new Table("Share of each domain, % of all rows of a run", headers, rows);
    }

    /**
     * Tabulates what a step takes.
     *
     * @return a table of text
     */
    public Table times() {
        List<List<String>> rows = new ArrayList<>();
        outcomes.forEach((name, ofSeeds) -> rows.add(time(name, ofSeeds)));
        rows.add(time("DoReMi's proxy", proxies));
        return new Table(
                "Time of a step", List.of("run", "seconds, median", "of it strategies"), rows);
    }

    private static List<String> time(String name, List<MixOutcome> ofSeeds) {
        List<StepLog.Step> steps = ofSeeds.stream().flatMap(o -> o.steps().stream()).toList();
        double strategies =
                steps.stream().mapToDouble(StepLog.Step::strategyMillis).average().orElseThrow();
        return List.of(
                name,
                String.format(Locale.ROOT, "%.4f", StepLog.medianMillis(steps) / 1_000),
                String.format(Locale.ROOT, "%.5f", strategies / 1_000));
    }
}
