package org.dataflex.selectors;

import java.util.Arrays;
import org.dataflex.math.TopK;

/**
 * What the answers to one prompt count for, by their rewards R_i.
 *
 * @param baseline whether the mean reward of the other answers is subtracted from R_i
 * @param rejectBelow answers with a lower reward do not count; -infinity for none
 * @param topAnswers only so many answers of the highest rewards count; 0 for all
 */
record AnswerWeights(boolean baseline, double rejectBelow, int topAnswers) {

    /**
     * Computes R_i, less the baseline, over the number of answers that count.
     *
     * @param rewards a reward each, at least one; at least two with a baseline
     * @return a weight each, 0 for answers that do not count
     */
    double[] of(double[] rewards) {
        boolean[] counts = counts(rewards);
        int number = 0;
        for (boolean each : counts) {
            number += each ? 1 : 0;
        }
        double sum = Arrays.stream(rewards).sum();
        double[] weights = new double[rewards.length];
        for (int i = 0; i < weights.length; i++) {
            double others = baseline ? (sum - rewards[i]) / (rewards.length - 1) : 0;
            weights[i] = counts[i] ? (rewards[i] - others) / number : 0;
        }
        return weights;
    }

    private boolean[] counts(double[] rewards) {
        boolean[] counts = new boolean[rewards.length];
        int most = topAnswers == 0 ? rewards.length : Math.min(topAnswers, rewards.length);
        for (int i : TopK.largest(rewards, most)) {
            counts[i] = rewards[i] >= rejectBelow;
        }
        return counts;
    }
}
