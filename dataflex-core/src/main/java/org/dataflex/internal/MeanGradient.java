package org.dataflex.internal;

import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.function.Supplier;
import org.dataflex.model.Normalisation;

/** Adds up the gradient of one loss after the other. */
final class MeanGradient {

    private final GradientPass pass;
    private final Normalisation normalisation;
    private final NDList sums = new NDList();
    private int count;

    MeanGradient(GradientPass pass, Normalisation normalisation) {
        this.pass = pass;
        this.normalisation = normalisation;
        pass.parameters().stream()
                .map(p -> p.getValue().getArray())
                .map(array -> pass.scope().zeros(array.getShape()))
                .forEach(sums::add);
    }

    /**
     * Adds the gradient of a scalar.
     *
     * @param loss makes the scalar
     * @param sample what to call it if its gradient is not finite
     */
    void add(Supplier<NDArray> loss, long sample) {
        pass.of(
                loss,
                gradients -> {
                    add(gradients, norm(gradients), sample);
                    return null;
                });
        count++;
    }

    private void add(NDList gradients, double norm, long sample) {
        if (!Double.isFinite(norm)) {
            throw new TrainingDivergedException(
                    "the gradient of sample " + sample + " is not finite: its norm is " + norm);
        }
        for (int i = 0; i < sums.size() && norm > 0; i++) {
            if (normalisation == Normalisation.NONE) {
                sums.get(i).addi(gradients.get(i));
            } else {
                try (NDArray unit = gradients.get(i).div(norm)) {
                    sums.get(i).addi(unit);
                }
            }
        }
    }

    /** The norm over all parameters, by one look at the device. */
    private static double norm(NDList gradients) {
        NDList squares = new NDList();
        for (NDArray gradient : gradients) {
            try (NDArray square = gradient.square()) {
                squares.add(square.sum());
            }
        }
        double sum = 0;
        for (float square : NDArrays.stack(squares).toFloatArray()) {
            sum += square;
        }
        return Math.sqrt(sum);
    }

    /** Returns the mean, on the scope. */
    ParameterDirection finish() {
        for (NDArray sum : sums) {
            sum.divi(count);
        }
        return new ParameterDirection(pass.parameters(), pass.scope(), sums);
    }
}
