package org.dataflex.internal;

import ai.djl.ndarray.NDManager;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.data.SampleIndices;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.internal.AnswerCheck.BrokenContract;
import org.dataflex.internal.CallContext.Call;
import org.dataflex.internal.CallContext.ForWeighting;
import org.dataflex.math.LargestRemainder;
import org.dataflex.math.Seeds;
import org.dataflex.strategy.Decision;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Stateful;
import org.dataflex.strategy.Strategy;
import org.dataflex.strategy.StrategyContext;
import org.dataflex.strategy.StrategyException;
import org.dataflex.strategy.TokenWeighter;
import org.dataflex.strategy.Weighter;

/** Asks the strategies when they are due, checks what they answer, and puts it into force. */
final class StrategyRunner {

    private static final SampleIndices NO_SAMPLES = SampleIndices.of();

    private final RunSettings settings;
    private final NDManager parent;
    private final RowSampler rows;
    private final DomainObservations observations;
    private Mixture mixture;

    /** Time of refreshes that the next answer of a weighter is to be charged with. */
    private long refreshNanos;

    StrategyRunner(RunSettings settings, NDManager parent, RowSampler rows) {
        this.settings = settings;
        this.parent = parent;
        this.rows = rows;
        this.observations = new DomainObservations(settings.pool);
        this.mixture = settings.initialMixture();
    }

    Mixture mixture() {
        return mixture;
    }

    /** Asks whoever is due before the next step. */
    void update(long step) {
        try (Update update = new Update(settings, parent, false)) {
            if (isDue(settings.mixer, step)) {
                mix(settings.mixer.strategy(), call("mixer", update, step, 0));
            }
            if (isDue(settings.selector, step)) {
                select(settings.selector.strategy(), update, step);
            }
            if (isDue(settings.weighter, step)) {
                Weighter weighter = settings.weighter.strategy();
                refresh(weighter, weighter::refresh, call("weighter", update, step, 0));
            }
            if (isDue(settings.tokenWeighter, step)) {
                TokenWeighter weighter = settings.tokenWeighter.strategy();
                refresh(weighter, weighter::refresh, call("tokenWeighter", update, step, 0));
            }
        }
    }

    private static boolean isDue(Scheduled<?> scheduled, long step) {
        return scheduled != null && scheduled.schedule().isDue(step);
    }

    private void mix(Mixer mixer, Call call) {
        CallContext.ForMixing context =
                new CallContext.ForMixing(call, mixture, observations.steps());
        mixture =
                ask(
                        mixer,
                        context,
                        "pool",
                        NO_SAMPLES,
                        c -> AnswerCheck.require(mixer.mix(c), settings.pool.domains()));
        observations.clear();
    }

    private void select(Selector selector, Update update, long step) {
        int[] budgets = budgets(settings.selectionBudget());
        int[] candidates = limits();
        for (int scope = 0; scope < rows.scopes(); scope++) {
            CallContext.ForSelection context =
                    new CallContext.ForSelection(
                            call("selector", update, step, scope),
                            rows.candidates(
                                    scope, Math.max(budgets[scope], candidates[scope]), step),
                            budgets[scope]);
            Selection selection =
                    ask(
                            selector,
                            context,
                            rows.scopeName(scope),
                            context.candidates().indices(),
                            c ->
                                    AnswerCheck.require(
                                            selector.select(c),
                                            c.candidates().indices(),
                                            c.budget()));
            rows.select(scope, selection.indices(), step);
        }
    }

    /** How many candidates the selector sees of each scope. */
    private int[] limits() {
        return settings.candidateLimit == 0
                ? IntStream.range(0, rows.scopes()).map(rows::size).toArray()
                : budgets(settings.candidateLimit);
    }

    /** Shares a number of samples out by the mixture; at least 1 a scope, at most all it has. */
    private int[] budgets(long total) {
        int sharedOut = Math.toIntExact(Math.min(total, Integer.MAX_VALUE));
        int[] budgets =
                settings.mixer == null
                        ? new int[] {sharedOut}
                        : LargestRemainder.allocate(
                                sharedOut, mixture.toArray(settings.pool.domains()));
        for (int scope = 0; scope < budgets.length; scope++) {
            budgets[scope] = Math.max(1, Math.min(rows.size(scope), budgets[scope]));
        }
        return budgets;
    }

    private void refresh(Strategy weighter, Consumer<StrategyContext> refreshing, Call call) {
        long begin = System.nanoTime();
        try (CallContext context = new CallContext(call)) {
            refreshing.accept(context);
        } catch (RuntimeException e) {
            throw failure(weighter, call.step(), e);
        }
        refreshNanos += System.nanoTime() - begin;
    }

    /**
     * Weighs a micro-batch.
     *
     * @param batch its rows
     * @param shown its training pass
     * @param step updates made before this one
     * @param part which micro-batch of the step
     * @return the weights of those weighters that have begun
     */
    BatchWeights weigh(SampleIndices batch, ShownBatch shown, long step, int part) {
        try (Update update = new Update(settings, parent, true)) {
            Function<String, ForWeighting> contexts =
                    kind -> new ForWeighting(call(kind, update, step, 1 + part), batch, shown);
            return new BatchWeights(
                    shown,
                    hasBegun(settings.weighter, step)
                            ? weigh(
                                    settings.weighter.strategy(),
                                    contexts.apply("weighter"),
                                    (w, c) -> AnswerCheck.require(w.weigh(c), batch))
                            : null,
                    hasBegun(settings.tokenWeighter, step)
                            ? weigh(
                                    settings.tokenWeighter.strategy(),
                                    contexts.apply("tokenWeighter"),
                                    (w, c) ->
                                            AnswerCheck.require(
                                                    w.weigh(c), shown.tokens().losses()))
                            : null);
        }
    }

    private <W extends Strategy, D extends Decision> D weigh(
            W weighter, ForWeighting context, BiFunction<W, ForWeighting, D> answer) {
        return ask(weighter, context, "batch", context.batch(), c -> answer.apply(weighter, c));
    }

    /** Tells whether batches are weighed in the step after {@code step}. */
    boolean weighs(long step) {
        return hasBegun(settings.weighter, step) || hasBegun(settings.tokenWeighter, step);
    }

    private static boolean hasBegun(Scheduled<?> scheduled, long step) {
        return scheduled != null && scheduled.schedule().hasBegun(step);
    }

    private Call call(String kind, Update update, long step, long part) {
        return new Call(update, step, Seeds.mix(settings.seed, Seeds.of(kind), step, part));
    }

    private <C extends CallContext, D extends Decision> D ask(
            Strategy strategy,
            C context,
            String scope,
            SampleIndices samples,
            Function<C, D> call) {
        long begin = System.nanoTime();
        D decision;
        try (context) {
            decision = call.apply(context);
        } catch (RuntimeException e) {
            throw failure(strategy, context.step(), e);
        }
        Duration elapsed = Duration.ofNanos(refreshNanos + System.nanoTime() - begin);
        refreshNanos = 0;
        settings.events.publish(
                new DecisionApplied(
                        context.step(),
                        strategy.name(),
                        scope,
                        samples,
                        decision,
                        context.digest().hex(),
                        elapsed));
        return decision;
    }

    private static StrategyException failure(Strategy strategy, long step, RuntimeException cause) {
        return cause instanceof BrokenContract
                ? new StrategyException(strategy.name(), step, cause.getMessage(), null)
                : new StrategyException(strategy.name(), step, cause.toString(), cause);
    }

    /** Notes what a step showed of the domains, for the mixer's next update if there is one. */
    void observe(long step, SampleIndices batch, float[] losses) {
        if (settings.mixer != null && !settings.mixer.schedule().isOver(step)) {
            observations.add(step, mixture, batch, losses);
        }
    }

    /** Saves the mixture, what has been observed since, and the strategies' own state. */
    void save(Map<String, Tensor> tensors) {
        tensors.put("mixture", Tensor.of(mixture.toArray(settings.pool.domains())));
        tensors.put("observations", observations.save());
        forEachStateful(
                (kind, strategy) ->
                        new TreeMap<>(strategy.saveState()) // equal states, equal files
                                .forEach((k, v) -> tensors.put(kind + "/" + k, Tensor.of(v))));
    }

    /** Takes the place of the runner that saved this. */
    void restore(Map<String, Tensor> tensors) {
        mixture = Mixture.of(settings.pool.domains(), tensors.get("mixture").toDoubles());
        observations.restore(tensors.get("observations"));
        forEachStateful(
                (kind, strategy) -> {
                    Map<String, double[]> state = new LinkedHashMap<>();
                    String prefix = kind + "/";
                    tensors.forEach(
                            (key, tensor) -> {
                                if (key.startsWith(prefix)) {
                                    state.put(key.substring(prefix.length()), tensor.toDoubles());
                                }
                            });
                    strategy.restoreState(state);
                });
    }

    private void forEachStateful(BiConsumer<String, Stateful> action) {
        settings.strategies()
                .forEach(
                        (kind, scheduled) -> {
                            if (scheduled.strategy() instanceof Stateful stateful) {
                                action.accept(kind, stateful);
                            }
                        });
    }
}
