package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import org.dataflex.torch.GradientOps;

/** A weighted sum of gradients, an array a parameter. */
final class GradientSum {

    private final NDList sums = new NDList();

    /**
     * Starts at 0.
     *
     * @param asked the parameters asked for
     * @param scope whose the arrays shall be
     */
    GradientSum(AskedParameters asked, NDManager scope) {
        for (int p = 0; p < asked.count(); p++) {
            sums.add(scope.zeros(asked.array(p).getShape()));
        }
    }

    /** Adds the gradients of a batch, times a weight a sample. */
    void add(SampleGradients gradients, float[] weights) {
        for (int p = 0; p < sums.size(); p++) {
            try (NDArray sum = gradients.sum(p, weights);
                    NDArray flat = sums.get(p).reshape(-1)) { // a view
                flat.addi(sum);
            }
        }
    }

    /** Adds another sum times a factor; the other is multiplied in place. */
    void addScaled(GradientSum other, double factor) {
        for (int p = 0; p < sums.size(); p++) {
            sums.get(p).addi(other.sums.get(p).muli(factor));
        }
    }

    /** The norm of all parameters' sums as one vector. */
    double norm() {
        NDArray total = squares(0);
        for (int p = 1; p < sums.size(); p++) {
            try (NDArray more = squares(p)) {
                total.addi(more);
            }
        }
        try (total) {
            return Math.sqrt(total.toDoubleArray()[0]);
        }
    }

    private NDArray squares(int parameter) {
        try (NDArray row = sums.get(parameter).reshape(1, -1)) { // a view
            return GradientOps.squares(row);
        }
    }

    /** Divides by a number, in place, and returns the arrays. */
    NDList dividedBy(int count) {
        for (NDArray sum : sums) {
            sum.divi(count);
        }
        return sums;
    }
}
