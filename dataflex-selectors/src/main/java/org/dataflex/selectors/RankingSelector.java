package org.dataflex.selectors;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.model.Pooling;
import org.dataflex.model.Preconditioner;
import org.dataflex.strategy.Need;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;

/**
 * Chooses the candidates for which a function of the user is highest.
 *
 * <pre>
 * RankingSelector.by(candidate -&gt; candidate.loss() * candidate.alignment()).towards(exam)
 * </pre>
 *
 * <p>What the function asks a {@link Candidate} for is computed when it first asks, for many
 * candidates at once; what it never asks for costs nothing. Ties go to the lower position; NaN
 * scores -infinity.
 *
 * <p>Needs and cost: those of what is asked for; no state. A function has no settings, so this
 * selector is made in Java only, not by name.
 */
public final class RankingSelector implements Selector {

    private static final String NAME = "ranking";

    private final ToDoubleFunction<Candidate> score;
    private final String formula;
    private final SampleSet targets;
    private final Preconditioner preconditioner;

    private RankingSelector(
            ToDoubleFunction<Candidate> score,
            String formula,
            SampleSet targets,
            Preconditioner preconditioner) {
        this.score = Objects.requireNonNull(score, "score");
        this.formula = Objects.requireNonNull(formula, "formula");
        this.targets = targets;
        this.preconditioner = preconditioner;
    }

    /** A sample that may be chosen, and what the model says of it. Valid during one call. */
    public interface Candidate {

        /**
         * Returns its position in the pool.
         *
         * @return the position
         */
        long index();

        /**
         * Returns its domain.
         *
         * @return the domain
         */
        Domain domain();

        /**
         * Returns its training loss.
         *
         * @return in the loss's unit
         */
        double loss();

        /**
         * Returns its embedding.
         *
         * @param pooling how token states become one vector
         * @return the vector; not to be changed
         * @throws org.dataflex.model.UnsupportedModelException if the block has no hidden states
         */
        float[] embedding(Pooling pooling);

        /**
         * Returns the mean cosine of its gradient to those of the target samples.
         *
         * @return from -1 to 1; 0 if its gradient is 0, NaN if that is not finite
         * @throws IllegalStateException if there are no targets, see {@link #towards}
         */
        double alignment();
    }

    /**
     * Ranks by a function.
     *
     * @param score the higher, the better; the same for the same candidate
     * @return a new selector
     */
    public static RankingSelector by(ToDoubleFunction<Candidate> score) {
        return new RankingSelector(score, "function", null, null);
    }

    /**
     * Says what the function computes, for the log and the check that a resume goes on with the
     * same: two functions cannot be compared.
     *
     * @param newFormula such as {@code loss * alignment}
     * @return a copy
     */
    public RankingSelector describedAs(String newFormula) {
        return new RankingSelector(score, newFormula, targets, preconditioner);
    }

    /**
     * Sets the samples that {@link Candidate#alignment} compares with, by raw gradients.
     *
     * @param samples at least one; not those that a validation set measures by
     * @return a copy
     */
    public RankingSelector towards(SampleSet samples) {
        return towards(samples, new Preconditioner.None());
    }

    /**
     * Sets the samples that {@link Candidate#alignment} compares with.
     *
     * @param samples at least one; not those that a validation set measures by
     * @param ofCandidates what becomes of a candidate's gradient first; a target's stays as it is
     * @return a copy
     */
    public RankingSelector towards(SampleSet samples, Preconditioner ofCandidates) {
        return new RankingSelector(
                score,
                formula,
                Objects.requireNonNull(samples, "samples"),
                Objects.requireNonNull(ofCandidates, "ofCandidates"));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("by", formula);
        if (targets != null) {
            settings.put("targets", targets.fingerprint());
            settings.put("preconditioner", preconditioner.toString());
        }
        return Collections.unmodifiableMap(settings);
    }

    /** Returns that alignments take the optimizer's moments, if they do. */
    @Override
    public Set<Need> needs() {
        return targets == null ? Set.of() : Need.of(preconditioner);
    }

    @Override
    public Map<String, SampleSet> targets() {
        return targets == null ? Map.of() : Map.of("targets", targets);
    }

    @Override
    public void check(CandidatePool pool) {
        TargetTokens.requireAny(targets());
    }

    /**
     * Chooses {@code context.budget()} candidates.
     *
     * @throws IllegalStateException if no score is finite
     */
    @Override
    public Selection select(SelectionContext context) {
        Samples candidates = context.candidates();
        LazyCandidates lazy = new LazyCandidates(context, targets, preconditioner);
        double[] scores = new double[candidates.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = score.applyAsDouble(lazy.candidate(i));
        }
        return Selection.highest(
                candidates, FiniteScores.lastIfNaN(scores, "score"), context.budget());
    }
}
