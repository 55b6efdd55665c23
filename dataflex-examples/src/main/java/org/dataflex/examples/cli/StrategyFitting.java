package org.dataflex.examples.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
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
import org.dataflex.examples.config.TrainConfig;
import org.dataflex.strategy.Mixture;

/** Gives the strategies of a configuration the settings that follow from its data and schedule. */
final class StrategyFitting {

    /** Those that steer towards target sets, which they read from files. */
    private static final Set<String> STEERING =
            Set.of("less", "cluster-less", "greats", "adapt", "joint-update-aware");

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
                            case "greats" ->
                                    s.withDefault(
                                            "learningRate",
                                            Float.toString(config.optimizer().learningRate()));
                            case "delta-loss" -> s.withDefault("updates", updates(s));
                            default -> s;
                        });
    }

    /** How often a strategy is asked until the run ends. */
    private String updates(NamedStrategy strategy) {
        UpdateSchedule schedule = strategy.schedule();
        long steps = config.totalSteps(data.pool().size());
        long due = Math.max(1, (steps - schedule.warmUp() - 1) / schedule.interval() + 1);
        return Long.toString(Math.min(due, schedule.updates()));
    }

    /** Proportions that no mixer changes are a static mixer's. */
    Optional<NamedStrategy> mixer() {
        Optional<NamedStrategy> mixer = config.strategies().strategy("mixer");
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
