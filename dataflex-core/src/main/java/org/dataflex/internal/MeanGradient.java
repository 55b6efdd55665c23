package org.dataflex.internal;

import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import org.dataflex.data.SampleIndices;
import org.dataflex.model.Normalisation;
import org.dataflex.torch.GradientOps;

/** Adds up the gradients of batch after batch. */
final class MeanGradient {

    private final AskedParameters asked;
    private final Normalisation normalisation;
    private final NDManager scope;
    private final NDList sums = new NDList();
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
        this.normalisation = normalisation;
        this.scope = scope;
        for (int p = 0; p < asked.count(); p++) {
            sums.add(scope.zeros(asked.array(p).getShape()));
        }
    }

    /**
     * Adds the gradients of a batch.
     *
     * @param samples the samples' positions, to name one whose gradient is not finite
     * @param gradients the samples' gradients
     */
    void add(SampleIndices samples, SampleGradients gradients) {
        float[] weights = weights(samples, gradients);
        for (int p = 0; p < sums.size(); p++) {
            try (NDArray sum = gradients.sum(p, weights);
                    NDArray flat = sums.get(p).reshape(-1)) { // a view
                flat.addi(sum);
            }
        }
        count += gradients.size();
    }

    /** What each gradient is multiplied by: 1, or 1 / |g_i| and 0 where g_i is 0. */
    private float[] weights(SampleIndices samples, SampleGradients gradients) {
        double[] squares = gradients.total((parameter, rows) -> GradientOps.squares(rows));
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

    /** Returns the mean. */
    ParameterDirection finish() {
        for (NDArray sum : sums) {
            sum.divi(count);
        }
        return new ParameterDirection(asked.named(), scope, sums);
    }
}
