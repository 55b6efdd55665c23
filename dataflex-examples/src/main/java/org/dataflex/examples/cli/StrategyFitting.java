package org.dataflex.examples.cli;

import static org.dataflex.examples.config.StrategyKeys.REFERENCE;
import static org.dataflex.examples.config.StrategyKeys.REFERENCE_MODEL;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.TokenSequences;
import org.dataflex.data.store.PreparedData;
import org.dataflex.examples.config.MixtureKeys;
import org.dataflex.examples.config.NamedStrategy;
import org.dataflex.examples.config.OptimizerKeys;
import org.dataflex.examples.config.TrainConfig;
import org.dataflex.strategy.Mixture;

/** Gives the strategies of a configuration the settings that follow from its data and schedule. */
final class StrategyFitting {

    /** Those that steer towards target sets, which they read from files. */
    private static final Set<String> STEERING =
            Set.of("less", "cluster-less", "greats", "adapt", "joint-update-aware");

    /** Those that compare with a reference model, whose losses they read from a directory. */
    private static final Set<String> COMPARING = Set.of("doremi", "excess-loss");

    private final TrainConfig config;
    private final PreparedData data;
    private final Path targets;

    /**
     * Takes what settings follow from.
     *
     * @param config the configuration
     * @param data the data
     * @param targets where target sets are written for strategies that read files
     */
    StrategyFitting(TrainConfig config, PreparedData data, Path targets) {
        this.config = config;
        this.data = data;
        this.targets = targets;
    }

    Optional<NamedStrategy> selector() throws IOException {
        Optional<NamedStrategy> selector = steering("selector");
        return selector.map(
                s ->
                        switch (s.name()) {
                            case "greats" -> s.withDefault("learningRate", ratePerRow());
                            case "delta-loss" -> s.withDefault("updates", updates(s));
                            default -> s;
                        });
    }

    /** What a step multiplies the gradient of one of its rows by. */
    private String ratePerRow() {
        OptimizerKeys optimizer = config.optimizer();
        double rate = Double.parseDouble(Float.toString(optimizer.learningRate())); // as written
        return Double.toString(rate / optimizer.rowsPerStep());
    }

    /** How often a strategy is asked until the run ends. */
    private String updates(NamedStrategy strategy) {
        UpdateSchedule schedule = strategy.schedule();
        long steps = config.totalSteps(data.pool().size());
        long due = Math.max(1, (steps - schedule.warmUp() - 1) / schedule.interval() + 1);
        return Long.toString(Math.min(due, schedule.updates()));
    }

    /** Proportions that no mixer changes are a static mixer's. */
    Optional<NamedStrategy> mixer() throws IOException {
        Optional<NamedStrategy> mixer = comparing("mixer");
        MixtureKeys keys = config.mixture();
        Optional<Mixture> initial = keys.initial(data.pool());
        boolean isPlain = initial.isEmpty() && !keys.isStatic();
        if (mixer.isPresent() || isPlain) {
            return mixer;
        }
        String proportions =
                initial.map(
                                mixture ->
                                        Arrays.stream(mixture.toArray(data.pool().domains()))
                                                .mapToObj(Double::toString)
                                                .collect(Collectors.joining(",")))
                        .orElse("natural");
        return Optional.of(
                new NamedStrategy(
                        "static", Map.of("proportions", proportions), UpdateSchedule.once()));
    }

    Optional<NamedStrategy> weighter() throws IOException {
        return steering("weighter");
    }

    Optional<NamedStrategy> tokenWeighter() throws IOException {
        return comparing("token_weighter");
    }

    /** Gives a strategy that compares the reference model, if it does not name its own. */
    private Optional<NamedStrategy> comparing(String kind) throws IOException {
        Optional<NamedStrategy> strategy = config.strategies().strategy(kind);
        if (strategy.isEmpty() || !COMPARING.contains(strategy.get().name())) {
            return strategy;
        }
        String owner = kind + " '" + strategy.get().name() + "'";
        Map<String, String> settings = strategy.get().settings();
        boolean hasModel = settings.containsKey(REFERENCE_MODEL);
        boolean hasLosses = settings.containsKey(REFERENCE);
        if (hasModel && hasLosses) {
            throw new IOException(
                    owner
                            + " has a reference_model_path and a reference, the directory of such a"
                            + " model's losses; leave one out");
        }
        if (hasModel || hasLosses) {
            return strategy;
        }
        String model =
                config.strategies()
                        .referenceModel()
                        .orElseThrow(
                                () ->
                                        new IOException(
                                                owner
                                                        + " compares with a reference model, and"
                                                        + " there is none; name it by"
                                                        + " reference_model_path"));
        return strategy.map(s -> s.withDefault(REFERENCE_MODEL, model));
    }

    /** Refuses a reference model that nobody compares with. */
    void requireReferenceUsed() throws IOException {
        boolean isUsed =
                List.of("mixer", "token_weighter").stream()
                        .flatMap(kind -> config.strategies().strategy(kind).stream())
                        .filter(strategy -> COMPARING.contains(strategy.name()))
                        .map(NamedStrategy::settings)
                        .anyMatch(
                                s -> !s.containsKey(REFERENCE_MODEL) && !s.containsKey(REFERENCE));
        if (!isUsed && config.strategies().referenceModel().isPresent()) {
            throw new IOException(
                    "reference_model_path = "
                            + config.strategies().referenceModel().get()
                            + " has no effect: no strategy compares with it; leave it out or add"
                            + " one of "
                            + new TreeSet<>(COMPARING));
        }
    }

    private Optional<NamedStrategy> steering(String kind) throws IOException {
        Optional<NamedStrategy> strategy = config.strategies().strategy(kind);
        if (strategy.isEmpty() || !STEERING.contains(strategy.get().name())) {
            return strategy;
        }
        if (data.targetSets().isEmpty() && !strategy.get().settings().containsKey("targets")) {
            throw new IOException(
                    kind
                            + " '"
                            + strategy.get().name()
                            + "' steers towards a target set, and there is none; name it by"
                            + " target_dataset, apart from eval_dataset");
        }
        return Optional.of(strategy.get().withDefault("targets", targetFiles()));
    }

    private String targetFiles() throws IOException {
        StringJoiner files = new StringJoiner(",");
        for (Map.Entry<String, TokenSequences> target : data.targetSets().entrySet()) {
            Path file = targets.resolve(target.getKey() + ".tokens");
            target.getValue().save(file);
            files.add(target.getKey() + ":" + file);
        }
        return files.toString();
    }

    /** Refuses target sets that nobody steers towards. */
    void requireTargetsUsed() throws IOException {
        boolean isUsed =
                Set.of("selector", "weighter").stream()
                        .flatMap(kind -> config.strategies().strategy(kind).stream())
                        .anyMatch(strategy -> STEERING.contains(strategy.name()));
        if (!isUsed && !data.targetSets().isEmpty()) {
            throw new IOException(
                    "target_dataset = "
                            + data.targetSets().keySet()
                            + " has no effect: no strategy steers towards it; leave it out or add"
                            + " one of "
                            + new TreeSet<>(STEERING));
        }
    }
}
