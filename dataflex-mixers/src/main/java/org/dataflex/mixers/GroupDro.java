package org.dataflex.mixers;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.dataflex.math.Simplex;

/**
 * The equations of {@link DoReMiMixer}, and the state that they carry on.
 *
 * <p>A step may show its batch in parts: alpha_t is then made anew from alpha_{t-1} and what has
 * been shown of the step so far, so that the last part leaves what the whole batch gives.
 */
final class GroupDro {

    /** DataFlex 3c13e37, doremi_mixer.py. */
    private static final double LARGEST_SCORE = 5;

    private final double stepSize;
    private final double smoothing;
    private final boolean centred;

    /** alpha_{t-1}, the lambdas of that step, and the sum of all alpha up to it. */
    private double[] before;

    private double[] scoresBefore;
    private double[] sumBefore;

    /** alpha_t, its lambdas, and the sum of all alpha up to it. */
    private double[] weights;

    private double[] scores;
    private double[] sum;

    /** t. */
    private long count;

    /**
     * Starts with equal weights.
     *
     * @param domains k
     * @param stepSize eta
     * @param smoothing c
     * @param centred whether scores are centred and clipped, as in DataFlex
     */
    GroupDro(int domains, double stepSize, double smoothing, boolean centred) {
        this.stepSize = stepSize;
        this.smoothing = smoothing;
        this.centred = centred;
        weights = Simplex.uniform(domains);
        scores = new double[domains];
        sum = new double[domains];
    }

    int domains() {
        return weights.length;
    }

    /** t. */
    long steps() {
        return count;
    }

    /** alpha_t. */
    double[] weights() {
        return weights.clone();
    }

    /** mean_t alpha_t; equal weights before the first step. */
    double[] average() {
        return count == 0 ? Simplex.uniform(weights.length) : Simplex.normalize(sum);
    }

    /** Begins step t: what alpha is now is alpha_{t-1}. */
    void beginStep() {
        before = weights;
        scoresBefore = scores;
        sumBefore = sum;
        count++;
    }

    /**
     * Makes alpha_t of what the step has shown so far.
     *
     * <pre>
     * log alpha' = log alpha_{t-1} + eta lambda
     * alpha_t    = (1 - c) alpha' / sum_j alpha'_j + c / k
     * </pre>
     */
    void update(ExcessLoss excess) {
        scores = centred ? centred(excess) : lastKnown(excess);
        double[] logits = new double[weights.length];
        Arrays.setAll(logits, i -> StrictMath.log(before[i]) + stepSize * scores[i]);
        weights = Simplex.mixWithUniform(Simplex.softmax(logits), smoothing);
        sum = new double[weights.length];
        Arrays.setAll(sum, i -> sumBefore[i] + weights[i]);
    }

    /** lambda_i, or for a domain without tokens that of the last step that had some. */
    private double[] lastKnown(ExcessLoss excess) {
        double[] lambda = scoresBefore.clone();
        for (int i = 0; i < lambda.length; i++) {
            lambda[i] = excess.has(i) ? excess.of(i) : lambda[i];
        }
        return lambda;
    }

    /** lambda_i less their mean, within 5 of 0; 0 for a domain without tokens. */
    private static double[] centred(ExcessLoss excess) {
        double[] lambda = new double[excess.domains()];
        double total = 0;
        int seen = 0;
        for (int i = 0; i < lambda.length; i++) {
            if (excess.has(i)) {
                total += excess.of(i);
                seen++;
            }
        }
        for (int i = 0; i < lambda.length; i++) {
            double score = excess.has(i) ? excess.of(i) - total / seen : 0;
            lambda[i] = Math.max(-LARGEST_SCORE, Math.min(LARGEST_SCORE, score));
        }
        return lambda;
    }

    Map<String, double[]> saveState() {
        Map<String, double[]> state = new TreeMap<>(); // the same order in every checkpoint
        state.put("weights", weights.clone());
        state.put("scores", scores.clone());
        state.put("sum", sum.clone());
        state.put("count", new double[] {count});
        return state;
    }

    /** Goes on from a saved state, between two steps. */
    void restoreState(Map<String, double[]> state) {
        weights = SavedState.require("a doremi mixer", state, "weights", -1).clone();
        scores = SavedState.require("a doremi mixer", state, "scores", weights.length).clone();
        sum = SavedState.require("a doremi mixer", state, "sum", weights.length).clone();
        count = (long) SavedState.require("a doremi mixer", state, "count", 1)[0];
    }
}
