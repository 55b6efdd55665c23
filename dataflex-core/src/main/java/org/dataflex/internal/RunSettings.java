package org.dataflex.internal;

import ai.djl.Model;
import ai.djl.metric.Metrics;
import ai.djl.training.TrainingConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.data.store.StreamingPool;
import org.dataflex.loss.PerSampleLoss;
import org.dataflex.model.ConfiguredBlock;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Strategy;
import org.dataflex.strategy.TokenWeighter;
import org.dataflex.strategy.Weighter;

/**
 * What the builder has collected; {@code null} or 0 where nothing was set. Not changed by a run.
 */
public final class RunSettings {

    /** Checkpoints kept where nothing else is asked for. */
    public static final int CHECKPOINTS_KEPT = 2;

    /** Seed where nothing else is asked for. */
    public static final long SEED = 42;

    public Model model;
    public TrainingConfig config;
    public CandidatePool pool;

    /** What the pool grows by; null if it does not. */
    public StreamingPool stream;

    public long steps;
    public int batchSize;
    public int accumulation = 1;
    public Integer tokensPerBatch;
    public long seed = SEED;
    public double clipNorm = Double.POSITIVE_INFINITY;
    public Scheduled<Selector> selector;
    public int selectionBudget;
    public int candidateLimit;
    public Scheduled<Mixer> mixer;
    public Mixture initialMixture;
    public Scheduled<Weighter> weighter;
    public Scheduled<TokenWeighter> tokenWeighter;
    public final Map<String, SampleSet> validationSets = new LinkedHashMap<>();
    public boolean targetOverlap;
    public long validationInterval;
    public Path runDirectory;
    public long checkpointInterval;
    public int checkpointsKept = CHECKPOINTS_KEPT;
    public Metrics metrics;
    public final EventPublisher events = new EventPublisher();

    /** 0 until it is asked for. */
    private int longest;

    /** Rows of one optimizer update. */
    int rowsPerStep() {
        return Math.multiplyExact(batchSize, accumulation);
    }

    /**
     * Cuts samples into what goes through the model together: so many in their order, or, with a
     * token budget, shorter ones first.
     */
    List<SampleIndices> batches(SampleSet set, SampleIndices rows) {
        if (tokensPerBatch == null) {
            return rows.chunks(batchSize);
        }
        Samples samples = new Samples(set, rows);
        return TokenBudget.cut(samples, tokensPerBatch).stream()
                .map(places -> SampleReader.at(samples, places))
                .toList();
    }

    /** Samples of a batch that a strategy's question is answered by, were they all the longest. */
    int samplesPerQuestion() {
        return tokensPerBatch == null ? batchSize : Math.max(1, tokensPerBatch / longest());
    }

    /** The most tokens that a sample of the pool has, or one yet to arrive may have. */
    int longest() {
        if (stream != null) {
            return stream.maxLength();
        }
        if (longest == 0) {
            longest = (int) LongStream.range(0, pool.size()).map(pool::length).max().orElse(1);
        }
        return longest;
    }

    /** Samples chosen at each selector update: by default the rows drawn until the next. */
    long selectionBudget() {
        if (selectionBudget > 0) {
            return selectionBudget;
        }
        long interval = selector.schedule().interval();
        return interval > Long.MAX_VALUE / rowsPerStep()
                ? Long.MAX_VALUE // more than any pool has
                : interval * rowsPerStep();
    }

    boolean hasStrategies() {
        return !strategies().isEmpty();
    }

    /** The strategies that are set, by what they are to the run. */
    Map<String, Scheduled<?>> strategies() {
        Map<String, Scheduled<?>> strategies = new LinkedHashMap<>();
        strategies.put("selector", selector);
        strategies.put("mixer", mixer);
        strategies.put("weighter", weighter);
        strategies.put("tokenWeighter", tokenWeighter);
        strategies.values().removeIf(Objects::isNull);
        return strategies;
    }

    /** Every strategy once, by all that it is to the run and its name, for messages. */
    Map<String, Strategy> ownStrategies() {
        Map<Strategy, String> kinds = new IdentityHashMap<>();
        List<Strategy> inOrder = new ArrayList<>();
        strategies()
                .forEach(
                        (kind, scheduled) -> {
                            if (!kinds.containsKey(scheduled.strategy())) {
                                inOrder.add(scheduled.strategy());
                            }
                            kinds.merge(
                                    scheduled.strategy(), words(kind), (a, b) -> a + " and " + b);
                        });
        Map<String, Strategy> own = new LinkedHashMap<>();
        inOrder.forEach(s -> own.put(kinds.get(s) + " '" + s.name() + "'", s));
        return own;
    }

    /** The target sets of all strategies, by owner and name, for messages. */
    Map<String, SampleSet> ownTargets() {
        Map<String, SampleSet> own = new LinkedHashMap<>();
        ownStrategies()
                .forEach(
                        (owner, strategy) ->
                                strategy.targets()
                                        .forEach(
                                                (name, set) ->
                                                        own.put(
                                                                "%s: target set '%s'"
                                                                        .formatted(owner, name),
                                                                set)));
        return own;
    }

    /** Such as "token weighter" of "tokenWeighter". */
    private static String words(String kind) {
        return kind.replaceAll("[A-Z]", " $0").toLowerCase(Locale.ROOT);
    }

    /** The loss as one that answers per sample, or null if it is none. */
    PerSampleLoss perSampleLoss() {
        return config.getLossFunction() instanceof PerSampleLoss loss ? loss : null;
    }

    /** The mixture before the mixer's first answer: by default each domain's share of the pool. */
    Mixture initialMixture() {
        return initialMixture != null ? initialMixture : naturalMixture(pool);
    }

    private static Mixture naturalMixture(CandidatePool pool) {
        return Mixture.of(
                pool.domains(),
                pool.domains().stream()
                        .mapToDouble(d -> pool.samples(d).size() / (double) pool.size())
                        .toArray());
    }

    /** The samples that are drawn from, and chosen from, unless there is a mixer. */
    SampleIndices candidates() {
        return stream == null ? SampleIndices.range(0, pool.size()) : stream.window();
    }

    /** How many samples each domain of the pool has, in order. */
    Map<Domain, Long> domainSizes() {
        Map<Domain, Long> sizes = new LinkedHashMap<>();
        pool.domains().forEach(domain -> sizes.put(domain, (long) pool.samples(domain).size()));
        return sizes;
    }

    /** Everything that a resumed run must share with the run it goes on from. */
    Map<String, String> describe() {
        Map<String, String> text = new LinkedHashMap<>();
        text.put("model", model.getBlock().getClass().getName());
        if (model.getBlock() instanceof ConfiguredBlock block) {
            block.settings().forEach((name, value) -> text.put("model." + name, value));
        }
        text.put(
                "loss",
                config.getLossFunction().getClass().getName()
                        + " "
                        + config.getLossFunction().getName());
        text.put("optimizer", config.getOptimizer().getClass().getName());
        text.put("pool", stream == null ? pool.fingerprint() : stream.describe());
        text.put("seed", Long.toString(seed));
        text.put("batchSize", Integer.toString(batchSize));
        text.put("accumulation", Integer.toString(accumulation));
        if (tokensPerBatch != null) {
            text.put("tokensPerBatch", tokensPerBatch.toString());
        }
        text.put("clipNorm", Double.toString(clipNorm));
        text.put("selector", selector == null ? "none" : selector.describe());
        if (selector != null) {
            text.put("selectionBudget", Long.toString(selectionBudget()));
            text.put(
                    "candidateLimit",
                    candidateLimit == 0 ? "all" : Integer.toString(candidateLimit));
        }
        text.put("mixer", mixer == null ? "none" : mixer.describe());
        if (mixer != null) {
            text.put("initialMixture", initialMixture().proportions().toString());
        }
        text.put("weighter", weighter == null ? "none" : weighter.describe());
        if (tokenWeighter != null) {
            text.put("tokenWeighter", tokenWeighter.describe());
        }
        return text;
    }
}
