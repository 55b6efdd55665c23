package org.dataflex.torch;

import static org.dataflex.torch.ShapeCheck.requireGradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * The ways back of the operators of {@link TorchOps}: what the gradients of their results make of
 * those of their operands.
 *
 * <p>Nothing is recorded for backward. Results belong to the manager of the first operand.
 */
public final class BackwardOps {

    private BackwardOps() {}

    /**
     * Returns the gradient of x where y_i = x W_i' (+ b_i).
     *
     * @param ds the gradient of each y_i, [..., F_i]
     * @param weights each W_i, [F_i, D]
     * @param x [..., D]
     * @return sum_i dy_i W_i, [..., D], computed in x's type
     */
    public static NDArray linears(NDList ds, NDList weights, NDArray x) {
        OperatorCall call = OperatorCall.of("linears_back", x.getManager());
        return call.withAll(ds).withAll(weights).with(x).withoutGraph().array();
    }

    /**
     * Returns the gradient of x where y is {@link TorchOps#rmsNorm} of it: with s = 1 / sqrt(mean
     * (x^2) + epsilon), s (w dy) - s^3 x mean(x w dy).
     *
     * @param d the gradient of y, [..., D]
     * @param x [..., D]
     * @param weight w, [D]
     * @param epsilon as in the norm
     * @return [..., D]
     */
    public static NDArray rmsNorm(NDArray d, NDArray x, NDArray weight, double epsilon) {
        requireGradient("rmsNorm", d, x);
        OperatorCall call = OperatorCall.of("rms_norm_back", d.getManager());
        return call.with(d).with(x).with(weight).with(epsilon).withoutGraph().array();
    }

    /**
     * Returns the gradients of gate and up where y is {@link TorchOps#siluGate} of them.
     *
     * @param d the gradient of y
     * @param gate of y's shape
     * @param up of y's shape
     * @return both, of y's shape
     */
    public static NDList siluGate(NDArray d, NDArray gate, NDArray up) {
        requireGradient("siluGate", d, gate);
        OperatorCall call = OperatorCall.of("silu_gate_back", d.getManager());
        return call.with(d).with(gate).with(up).withoutGraph().arrays();
    }

    /**
     * Returns the gradient of x where y is x in another type.
     *
     * @param d the gradient of y
     * @param x of y's shape
     * @return d in x's type
     */
    public static NDArray rounded(NDArray d, NDArray x) {
        requireGradient("rounded", d, x);
        OperatorCall call = OperatorCall.of("cast_back", d.getManager());
        return call.with(d).with(x).withoutGraph().array();
    }
}
