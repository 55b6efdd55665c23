package org.dataflex.examples.selectfortarget;

import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dataflex.examples.Interval;
import org.dataflex.examples.page.Table;

/**
 * All selectors side by side, with the same seeds and numbers of steps.
 *
 * @param data what they chose from
 * @param outcomes a selector's outcomes, seed by seed, by its name; the baseline first
 */
public record TargetComparison(TargetData data, Map<String, List<Outcome>> outcomes) {

    /** Samples of a step. */
    public static final int BATCH_SIZE = TargetRun.BATCH_SIZE;

    private static final String BASELINE = "random";

    /**
     * Trains with every selector and seed.
     *
     * @param data the samples; as many seeds as it has target sets
     * @param pretraining what comes first, once
     * @param steps of training on what a selector chose
     * @param pretrained where to save the weights that every run starts from
     * @return what came of it
     * @throws IOException if the weights cannot be written or read
     * @throws TranslateException never, tokens need no processing
     */
    public static TargetComparison run(
            TargetData data, Pretraining pretraining, int steps, Path pretrained)
            throws IOException, TranslateException {
        TargetRun run = new TargetRun(data, steps, pretrained);
        run.pretrain(pretraining, 0);
        Map<String, List<Outcome>> outcomes = new LinkedHashMap<>();
        for (Contender contender : Contender.all(run)) {
            List<Outcome> ofSeeds = new ArrayList<>();
            for (int seed = 0; seed < data.targets().size(); seed++) {
                ofSeeds.add(run.train(contender, seed));
            }
            outcomes.put(contender.name(), ofSeeds);
        }
        return new TargetComparison(data, outcomes);
    }

    /**
     * Tabulates shares, losses and seconds, and what they prove.
     *
     * @return a table of text
     */
    public Table table() {
        List<List<String>> rows = new ArrayList<>();
        for (String name : outcomes.keySet()) {
            rows.add(
                    List.of(
                            name,
                            over(name, o -> 100 * o.share()).text("%.1f"),
                            over(name, Outcome::loss).text("%.3f"),
                            change(name),
                            String.format(Locale.ROOT, "%.1f", over(name, Outcome::seconds).mean()),
                            verdict(name)));
        }
        return new Table(
                "Choosing for " + data.category() + ": means over seeds +- 95 % interval",
                List.of(
                        "selector",
                        "share %",
                        "held-out loss",
                        "minus random's",
                        "seconds",
                        "against random"),
                rows);
    }

    private Interval over(String name, ToDoubleFunction<Outcome> value) {
        return Interval.of(outcomes.get(name).stream().mapToDouble(value).toArray());
    }

    /** Differences to the baseline, seed by seed. */
    private Interval difference(String name, ToDoubleFunction<Outcome> value) {
        return Interval.ofDifferences(outcomes.get(name), outcomes.get(BASELINE), value);
    }

    private String change(String name) {
        return name.equals(BASELINE) ? "" : difference(name, Outcome::loss).text("%+.3f");
    }

    private String verdict(String name) {
        if (name.equals(BASELINE)) {
            return "the baseline";
        }
        if (data.targets().size() < 2) {
            return "one seed proves nothing";
        }
        String shown =
                Stream.of(
                                claim(difference(name, Outcome::share), "finds less", "finds more"),
                                claim(difference(name, Outcome::loss), "lower loss", "higher loss"))
                        .filter(claim -> !claim.isEmpty())
                        .collect(Collectors.joining("; "));
        return shown.isEmpty() ? "no difference shown" : shown;
    }

    private static String claim(Interval difference, String below0, String above0) {
        return difference.isBelow0() ? below0 : difference.isAbove0() ? above0 : "";
    }
}
