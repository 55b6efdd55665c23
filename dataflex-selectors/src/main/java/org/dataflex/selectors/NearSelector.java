package org.dataflex.selectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.strategy.Need;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Stateful;
import org.dataflex.torch.NeighbourSearch;
import org.dataflex.torch.NeighbourSearch.Neighbours;

/**
 * Chooses the candidates nearest to the samples of a target set, in turn: the nearest of each
 * target, then the second nearest of each, and so on.
 *
 * <p>A method of <a href="https://arxiv.org/abs/2603.26164">DataFlex</a>; no paper of its own.
 *
 * <p>Formula: nearest by the cosine of embeddings, ties to the lower position; the walk goes by
 * rank 1..K, within a rank by target, passes over candidates already chosen, and ends at the
 * budget. Each update goes on where the last one stopped; once all neighbours have been chosen the
 * walk starts again. The score of a candidate is its largest cosine to a target that it is a
 * neighbour of, NaN if there is none.
 *
 * <p>Needs: embeddings of candidates and target set. State: what has been chosen in this round of
 * the walk. Cost: 2 n m d operations for n candidates, m targets and d features, once if embeddings
 * are fixed, else an update, and what the embeddings cost.
 *
 * <p>Deviations from DataFlex: neighbours are exact; an update goes on where the last one stopped,
 * while there every update makes the same choice ({@link Compatibility#DATAFLEX} brings that back).
 */
public final class NearSelector implements Selector, Stateful {

    /** DataFlex 3c13e37, offline_near_selector.py. */
    public static final int NEIGHBOURS = 1000;

    static final String NAME = "near";

    private final EmbeddingSource embeddings;
    private final int neighbours;
    private final Compatibility compatibility;
    private final FixedAnswers<Neighbours> known = new FixedAnswers<>();
    private final EarlierChoices earlier = new EarlierChoices();

    private NearSelector(Builder builder) {
        this.embeddings = builder.embeddings;
        this.neighbours = builder.neighbours;
        this.compatibility = builder.compatibility;
    }

    /**
     * Starts a selector.
     *
     * @return a new builder; {@code setEmbeddings} is required
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>(embeddings.settings());
        if (neighbours > 0) {
            settings.put("neighbours", String.valueOf(neighbours));
        }
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
        embeddings.check(pool);
    }

    /**
     * Chooses {@code context.budget()} candidates.
     *
     * @throws IllegalStateException if the targets have fewer distinct neighbours than that
     */
    @Override
    public Selection select(SelectionContext context) {
        Neighbours found = known.get(embeddings, context, () -> search(context));
        int[] chosen = walk(found.indices(), context);
        return Selection.of(
                context.candidates(), scores(found, context.candidates().size()), chosen);
    }

    private Neighbours search(SelectionContext context) {
        UnitVectors candidates = embeddings.candidates(context);
        UnitVectors targets = embeddings.targets(context);
        int most = neighbours > 0 ? neighbours : NEIGHBOURS;
        try (NDManager manager = embeddings.newManager();
                NDArray queries = targets.all(manager)) {
            return NeighbourSearch.search(queries, candidates, Math.min(most, candidates.size()));
        }
    }

    private int[] walk(int[][] neighbours, SelectionContext context) {
        Samples candidates = context.candidates();
        if (compatibility == Compatibility.DATAFLEX) {
            return enough(walk(neighbours, context.budget(), Set.of()), neighbours, context);
        }
        Set<Integer> past = new LinkedHashSet<>();
        for (int i = 0; i < candidates.size(); i++) {
            if (earlier.contains(candidates.indices().get(i))) {
                past.add(i);
            }
        }
        Set<Integer> chosen = walk(neighbours, context.budget(), past);
        Set<Integer> ofThisRound = chosen;
        if (chosen.size() < context.budget()) { // the round is over
            past.forEach(i -> earlier.remove(candidates.indices().get(i)));
            ofThisRound = walk(neighbours, context.budget() - chosen.size(), chosen);
            chosen.addAll(ofThisRound);
        }
        int[] answer = enough(chosen, neighbours, context);
        ofThisRound.forEach(i -> earlier.add(candidates.indices().get(i)));
        return answer;
    }

    /** Walks by rank, then by target, over candidates that are not left out. */
    static Set<Integer> walk(int[][] neighbours, int budget, Set<Integer> leftOut) {
        Set<Integer> chosen = new LinkedHashSet<>();
        for (int rank = 0; rank < neighbours[0].length; rank++) {
            for (int[] ofTarget : neighbours) {
                if (chosen.size() == budget) {
                    return chosen;
                }
                if (!leftOut.contains(ofTarget[rank])) {
                    chosen.add(ofTarget[rank]);
                }
            }
        }
        return chosen;
    }

    private static int[] enough(Set<Integer> chosen, int[][] neighbours, SelectionContext context) {
        if (chosen.size() < context.budget()) {
            throw new IllegalStateException(
                    "the %d nearest candidates of each of %d targets are %d distinct ones, too few for a budget of %d; raise neighbours or lower the budget"
                            .formatted(
                                    neighbours[0].length,
                                    neighbours.length,
                                    chosen.size(),
                                    context.budget()));
        }
        return chosen.stream().mapToInt(Integer::intValue).toArray();
    }

    private static double[] scores(Neighbours found, int candidates) {
        double[] scores = new double[candidates];
        Arrays.fill(scores, Double.NaN);
        for (int j = 0; j < found.indices().length; j++) {
            for (int k = 0; k < found.indices()[j].length; k++) {
                int candidate = found.indices()[j][k];
                double cosine = found.products()[j][k];
                if (!(scores[candidate] >= cosine)) {
                    scores[candidate] = cosine;
                }
            }
        }
        return scores;
    }

    @Override
    public Map<String, double[]> saveState() {
        return earlier.save();
    }

    @Override
    public void restoreState(Map<String, double[]> state) {
        earlier.restore(state);
    }

    /** Collects the settings of a {@link NearSelector}. */
    public static final class Builder {

        private EmbeddingSource embeddings;
        private int neighbours;
        private Compatibility compatibility = Compatibility.NONE;

        private Builder() {}

        /**
         * Sets where the embeddings of candidates and target set come from.
         *
         * @param embeddings the source
         * @return this
         */
        public Builder setEmbeddings(EmbeddingSource embeddings) {
            this.embeddings = Objects.requireNonNull(embeddings, "embeddings");
            return this;
        }

        /**
         * Sets K, how many neighbours of each target the walk knows; of fewer candidates it knows
         * all.
         *
         * @param neighbours at least 1, at most the pool's size, by default {@link #NEIGHBOURS}
         * @return this
         * @throws IllegalArgumentException if below 1
         */
        public Builder optNeighbours(long neighbours) {
            this.neighbours = SettingRange.atLeast1("neighbours", neighbours);
            return this;
        }

        /**
         * Sets whose behaviour to follow.
         *
         * @param compatibility by default {@link Compatibility#NONE}
         * @return this
         */
        public Builder optCompatibility(Compatibility compatibility) {
            this.compatibility = Objects.requireNonNull(compatibility, "compatibility");
            return this;
        }

        /**
         * Makes the selector.
         *
         * @return a new selector
         * @throws IllegalStateException if the embeddings were not set
         */
        public NearSelector build() {
            EmbeddingSource.requireSet(embeddings);
            return new NearSelector(this);
        }
    }
}
