package org.dataflex.examples.weighnoisydata;

import ai.djl.training.util.ProgressBar;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.dataflex.DynamicTrainer;
import org.dataflex.ReferenceLosses;
import org.dataflex.UpdateSchedule;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.examples.Interval;
import org.dataflex.examples.mixdomains.DomainRuns;
import org.dataflex.examples.page.Table;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.TokenWeights;
import org.dataflex.weighters.AdaptWeighter;
import org.dataflex.weighters.ExcessLossTokenWeighter;
import org.dataflex.weighters.JointUpdateAwareWeighter;
import org.dataflex.weighters.LossBasedWeighter;

/** Trains with each weighter on the same noisy data, seed by seed. */
public final class WeighterComparison {

    private static final String UNIFORM = "uniform";

    private record Outcome(double loss, double clean, double corrupted, double seconds) {}

    private final Map<String, List<Outcome>> outcomes = new LinkedHashMap<>();

    /** Makes an empty comparison. */
    public WeighterComparison() {}

    /**
     * Runs all weighters with a seed.
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
        try (DomainRuns.Trained reference =
                        shape.on(data.reference())
                                .train(place.resolve("reference"), seed, builder -> {});
                ReferenceLosses losses =
                        ReferenceLosses.compute(
                                reference.model(),
                                data.training().pool(),
                                place.resolve("reference-losses"),
                                new ProgressBar())) {
            for (var weighter : weighters(data, losses).entrySet()) {
                Path directory = place.resolve(weighter.getKey());
                outcomes.computeIfAbsent(weighter.getKey(), name -> new ArrayList<>())
                        .add(train(data, shape, seed, directory, weighter.getValue()));
            }
        }
    }

    private static Map<String, Consumer<DynamicTrainer.Builder>> weighters(
            NoisyData data, ReferenceLosses losses) {
        UpdateSchedule each = UpdateSchedule.every(1);
        UpdateSchedule tenth = UpdateSchedule.every(10);
        Map<String, Consumer<DynamicTrainer.Builder>> all = new LinkedHashMap<>();
        all.put(UNIFORM, b -> {});
        all.put("linupper", b -> b.optWeighter(new LossBasedWeighter(), each));
        all.put(
                "quadratic",
                b ->
                        b.optWeighter(
                                LossBasedWeighter.builder()
                                        .optStrategy(LossBasedWeighter.Emphasis.QUADRATIC)
                                        .build(),
                                each));
        all.put(
                "adapt",
                b ->
                        b.optWeighter(
                                AdaptWeighter.builder().setTargets("target", data.target()).build(),
                                tenth));
        all.put(
                "joint",
                b ->
                        b.optWeighter(
                                JointUpdateAwareWeighter.builder()
                                        .setTargets("target", data.target())
                                        .build(),
                                tenth));
        all.put("excess-loss", b -> b.optTokenWeighter(new ExcessLossTokenWeighter(losses), each));
        return all;
    }

    private static Outcome train(
            NoisyData data,
            DomainRuns shape,
            long seed,
            Path directory,
            Consumer<DynamicTrainer.Builder> weighter)
            throws IOException, TranslateException {
        double[] sums = new double[2];
        int[] counts = new int[2];
        long start = System.nanoTime();
        Consumer<DynamicTrainer.Builder> all =
                weighter.andThen(
                        b -> b.on(DecisionApplied.class, e -> add(e, data.clean(), sums, counts)));
        try (DomainRuns.Trained trained = shape.on(data.training()).train(directory, seed, all)) {
            double loss =
                    data.training().heldOut().keySet().stream()
                            .mapToDouble(trained::finalLoss)
                            .average()
                            .orElseThrow();
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Outcome(loss, sums[0] / counts[0], sums[1] / counts[1], seconds);
        }
    }

    private static void add(DecisionApplied event, int clean, double[] sums, int[] counts) {
        for (int i = 0; i < event.samples().size(); i++) {
            int kind = event.samples().get(i) < clean ? 0 : 1;
            if (event.decision() instanceof SampleWeights weights) {
                sums[kind] += weights.get(i);
                counts[kind]++;
            } else if (event.decision() instanceof TokenWeights weights) {
                for (float weight : weights.get(i)) {
                    sums[kind] += weight;
                    counts[kind]++;
                }
            }
        }
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
                "Clean held-out loss (nats a byte), means over seeds +- 95 % interval",
                List.of("weighter", "loss", "- uniform", "corrupted", "clean", "seconds", "shown"),
                rows);
    }

    private List<String> row(String name, List<Outcome> own) {
        List<Outcome> uniform = outcomes.get(UNIFORM);
        Interval difference =
                Interval.of(
                        IntStream.range(0, own.size())
                                .mapToDouble(i -> own.get(i).loss() - uniform.get(i).loss())
                                .toArray());
        boolean same = name.equals(UNIFORM);
        String shown = difference.isBelow0() ? "better" : difference.isAbove0() ? "worse" : "";
        return List.of(
                name,
                Interval.of(own.stream().mapToDouble(Outcome::loss).toArray()).text("%.3f"),
                same ? "" : difference.text("%+.3f"),
                mean(own.stream().mapToDouble(Outcome::corrupted).average().orElseThrow()),
                mean(own.stream().mapToDouble(Outcome::clean).average().orElseThrow()),
                mean(own.stream().mapToDouble(Outcome::seconds).average().orElseThrow()),
                same ? "" : shown);
    }

    private static String mean(double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.2f", value);
    }
}
