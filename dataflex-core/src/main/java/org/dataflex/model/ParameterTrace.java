package org.dataflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import java.util.function.UnaryOperator;
import org.dataflex.torch.Precision;

/**
 * Is told how parameters are used in a forward pass.
 *
 * <p>Outputs are the very arrays that the computation goes on with. Batch axis first everywhere:
 * sample i owns slice i. Arrays stay open until the pass is over. A parameter may be told several
 * times, as a shared matrix is; its gradient is then the sum. One that is never told has gradient
 * 0.
 *
 * <p>Shapes: B samples, I inputs, O outputs, V entries, D features; "..." any axes. d is the
 * gradient of an output.
 */
public interface ParameterTrace {

    /**
     * Tells of output = input weight' (+ anything): dW_i = sum over positions of d' a.
     *
     * @param weight [O, I]
     * @param input a, [B, ..., I]
     * @param output [B, ..., O]
     * @param precision the type in which the product was made
     */
    void product(Parameter weight, NDArray input, NDArray output, Precision precision);

    /**
     * Tells of output = ... + bias: db_i = sum over positions of d.
     *
     * @param bias [O]
     * @param output [B, ..., O]
     */
    void sum(Parameter bias, NDArray output);

    /**
     * Tells of output = input * weight, elementwise along the last axis: dw_i = sum over positions
     * of d a.
     *
     * @param weight [D]
     * @param input a, [B, ..., D]
     * @param output [B, ..., D]
     */
    void scale(Parameter weight, NDArray input, NDArray output);

    /**
     * Tells of output = table[ids]: dE_i[v] = sum of d where ids = v.
     *
     * @param table [V, D]
     * @param ids [B, ...]
     * @param output [B, ..., D]
     */
    void lookup(Parameter table, NDArray ids, NDArray output);

    /**
     * Makes arrays of others by an operation that knows its own way back, so that it need not be
     * recorded. What it takes is used no more but by other operations of this trace; what it makes
     * may be closed once gradients have gone back through it.
     *
     * @param inputs x_1, ...
     * @param forward makes y_1, ... of arrays with the values of the inputs
     * @param backward makes the gradients of x_1, ..., each of its shape, of those of y_1, ...
     * @return y_1, ...
     */
    default NDList operation(
            NDList inputs, UnaryOperator<NDList> forward, UnaryOperator<NDList> backward) {
        return forward.apply(inputs);
    }
}
