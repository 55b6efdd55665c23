package org.dataflex.selectors;

import java.util.Arrays;

/** Makes what is not a number the last of all scores. */
final class FiniteScores {

    private FiniteScores() {}

    /**
     * Turns NaN into -infinity, in place.
     *
     * @param scores a score a candidate
     * @param of what they are made of, such as "gradient"
     * @return the same array
     * @throws IllegalStateException if no score is finite
     */
    static double[] lastIfNaN(double[] scores, String of) {
        if (Arrays.stream(scores).noneMatch(Double::isFinite)) {
            throw new IllegalStateException(
                    "the "
                            + of
                            + " of none of "
                            + scores.length
                            + " candidates is finite; find out why the model's losses are NaN or"
                            + " infinite");
        }
        for (int i = 0; i < scores.length; i++) {
            if (Double.isNaN(scores[i])) {
                scores[i] = Double.NEGATIVE_INFINITY;
            }
        }
        return scores;
    }
}
