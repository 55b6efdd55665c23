package org.dataflex.internal;

import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDManager;
import org.dataflex.model.Normalisation;

/** Averages the weighted sums of gradients of group after group. */
final class MeanOfSums {

    private final AskedParameters asked;
    private final Normalisation normalisation;
    private final NDManager scope;
    private final GradientSum total;
    private int count;

    /**
     * Starts at 0.
     *
     * @param asked the parameters asked for
     * @param normalisation what each sum counts for
     * @param scope whose the mean shall be
     */
    MeanOfSums(AskedParameters asked, Normalisation normalisation, NDManager scope) {
        this.asked = asked;
        this.normalisation = normalisation;
        this.scope = scope;
        this.total = new GradientSum(asked, scope);
    }

    /** Adds the sum of the next group, which is used up. */
    void add(GradientSum group) {
        double norm = group.norm();
        if (!Double.isFinite(norm)) {
            throw new TrainingDivergedException(
                    "the weighted gradient of group "
                            + count
                            + " is not finite: its norm is "
                            + norm);
        }
        if (norm > 0) {
            total.addScaled(group, normalisation == Normalisation.UNIT ? 1 / norm : 1);
        }
        count++;
    }

    /** Returns the mean. */
    ParameterDirection finish() {
        return new ParameterDirection(asked.named(), scope, total.dividedBy(count));
    }
}
