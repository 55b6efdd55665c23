package org.dataflex.selectors;

import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.math.WeightedSampling;
import org.dataflex.strategy.Need;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Stateful;

/**
 * Draws candidates so that they are distributed like a target set, and near-duplicates share their
 * chance: TSDS, as KNN-KDE.
 *
 * <p>See <a href="https://arxiv.org/abs/2410.11303">Liu, Karbasi, Rekatsinas: TSDS</a>, algorithm
 * 1.
 *
 * <p>Formula: the K nearest candidates of each of m targets by the distance d of unit embeddings;
 * rho_u = sum_v max(0, 1 - |u - v|^2 / sigma^2) over the nearest neighbours v of u among these;
 * each target gives 1/m to its nearest candidates, at most 1/(m s rho) each; s is the smallest
 * level at which (alpha / C) times the cost of going further reaches (1 - alpha) m, see {@link
 * org.dataflex.math.NeighbourTransport}. The score of a candidate is its probability p.
 *
 * <p>Needs: embeddings of candidates and target set. State: what has been drawn in this round, if
 * drawn without replacement. Cost: 2 (n m + u^2) d operations for n candidates, u &lt;= min(n, m K)
 * of them neighbours, and d features, once if embeddings are fixed, else an update, and what the
 * embeddings cost.
 *
 * <p>Deviations from the paper: a selection names distinct samples, so that a sample drawn twice in
 * an update counts once and another is drawn; if fewer candidates than the budget have a
 * probability, all of them are taken and the rest is drawn uniformly from the others; neighbours
 * are exact.
 */
public final class TsdsSelector implements Selector, Stateful {

    /** The paper's code, tsds.py. */
    public static final double ALPHA = 0.5;

    /** The paper's code, tsds.py. */
    public static final double SCALE = 5;

    /** The paper's code, tsds.py. */
    public static final double BANDWIDTH = 0.75;

    /** The paper's code, tsds.py; at most a tenth of the candidates. */
    public static final int NEIGHBOURS = 5000;

    /** The paper's code, tsds.py; at most a tenth of the candidates. */
    public static final int DENSITY_NEIGHBOURS = 1000;

    /** DataFlex 3c13e37, offline_tsds_selector.py. */
    static final double DATAFLEX_ALPHA = 0.6;

    static final String NAME = "tsds";

    private final EmbeddingSource embeddings;
    private final double alpha;
    private final double scale;
    private final double bandwidth;
    private final int neighbours;
    private final int densityNeighbours;
    private final boolean replacement;
    private final Compatibility compatibility;
    private final FixedAnswers<double[]> known = new FixedAnswers<>();
    private final EarlierChoices earlier = new EarlierChoices();

    TsdsSelector(TsdsSelectorBuilder builder) {
        this.embeddings = builder.embeddings;
        this.compatibility = builder.compatibility;
        this.alpha =
                builder.alpha > 0
                        ? builder.alpha
                        : compatibility == Compatibility.DATAFLEX ? DATAFLEX_ALPHA : ALPHA;
        this.scale = builder.scale;
        this.bandwidth = builder.bandwidth;
        this.neighbours = builder.neighbours;
        this.densityNeighbours = builder.densityNeighbours;
        this.replacement = builder.replacement;
    }

    /**
     * Starts a selector.
     *
     * @return a new builder; {@code setEmbeddings} is required
     */
    public static TsdsSelectorBuilder builder() {
        return new TsdsSelectorBuilder();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>(embeddings.settings());
        settings.put("alpha", String.valueOf(alpha));
        settings.put("scale", String.valueOf(scale));
        settings.put("bandwidth", String.valueOf(bandwidth));
        if (neighbours > 0) {
            settings.put("neighbours", String.valueOf(neighbours));
        }
        if (densityNeighbours > 0) {
            settings.put("densityNeighbours", String.valueOf(densityNeighbours));
        }
        settings.put("replacement", String.valueOf(replacement));
        settings.put("compatibility", compatibility.name().toLowerCase(Locale.ROOT));
        return Collections.unmodifiableMap(settings);
    }

    /** Returns what the embeddings take. */
    @Override
    public Set<Need> needs() {
        return embeddings.needs();
    }

    /** Returns the target set, unless it is known by embeddings from a file only. */
    @Override
    public Map<String, SampleSet> targets() {
        return embeddings.targetSets();
    }

    @Override
    public void check(CandidatePool pool) {
        SettingRange.atMostPool("neighbours", neighbours, pool);
        SettingRange.atMostPool("densityNeighbours", densityNeighbours, pool);
        embeddings.check(pool);
    }

    @Override
    public Selection select(SelectionContext context) {
        double[] p = known.get(embeddings, context, () -> probabilities(context));
        int[] chosen =
                replacement ? draw(p, context.budget(), context.random()) : drawUnseen(p, context);
        return Selection.of(context.candidates(), p, chosen);
    }

    private double[] probabilities(SelectionContext context) {
        UnitVectors candidates = embeddings.candidates(context);
        UnitVectors targets = embeddings.targets(context);
        int n = candidates.size();
        TsdsProbabilities formula =
                new TsdsProbabilities(
                        count(neighbours, NEIGHBOURS, n),
                        count(densityNeighbours, DENSITY_NEIGHBOURS, n),
                        bandwidth,
                        alpha,
                        scale);
        try (NDManager manager = embeddings.newManager()) {
            return formula.of(manager, candidates, targets);
        }
    }

    private int count(int set, int most, int candidates) {
        if (set > 0) {
            return Math.min(set, candidates);
        }
        boolean all = compatibility == Compatibility.DATAFLEX;
        return Math.min(most, Math.max(1, all ? candidates : candidates / 10));
    }

    private static int[] draw(double[] p, int budget, RandomGenerator random) {
        Set<Integer> drawn = new LinkedHashSet<>();
        add(drawn, p, i -> true, budget, random);
        fillUp(drawn, p.length, budget, random);
        return toArray(drawn);
    }

    /** Goes on with the candidates that no earlier update of this round has drawn. */
    private int[] drawUnseen(double[] p, SelectionContext context) {
        SampleIndices positions = context.candidates().indices();
        RandomGenerator random = context.random();
        Set<Integer> drawn = new LinkedHashSet<>();
        add(drawn, p, i -> !earlier.contains(positions.get(i)), context.budget(), random);
        Set<Integer> endOfRound = Set.copyOf(drawn);
        if (drawn.size() < context.budget()) { // the round is over
            positions.stream().forEach(earlier::remove);
            add(drawn, p, i -> true, context.budget(), random);
            drawn.stream()
                    .filter(i -> !endOfRound.contains(i))
                    .forEach(i -> earlier.add(positions.get(i)));
        } else {
            drawn.forEach(i -> earlier.add(positions.get(i)));
        }
        fillUp(drawn, p.length, context.budget(), random);
        return toArray(drawn);
    }

    private static void fillUp(Set<Integer> drawn, int size, int budget, RandomGenerator random) {
        double[] alike = new double[size];
        Arrays.fill(alike, 1);
        add(drawn, alike, i -> true, budget, random);
    }

    /** Draws on, by weight, among the candidates that may be drawn and are not yet. */
    private static void add(
            Set<Integer> drawn,
            double[] weights,
            IntPredicate mayBeDrawn,
            int budget,
            RandomGenerator random) {
        double[] open =
                IntStream.range(0, weights.length)
                        .mapToDouble(i -> mayBeDrawn.test(i) && !drawn.contains(i) ? weights[i] : 0)
                        .toArray();
        int positive = (int) Arrays.stream(open).filter(w -> w > 0).count();
        int count = Math.min(budget - drawn.size(), positive);
        for (int i : WeightedSampling.withoutReplacement(open, count, random.nextLong())) {
            drawn.add(i);
        }
    }

    private static int[] toArray(Set<Integer> drawn) {
        return drawn.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public Map<String, double[]> saveState() {
        return earlier.save();
    }

    @Override
    public void restoreState(Map<String, double[]> state) {
        earlier.restore(state);
    }
}
