package org.dataflex.examples.weighnoisydata;

import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.dataflex.examples.Interval;
import org.dataflex.examples.mixdomains.DomainRuns;
import org.dataflex.examples.page.Table;

/** What came of each weighter on noisy data, over seeds. */
public final class WeighterComparison {

    private final Map<String, List<WeighterOutcome>> outcomes = new LinkedHashMap<>();

    /** Makes an empty comparison. */
    public WeighterComparison() {}

    /**
     * Trains with all weighters and a seed.
     *
     * @param data the text
     * @param shape size and length of the runs
     * @param seed of everything random
     * @param place an empty directory for the runs
     * @throws IOException if the directory cannot be written
     * @throws TranslateException never, tokens need no processing
     */
    public void run(NoisyData data, DomainRuns shape, long seed, Path place)
            throws IOException, TranslateException {
        add(new WeighterRuns(data, shape, seed, place).run());
    }

    /** Adds the runs of a seed; that without weighter is the first of a map. */
    void add(Map<String, WeighterOutcome> ofSeed) {
        ofSeed.forEach(
                (name, outcome) ->
                        outcomes.computeIfAbsent(name, any -> new ArrayList<>()).add(outcome));
    }

    Map<String, List<WeighterOutcome>> outcomes() {
        return outcomes;
    }

    /**
     * Tabulates what came of it.
     *
     * @return a table of text
     */
    public Table table() {
        List<List<String>> rows = new ArrayList<>();
        outcomes.forEach((name, ofSeeds) -> rows.add(row(name, ofSeeds)));
        return new Table(
                "Clean held-out loss (nats a byte): means over seeds +- 95 % interval",
                List.of("weighter", "loss", "- uniform", "shown", "corrupted", "clean", "seconds"),
                rows);
    }

    private List<String> row(String name, List<WeighterOutcome> own) {
        List<WeighterOutcome> uniform = outcomes.get(WeighterRuns.UNIFORM);
        Interval difference = Interval.ofDifferences(own, uniform, WeighterOutcome::finalLoss);
        boolean same = name.equals(WeighterRuns.UNIFORM);
        String shown = difference.isBelow0() ? "better" : difference.isAbove0() ? "worse" : "";
        return List.of(
                name,
                Interval.of(own.stream().mapToDouble(WeighterOutcome::finalLoss).toArray())
                        .text("%.3f"),
                same ? "" : difference.text("%+.3f"),
                shown,
                mean(own, outcome -> outcome.weights().corrupted()),
                mean(own, outcome -> outcome.weights().clean()),
                mean(own, WeighterOutcome::seconds));
    }

    /** Empty if nothing was weighed. */
    private static String mean(List<WeighterOutcome> own, ToDoubleFunction<WeighterOutcome> value) {
        double mean = own.stream().mapToDouble(value).average().orElseThrow();
        return Double.isNaN(mean) ? "" : String.format(Locale.ROOT, "%.2f", mean);
    }
}
