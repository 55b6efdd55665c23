package org.dataflex.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * Updates lists of arrays in place, each list in one native call that waits for no GPU.
 *
 * <p>Nothing is recorded for backward; parameters that require a gradient may be given.
 */
public final class OptimizerOps {

    private OptimizerOps() {}

    /**
     * One step of AdamW.
     *
     * @param number the step's number, from 1: corrects the moments for starting at 0
     * @param learningRate the learning rate of this step
     * @param beta1 the decay of the mean of gradients
     * @param beta2 the decay of the mean of squared gradients
     * @param weightDecay the decay of weights, decoupled from the gradient
     * @param epsilon what keeps the quotient finite
     */
    public record AdamWStep(
            long number,
            double learningRate,
            double beta1,
            double beta2,
            double weightDecay,
            double epsilon) {}

    /**
     * Applies AdamW to parameters and moments.
     *
     * <p>With c_i = 1 - beta_i^number: m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
     * p = p - learningRate (weightDecay p + (m / c1) / (sqrt(v / c2) + epsilon)). See <a
     * href="https://arxiv.org/abs/1711.05101">AdamW</a>, algorithm 2.
     *
     * @param parameters the parameters, contiguous, changed in place
     * @param gradients the gradients, of the parameters' shapes
     * @param means the first moments m, contiguous, of the parameters' shapes, changed in place
     * @param variances the second moments v, as the first
     * @param step the step
     * @throws IllegalArgumentException if the lists differ in size or an array in shape
     */
    public static void adamW(
            NDList parameters, NDList gradients, NDList means, NDList variances, AdamWStep step) {
        requireSameShapes("gradients", parameters, gradients);
        requireSameShapes("means", parameters, means);
        requireSameShapes("variances", parameters, variances);
        if (parameters.isEmpty()) {
            throw new IllegalArgumentException("adamW: no parameters");
        }
        OperatorCall call = OperatorCall.of("adamw", parameters.head().getManager());
        call.withAll(parameters).withAll(gradients).withAll(means).withAll(variances);
        call.with((double) step.number()).with(step.learningRate());
        call.with(step.beta1()).with(step.beta2()).with(step.weightDecay()).with(step.epsilon());
        call.withoutGraph().arrays();
    }

    /**
     * Sets every value of all arrays to 0, NaN too.
     *
     * @param arrays the arrays, not empty, changed in place
     */
    public static void zero(NDList arrays) {
        OperatorCall call = OperatorCall.of("zero", arrays.head().getManager());
        call.withAll(arrays).withoutGraph().arrays();
    }

    /**
     * Returns the Euclidean norm of all numbers of all arrays.
     *
     * @param owner whose the result shall be: arrays of a list may belong to anyone
     * @param arrays the arrays, not empty
     * @return the norm, []
     */
    public static NDArray globalNorm(NDManager owner, NDList arrays) {
        return OperatorCall.of("global_norm", owner).withAll(arrays).withoutGraph().array();
    }

    /**
     * Scales arrays in place so that their {@linkplain #globalNorm global norm} is at most a limit.
     *
     * <p>They are multiplied by min(1, maxNorm / (norm + 1e-6)), as PyTorch does; a norm that is
     * not a number makes all of them so.
     *
     * @param owner whose the result shall be
     * @param arrays the arrays, not empty, changed in place
     * @param maxNorm the limit, positive
     * @return the norm before, []
     */
    public static NDArray clipGlobalNorm(NDManager owner, NDList arrays, double maxNorm) {
        if (!(maxNorm > 0)) {
            throw new IllegalArgumentException("maxNorm = " + maxNorm);
        }
        OperatorCall call = OperatorCall.of("clip_global_norm", owner);
        return call.withAll(arrays).with(maxNorm).withoutGraph().array();
    }

    private static void requireSameShapes(String name, NDList expected, NDList actual) {
        if (expected.size() != actual.size()) {
            throw new IllegalArgumentException(
                    expected.size() + " parameters, but " + actual.size() + " " + name);
        }
        for (int i = 0; i < expected.size(); i++) {
            ShapeCheck.require(
                    expected.get(i).getShape().equals(actual.get(i).getShape()),
                    "adamW: " + name + "[" + i + "] must have its parameter's shape",
                    expected.get(i),
                    actual.get(i));
        }
    }
}
