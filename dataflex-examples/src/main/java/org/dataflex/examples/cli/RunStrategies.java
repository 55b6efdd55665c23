package org.dataflex.examples.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.store.PreparedData;
import org.dataflex.examples.config.NamedStrategy;
import org.dataflex.examples.config.StrategyKeys;
import org.dataflex.examples.config.TrainConfig;
import org.dataflex.lm.CausalLm;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Strategy;
import org.dataflex.strategy.TokenWeighter;
import org.dataflex.strategy.Weighter;

/**
 * The strategies of a run. Those that compare with a reference model are made when its losses have
 * been computed, the others at once.
 */
final class RunStrategies {

    private final TrainConfig config;
    private final CandidatePool pool;
    private final Map<String, NamedStrategy> named = new LinkedHashMap<>();
    private Selector selector;
    private Mixer mixer;
    private Weighter weighter;
    private TokenWeighter tokenWeighter;

    /**
     * Fits the strategies to the data and makes those that need nothing computed.
     *
     * @throws IOException if a strategy lacks something, or something is set for no strategy
     */
    RunStrategies(TrainConfig config, PreparedData data, ModelSource source) throws IOException {
        this.config = config;
        this.pool = data.pool();
        StrategyFitting fitting =
                new StrategyFitting(config, data, config.output().directory().resolve("targets"));
        fitting.selector().ifPresent(s -> named.put("selector", s));
        fitting.mixer().ifPresent(s -> named.put("mixer", s));
        fitting.weighter().ifPresent(s -> named.put("weighter", s));
        fitting.tokenWeighter().ifPresent(s -> named.put("token_weighter", s));
        fitting.requireTargetsUsed();
        fitting.requireReferenceUsed();
        for (String kind : List.copyOf(named.keySet())) {
            if (isComparing(named.get(kind))) {
                reference(named.get(kind)).requireFit(source, config.data().cutoff());
                if (kind.equals("mixer")) { // all mixers that compare weigh
                    nameWeighingMixer();
                }
            } else {
                make(kind);
            }
        }
    }

    private static boolean isComparing(NamedStrategy strategy) {
        return strategy.settings().containsKey(StrategyKeys.REFERENCE_MODEL);
    }

    private static ReferenceModel reference(NamedStrategy strategy) {
        return new ReferenceModel(Path.of(strategy.settings().get(StrategyKeys.REFERENCE_MODEL)));
    }

    private void make(String kind) {
        NamedStrategy strategy = named.get(kind);
        switch (kind) {
            case "selector" -> selector = strategy.create(Selector.class);
            case "mixer" -> mixer = strategy.create(Mixer.class);
            case "weighter" -> weighter = strategy.create(Weighter.class);
            default -> tokenWeighter = strategy.create(TokenWeighter.class);
        }
        if (mixer instanceof Weighter both && !hasOwnWeighter()) {
            nameWeighingMixer();
            weighter = both;
        }
    }

    private boolean hasOwnWeighter() {
        return config.strategies().strategy("weighter").isPresent();
    }

    /** A mixer that weighs too, as DoReMi's, does so at every step unless another weighter does. */
    private void nameWeighingMixer() {
        if (!hasOwnWeighter()) {
            NamedStrategy own = named.get("mixer").without(StrategyKeys.REFERENCE_MODEL);
            UpdateSchedule schedule = UpdateSchedule.every(1).afterWarmUp(own.schedule().warmUp());
            named.put("weighter", new NamedStrategy(own.name(), own.settings(), schedule));
        }
    }

    /** Returns the strategies that there are, by kind. */
    Map<String, NamedStrategy> named() {
        return Collections.unmodifiableMap(named);
    }

    /**
     * Refuses a model or data that a strategy cannot work with, of those that are made.
     *
     * @param decoder with what is frozen frozen, perhaps without values
     * @throws IllegalArgumentException naming the strategy
     */
    void requireFit(CausalLm decoder) {
        List<Strategy> made =
                Stream.of(selector, mixer, weighter, tokenWeighter)
                        .filter(Objects::nonNull)
                        .map(Strategy.class::cast)
                        .distinct()
                        .toList();
        for (Strategy strategy : made) {
            try {
                strategy.check(pool);
                strategy.check(decoder);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(strategy.name() + ": " + e.getMessage(), e);
            }
        }
    }

    /**
     * Computes the losses that strategies compare with, and makes these.
     *
     * @param cache where losses are kept by content
     */
    void complete(Path cache) throws IOException {
        for (String kind : List.copyOf(named.keySet())) {
            NamedStrategy strategy = named.get(kind);
            if (isComparing(strategy)) {
                String losses = reference(strategy).losses(pool, cache).toString();
                named.put(
                        kind,
                        strategy.without(StrategyKeys.REFERENCE_MODEL)
                                .withDefault(StrategyKeys.REFERENCE, losses));
                make(kind);
            }
        }
    }

    void addTo(DynamicTrainer.Builder builder) {
        if (selector != null) {
            builder.optSelector(selector, schedule("selector"))
                    .optCandidateLimit(config.strategies().candidateLimit())
                    .optSelectionBudget(config.strategies().selectionBudget());
        }
        if (weighter != null) {
            builder.optWeighter(weighter, schedule("weighter"));
        }
        if (tokenWeighter != null) {
            builder.optTokenWeighter(tokenWeighter, schedule("token_weighter"));
        }
        if (mixer != null) {
            builder.optMixer(mixer, schedule("mixer"));
            config.mixture().initial(pool).ifPresent(builder::optInitialMixture);
        }
    }

    private UpdateSchedule schedule(String kind) {
        return named.get(kind).schedule();
    }
}
