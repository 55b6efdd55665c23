package org.dataflex.strategy;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.math.Quantiles;
import org.dataflex.math.TopK;

/**
 * The samples to train on until the next update, and why they were chosen.
 *
 * <p>Scores are for the audit trail only; the run draws every chosen sample alike.
 */
public final class Selection implements Decision {

    private static final Scored NONE = new Scored(SampleIndices.of(), new double[0], null);

    private final SampleIndices indices;
    private final double[] scores;
    private final Scored candidates;

    private Selection(SampleIndices indices, double[] scores, Scored candidates) {
        this.indices = Objects.requireNonNull(indices, "indices");
        this.scores = scores;
        this.candidates = candidates;
    }

    /** What was chosen from: a score for each of the indices. */
    private record Scored(SampleIndices indices, double[] scores, Quantiles.Summary summary) {}

    /**
     * Chooses without scores.
     *
     * @param indices the chosen positions of the pool
     * @return the selection
     */
    public static Selection of(SampleIndices indices) {
        return new Selection(indices, new double[0], NONE);
    }

    /**
     * Chooses some of the candidates, each of which has a score.
     *
     * @param candidates what was chosen from
     * @param scores a score for each candidate, in order; not all NaN or infinite
     * @param chosen which candidates, by their place among the candidates
     * @return the selection
     * @throws IllegalArgumentException if there is not one score a candidate
     */
    public static Selection of(Samples candidates, double[] scores, int[] chosen) {
        requireOneEach(candidates, scores.length);
        return new Selection(
                SampleIndices.of(
                        Arrays.stream(chosen).mapToLong(candidates.indices()::get).toArray()),
                Arrays.stream(chosen).mapToDouble(i -> scores[i]).toArray(),
                new Scored(candidates.indices(), scores.clone(), Quantiles.summary(scores)));
    }

    /**
     * Chooses the candidates with the highest scores; ties go to the lower place, NaN comes last.
     *
     * @param candidates what to choose from
     * @param scores a score for each candidate, in order
     * @param count how many to choose
     * @return the selection, best first
     * @throws IllegalArgumentException if there is not one score a candidate, or too few candidates
     */
    public static Selection highest(Samples candidates, float[] scores, int count) {
        double[] wide = IntStream.range(0, scores.length).mapToDouble(i -> scores[i]).toArray();
        return highest(candidates, wide, count);
    }

    /**
     * Chooses the candidates with the highest scores; ties go to the lower place, NaN comes last.
     *
     * @param candidates what to choose from
     * @param scores a score for each candidate, in order
     * @param count how many to choose
     * @return the selection, best first
     * @throws IllegalArgumentException if there is not one score a candidate, or too few candidates
     */
    public static Selection highest(Samples candidates, double[] scores, int count) {
        requireOneEach(candidates, scores.length);
        return of(candidates, scores, TopK.largest(scores, count));
    }

    private static void requireOneEach(Samples candidates, int scores) {
        if (scores != candidates.size()) {
            throw new IllegalArgumentException(
                    scores + " scores for " + candidates.size() + " candidates");
        }
    }

    /**
     * Returns what was chosen.
     *
     * @return positions of the pool
     */
    public SampleIndices indices() {
        return indices;
    }

    /**
     * Returns the scores of what was chosen.
     *
     * @return a score for each of {@link #indices()}, in order, or none at all
     */
    public double[] scores() {
        return scores.clone();
    }

    /**
     * Returns how the scores of all candidates are spread.
     *
     * @return the quartiles, if there were scores
     */
    public Optional<Quantiles.Summary> candidateScores() {
        return Optional.ofNullable(candidates.summary());
    }

    /**
     * Returns the candidates that were chosen from.
     *
     * @return positions of the pool, as the selector had them; none if there were no scores
     */
    public SampleIndices scoredCandidates() {
        return candidates.indices();
    }

    /**
     * Returns one candidate's score.
     *
     * @param i which of {@link #scoredCandidates()}
     * @return its score
     */
    public double scoreOfCandidate(int i) {
        return candidates.scores()[i];
    }

    @Override
    public String toString() {
        return "Selection of " + indices.size() + " samples";
    }
}
