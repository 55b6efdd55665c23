package org.dataflex.selectors;

import java.util.Arrays;

/** What becomes of losses and scores that are not finite. */
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

    /**
     * Requires a score other than 0: where all gradients of the targets are 0, all cosines are.
     *
     * @param scores cosines, or what is made of them
     * @return the same array
     * @throws IllegalStateException if all are 0
     */
    static double[] requireSignal(double[] scores) {
        if (Arrays.stream(scores).allMatch(score -> score == 0)) {
            throw new IllegalStateException(
                    "the scores of all %d candidates are 0, so none is better than another; see that the targets have gradients at this step over the parameters that are compared, or warm up longer"
                            .formatted(scores.length));
        }
        return scores;
    }

    /**
     * Requires enough finite losses.
     *
     * @param losses the candidates' losses
     * @param budget how many are to be chosen
     * @throws IllegalStateException if fewer are finite
     */
    static void require(float[] losses, int budget) {
        int finite = 0;
        for (float loss : losses) {
            finite += Float.isFinite(loss) ? 1 : 0;
        }
        if (finite < budget) {
            throw new IllegalStateException(
                    "the loss of "
                            + finite
                            + " of "
                            + losses.length
                            + " candidates is finite, too few for a budget of "
                            + budget
                            + "; find out why the model's losses are NaN or infinite, or lower the"
                            + " budget");
        }
    }
}
