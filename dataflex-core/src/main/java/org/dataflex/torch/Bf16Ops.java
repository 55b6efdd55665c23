package org.dataflex.torch;

import ai.djl.ndarray.NDArray;

/**
 * The operators of {@link TorchOps} on bfloat16 arrays.
 *
 * <p>Inputs and results are rounded to bfloat16 (relative error at most 2^-9 each), sums inside an
 * operator are float32. Shapes, ownership and errors are those of {@link TorchOps}; all is recorded
 * for backward.
 */
public final class Bf16Ops {

    private Bf16Ops() {}

    /**
     * Multiplies with a weight that is bfloat16, such as a frozen one.
     *
     * @param x the inputs, [..., D]
     * @param weight the weight, [F, D]
     * @param bias the bias, [F], float32, or null
     * @return the products, [..., F]
     */
    public static Bf16Array linear(Bf16Array x, Bf16Array weight, NDArray bias) {
        return linear(x, weight.array(), bias);
    }

    /**
     * Multiplies with a float32 weight, rounded inside the call; its gradient is float32.
     *
     * @param x the inputs, [..., D]
     * @param weight the weight, [F, D]
     * @param bias the bias, [F], or null
     * @return the products, [..., F]
     */
    public static Bf16Array linear(Bf16Array x, NDArray weight, NDArray bias) {
        TorchOps.requireLinear(x.array(), weight, bias);
        String operator = bias == null ? "linear" : "linear_bias";
        OperatorCall call = OperatorCall.of(operator, x.manager()).with(x.array()).with(weight);
        if (bias != null) {
            call.with(bias);
        }
        return new Bf16Array(call.with(Precision.BFLOAT16).with(Precision.BFLOAT16).array());
    }

    /**
     * Lets each query gather the values of the keys it resembles.
     *
     * @param q the queries, [B, H, T, K]
     * @param k the keys, [B, G, S, K]
     * @param v the values, [B, G, S, K]
     * @param mask null, or as for {@link TorchOps#attention}, BOOLEAN or float32
     * @param causal as for {@link TorchOps#attention}
     * @return what was gathered, [B, H, T, K]
     */
    public static Bf16Array attention(
            Bf16Array q, Bf16Array k, Bf16Array v, NDArray mask, boolean causal) {
        return new Bf16Array(TorchOps.attention(q.array(), k.array(), v.array(), mask, causal));
    }

    /**
     * Turns features by their position's angle.
     *
     * @param x the heads, [B, H, T, K], K even
     * @param cos the cosines, [T, K], float32
     * @param sin the sines, [T, K], float32
     * @return the turned heads, [B, H, T, K]
     */
    public static Bf16Array rotary(Bf16Array x, NDArray cos, NDArray sin) {
        return new Bf16Array(TorchOps.rotary(x.array(), cos, sin));
    }

    /**
     * Multiplies a branch with the gate's SiLU.
     *
     * @param gate the gate, any shape
     * @param up the branch, the same shape
     * @return the product, the same shape
     */
    public static Bf16Array siluGate(Bf16Array gate, Bf16Array up) {
        return new Bf16Array(TorchOps.siluGate(gate.array(), up.array()));
    }

    /**
     * Adds a branch's result to a float32 stream, widening on the way.
     *
     * @param stream the stream, any shape
     * @param branch the branch, the same shape
     * @return the float32 sum; belongs to the stream's manager
     */
    public static NDArray add(NDArray stream, Bf16Array branch) {
        OperatorCall call = OperatorCall.of("add", stream.getManager());
        return call.with(stream).with(branch.array()).array();
    }
}
