package org.dataflex.internal;

import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.List;
import org.dataflex.data.SampleIndices;
import org.dataflex.model.Normalisation;
import org.dataflex.torch.GradientOps;

/** Adds up the gradients of batch after batch. */
final class MeanGradient {

    private final AskedParameters asked;
    private final List<ParameterRun> runs;
    private final Normalisation normalisation;
    private final NDManager scope;
    private final GradientSum sum;
    private int count;

    /**
     * Starts at 0.
     *
     * @param asked the parameters asked for
     * @param normalisation what each gradient counts for
     * @param scope whose the mean shall be
     */
    MeanGradient(AskedParameters asked, Normalisation normalisation, NDManager scope) {
        this.asked = asked;
        this.runs = asked.runs();
        this.normalisation = normalisation;
        this.scope = scope;
        this.sum = new GradientSum(asked, scope);
    }

    /**
     * Adds the gradients of a batch.
     *
     * @param samples the samples' positions, to name one whose gradient is not finite
     * @param gradients the samples' gradients
     */
    void add(SampleIndices samples, SampleGradients gradients) {
        sum.add(gradients, weights(samples, gradients));
        count += gradients.size();
    }

    /** What each gradient is multiplied by: 1, or 1 / |g_i| and 0 where g_i is 0. */
    private float[] weights(SampleIndices samples, SampleGradients gradients) {
        double[] squares = gradients.total(runs, (run, rows) -> GradientOps.squares(rows));
        float[] weights = new float[squares.length];
        for (int i = 0; i < weights.length; i++) {
            double norm = Math.sqrt(squares[i]);
            if (!Double.isFinite(norm)) {
                throw new TrainingDivergedException(
                        "the gradient of sample "
                                + samples.get(i)
                                + " is not finite: its norm is "
                                + norm);
            }
            weights[i] = norm == 0 ? 0 : (float) (1 / norm);
        }
        if (normalisation == Normalisation.NONE) {
            Arrays.fill(weights, 1);
        }
        return weights;
    }

    /** The mean's norm. */
    double norm() {
        return sum.norm() / count;
    }

    /** Returns the mean. */
    ParameterDirection finish() {
        return new ParameterDirection(asked.named(), scope, sum.dividedBy(count));
    }
}
