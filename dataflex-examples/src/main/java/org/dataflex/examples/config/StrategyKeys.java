package org.dataflex.examples.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dataflex.UpdateSchedule;
import org.dataflex.strategy.Settings;

/**
 * The strategies that a file asks for.
 *
 * <p>DataFlex's keys name one: {@code train_type} (static, dynamic_select, dynamic_mix,
 * dynamic_weight), {@code component_name}, {@code components_cfg_file}, {@code warmup_step}, {@code
 * update_step}, {@code update_times}. Sections of this library name one of each kind, all at work
 * in one run:
 *
 * <pre>
 * mixer:
 *   name: odm
 *   warmup_step: 100
 *   update_step: 10
 *   alpha: 0.9
 * weighter:
 *   name: loss
 * </pre>
 *
 * What such a section holds besides these four keys are the strategy's settings. However a selector
 * is named, {@code candidate_limit} and {@code selection_budget} say how many it sees and chooses.
 */
public final class StrategyKeys {

    /** A model to compare with: a key of the file, or of a strategy that compares. */
    public static final String REFERENCE_MODEL = "reference_model_path";

    /** The setting of a strategy that holds the directory of such a model's losses. */
    public static final String REFERENCE = "reference";

    private static final String CANDIDATE_LIMIT = "candidate_limit";
    private static final String SELECTION_BUDGET = "selection_budget";

    private static final List<String> KINDS =
            List.of("selector", "mixer", "weighter", "token_weighter");

    private final Map<String, NamedStrategy> strategies = new LinkedHashMap<>();
    private final TrainType trainType;
    private final String referenceModel;
    private final int candidateLimit;
    private final int selectionBudget;

    /** What DataFlex calls the kinds of training. */
    public enum TrainType {
        /** Plain training. */
        STATIC(null),
        /** With a selector. */
        DYNAMIC_SELECT("selector"),
        /** With a mixer. */
        DYNAMIC_MIX("mixer"),
        /** With a weighter. */
        DYNAMIC_WEIGHT("weighter");

        private final String kind;

        TrainType(String kind) {
            this.kind = kind;
        }
    }

    private StrategyKeys(Settings keys) {
        NumberKeys numbers = new NumberKeys(keys);
        trainType = keys.choice("train_type", TrainType.STATIC);
        referenceModel = keys.text(REFERENCE_MODEL, null);
        candidateLimit = numbers.intAtLeast(0, CANDIDATE_LIMIT, 0);
        selectionBudget = numbers.intAtLeast(0, SELECTION_BUDGET, 0);
    }

    /**
     * Reads the keys and sections.
     *
     * @param file the file
     * @param keys its keys
     * @param steps its schedule, for DataFlex's one strategy
     * @param warnings gets a line for each parameter that cannot matter
     * @return the strategies
     * @throws IOException if the components' file cannot be read or lacks the component
     * @throws IllegalArgumentException if keys contradict each other
     */
    public static StrategyKeys read(
            ConfigFile file, Settings keys, Steps steps, List<String> warnings) throws IOException {
        StrategyKeys read = new StrategyKeys(keys);
        String components = keys.text("components_cfg_file", null);
        String component = keys.text("component_name", null);
        String kind = read.trainType.kind;
        boolean isMixedStatically = keys.flag("static_mix", false);
        if (kind != null && !isMixedStatically) {
            read.strategies.put(kind, component(kind, component, components, steps, warnings));
        } else if (component != null && !isMixedStatically) {
            warnings.add(
                    "component_name = "
                            + component
                            + " has no effect: train_type is static; set dynamic_select,"
                            + " dynamic_mix or dynamic_weight");
        }
        for (String section : file.sections()) {
            read.add(section, file.section(section));
        }
        read.requireSelector(CANDIDATE_LIMIT, read.candidateLimit);
        read.requireSelector(SELECTION_BUDGET, read.selectionBudget);
        return read;
    }

    private void requireSelector(String key, int value) {
        if (value > 0 && strategy("selector").isEmpty()) {
            throw new IllegalArgumentException(
                    "%s = %d has no effect: there is no selector; leave it out or name one"
                            .formatted(key, value));
        }
    }

    private static NamedStrategy component(
            String kind, String component, String file, Steps steps, List<String> warnings)
            throws IOException {
        if (component == null) {
            throw new IllegalArgumentException(
                    "component_name is missing; name the " + kind + " to train with");
        }
        if (steps.interval() == 0 && !kind.equals("weighter")) {
            throw new IllegalArgumentException(
                    "update_step = 0, must be at least 1: the steps between two updates of the "
                            + kind);
        }
        Map<String, String> parameters =
                file == null ? Map.of() : parameters(kind, component, Path.of(file));
        return new NamedStrategy(
                ComponentNames.strategy(component),
                ComponentNames.settings(kind, component, parameters, warnings),
                schedule(steps.warmUp(), Math.max(1, steps.interval()), steps.updates(), kind));
    }

    /** A weighter weighs every batch from its warm-up on, whatever the limit of updates. */
    private static UpdateSchedule schedule(long warmUp, long interval, long updates, String kind) {
        boolean isLimited = updates > 0 && !kind.equals("weighter");
        return new UpdateSchedule(warmUp, interval, isLimited ? updates : UpdateSchedule.UNLIMITED);
    }

    private static Map<String, String> parameters(String kind, String component, Path file)
            throws IOException {
        ConfigFile components = ConfigFile.read(file).section(kind + "s");
        if (!components.sections().contains(component)) {
            throw new IOException(
                    components.name()
                            + " has no '"
                            + component
                            + "'; it has "
                            + components.sections());
        }
        ConfigFile own = components.section(component);
        return own.sections().contains("params") ? own.section("params").values() : Map.of();
    }

    private void add(String kind, ConfigFile section) throws IOException {
        if (!KINDS.contains(kind)) {
            throw new IOException(
                    section.name() + " is no section; strategies are the sections " + KINDS);
        }
        Map<String, String> values = section.values();
        Settings schedule = new Settings(section.name(), values);
        String name = schedule.text("name", null);
        if (name == null) {
            throw new IOException(section.name() + ": name is missing; name the " + kind);
        }
        NamedStrategy named =
                new NamedStrategy(
                        ComponentNames.strategy(name),
                        ownSettings(values),
                        schedule(
                                schedule.integer("warmup_step", 0),
                                schedule.integer("update_step", 1),
                                schedule.integer("update_times", 0),
                                kind));
        if (strategies.put(kind, named) != null) {
            throw new IllegalArgumentException(
                    "two "
                            + kind
                            + "s: one by train_type and component_name, one by the section '"
                            + kind
                            + "'; leave one out");
        }
    }

    private static Map<String, String> ownSettings(Map<String, String> values) {
        Map<String, String> settings = new LinkedHashMap<>(values);
        List.of("name", "warmup_step", "update_step", "update_times").forEach(settings::remove);
        return settings;
    }

    /**
     * Returns the kind of training that DataFlex's key names.
     *
     * @return the value of {@code train_type}
     */
    public TrainType trainType() {
        return trainType;
    }

    /**
     * Returns the model that all strategies compare with that name none of their own.
     *
     * @return the value of {@code reference_model_path}, if the file sets it
     */
    public Optional<String> referenceModel() {
        return Optional.ofNullable(referenceModel);
    }

    /**
     * Returns how many candidates the selector is shown at an update, drawn at random.
     *
     * @return the value of {@code candidate_limit}, 0 for all
     */
    public int candidateLimit() {
        return candidateLimit;
    }

    /**
     * Returns how many samples the selector chooses at an update.
     *
     * @return the value of {@code selection_budget}, 0 for as many as are drawn until the next
     */
    public int selectionBudget() {
        return selectionBudget;
    }

    /**
     * Returns a strategy.
     *
     * @param kind selector, mixer, weighter or token_weighter
     * @return the strategy, if the file asks for one
     */
    public Optional<NamedStrategy> strategy(String kind) {
        return Optional.ofNullable(strategies.get(kind));
    }
}
