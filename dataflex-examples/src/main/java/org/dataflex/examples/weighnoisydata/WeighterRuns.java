package org.dataflex.examples.weighnoisydata;

import ai.djl.training.util.ProgressBar;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.dataflex.DynamicTrainer;
import org.dataflex.ReferenceLosses;
import org.dataflex.UpdateSchedule;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.examples.mixdomains.DomainRuns;
import org.dataflex.weighters.AdaptWeighter;
import org.dataflex.weighters.ExcessLossTokenWeighter;
import org.dataflex.weighters.JointUpdateAwareWeighter;
import org.dataflex.weighters.LossBasedWeighter;

/** The runs of one seed: the same model on the same noisy data, once with each weighter. */
final class WeighterRuns {

    /** The run that has no weighter. */
    static final String UNIFORM = "uniform";

    private static final int MEASUREMENTS = 5;
    private static final int REFRESH = 10;

    private final NoisyData data;
    private final DomainRuns shape;
    private final long seed;
    private final Path place;

    /**
     * Prepares the runs.
     *
     * @param data the text
     * @param shape size and length of the runs
     * @param seed of everything random
     * @param place an empty directory for the runs
     */
    WeighterRuns(NoisyData data, DomainRuns shape, long seed, Path place) {
        this.data = data;
        this.shape = shape;
        this.seed = seed;
        this.place = place;
    }

    /**
     * Makes the runs, after one of the reference model.
     *
     * @return what came of each, by weighter
     * @throws IOException if the directory cannot be written
     * @throws TranslateException never, tokens need no processing
     */
    Map<String, WeighterOutcome> run() throws IOException, TranslateException {
        Map<String, WeighterOutcome> outcomes = new LinkedHashMap<>();
        try (DomainRuns.Trained reference =
                        shape.on(data.referenceTraining())
                                .train(place.resolve("reference"), seed, builder -> {});
                ReferenceLosses losses =
                        ReferenceLosses.compute(
                                reference.model(),
                                data.training().pool(),
                                place.resolve("reference-losses"),
                                new ProgressBar())) {
            for (var weighter : weighters(losses).entrySet()) {
                outcomes.put(weighter.getKey(), run(weighter.getKey(), weighter.getValue()));
            }
        }
        return outcomes;
    }

    private Map<String, Consumer<DynamicTrainer.Builder>> weighters(ReferenceLosses losses) {
        LossBasedWeighter quadratic =
                LossBasedWeighter.builder()
                        .optStrategy(LossBasedWeighter.Emphasis.QUADRATIC)
                        .build();
        AdaptWeighter adapt = AdaptWeighter.builder().setTargets("target", data.target()).build();
        JointUpdateAwareWeighter joint =
                JointUpdateAwareWeighter.builder().setTargets("target", data.target()).build();
        UpdateSchedule each = UpdateSchedule.every(1);
        UpdateSchedule tenth = UpdateSchedule.every(REFRESH);
        Map<String, Consumer<DynamicTrainer.Builder>> all = new LinkedHashMap<>();
        all.put(UNIFORM, b -> {});
        all.put("linupper", b -> b.optWeighter(new LossBasedWeighter(), each));
        all.put("quadratic", b -> b.optWeighter(quadratic, each));
        all.put("adapt", b -> b.optWeighter(adapt, tenth));
        all.put("joint", b -> b.optWeighter(joint, tenth));
        all.put("excess-loss", b -> b.optTokenWeighter(new ExcessLossTokenWeighter(losses), each));
        return all;
    }

    private WeighterOutcome run(String name, Consumer<DynamicTrainer.Builder> weighter)
            throws IOException, TranslateException {
        WeightsByKind weights = new WeightsByKind(data.clean().size());
        Consumer<DynamicTrainer.Builder> all =
                weighter.andThen(
                        b ->
                                b.optValidationInterval(Math.max(1, shape.steps() / MEASUREMENTS))
                                        .on(DecisionApplied.class, weights::add));
        long start = System.nanoTime();
        try (DomainRuns.Trained trained =
                shape.on(data.training()).train(place.resolve(name), seed, all)) {
            return new WeighterOutcome(
                    WeighterOutcome.means(trained.report().validationLosses().values()),
                    weights,
                    (System.nanoTime() - start) / 1e9);
        }
    }
}
