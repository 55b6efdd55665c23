package org.dataflex.torch;

import static org.dataflex.torch.ShapeCheck.isRank;
import static org.dataflex.torch.ShapeCheck.last;
import static org.dataflex.torch.ShapeCheck.require;
import static org.dataflex.torch.ShapeCheck.requireGradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * The operators of a decoder language model, each one native call.
 *
 * <p>Shapes: B batch, H query heads, G key heads (H is a multiple of G), T queries, S keys, K head
 * size, N tokens, V vocabulary, D and F sizes of features. Arrays are float32 unless said, of any
 * strides, on one device.
 *
 * <p>Every result is recorded for backward and belongs to the first operand's manager. Every method
 * throws {@link IllegalArgumentException} where shapes do not fit, {@link
 * UnsupportedEngineException} for arrays of another engine, and {@code EngineException} for what
 * only PyTorch finds wrong.
 */
public final class TorchOps {

    private TorchOps() {}

    /**
     * Lets each query gather the values of the keys it resembles: softmax(q k' / sqrt(K)) v.
     *
     * <p>H/G neighbouring query heads share one key head. A query that may see nothing gets zeros,
     * and passes zero gradients on. Without a mask, or with a mask that needs no gradient, the
     * kernel is fused: scores are never stored, memory grows with T, not with T * S. Except on a
     * CPU, causally, without a mask and with T = S of at most 512: there plain products are faster,
     * and B * H * T * S / 2 probabilities are kept for backward.
     *
     * @param q the queries, [B, H, T, K]
     * @param k the keys, [B, G, S, K]
     * @param v the values, [B, G, S, K]
     * @param mask null to hide nothing; else an array that broadcasts to [B, H, T, S] and has four
     *     dimensions or two ([T, S]): BOOLEAN, true where a key may be seen ({@link
     *     AttentionMasks}), or float, added to the scores, negative infinity to hide
     * @param causal whether query t sees only the keys up to t + S - T: the last query sees all
     * @return what was gathered, [B, H, T, K]
     */
    public static NDArray attention(NDArray q, NDArray k, NDArray v, NDArray mask, boolean causal) {
        requireHeads(q, k, v);
        OperatorCall call = OperatorCall.of(attentionFor(mask), q.getManager());
        call.with(q).with(k).with(v);
        if (mask != null) {
            call.with(mask);
        }
        return call.with(causal).array();
    }

    /**
     * Does the same for T queries and as many keys, causally, with products of another type.
     *
     * @param q the queries, [B, H, T, K]
     * @param k the keys, [B, G, T, K]
     * @param v the values, [B, G, T, K]
     * @param precision the type in which to multiply and in which probabilities are kept
     * @return what was gathered, [B, H, T, K], in the type of the queries
     */
    public static NDArray causalAttention(NDArray q, NDArray k, NDArray v, Precision precision) {
        requireHeads(q, k, v);
        OperatorCall call = OperatorCall.of("causal_attention", q.getManager());
        return call.with(q).with(k).with(v).with(precision).array();
    }

    /**
     * Scales each vector to root mean square 1, then each feature by its weight.
     *
     * <p>y = x / sqrt(mean(x^2) + epsilon) * weight. See <a
     * href="https://arxiv.org/abs/1910.07467">RMSNorm</a>, eq. 4.
     *
     * @param x the vectors, [..., D]
     * @param weight the weights, [D]
     * @param epsilon what keeps a zero vector zero, positive
     * @return the scaled vectors, [..., D]
     */
    public static NDArray rmsNorm(NDArray x, NDArray weight, double epsilon) {
        require(
                isRank(1, weight) && last(x) == last(weight),
                "rmsNorm: x must be [..., D] and weight [D]",
                x,
                weight);
        OperatorCall call = OperatorCall.of("rms_norm", x.getManager());
        return call.with(x).with(weight).with(epsilon).array();
    }

    /**
     * Turns feature i with feature i + K/2 by their position's angle (the "rotate half" form).
     *
     * <p>y = x * cos + [-x2, x1] * sin where x = [x1, x2]. See <a
     * href="https://arxiv.org/abs/2104.09864">RoFormer</a>, eq. 34.
     *
     * @param x the heads, [B, H, T, K], K even
     * @param cos the cosines, [T, K] or what broadcasts to x
     * @param sin the sines, as the cosines
     * @return the turned heads, [B, H, T, K], in the type of x; computed in float32 at least
     */
    public static NDArray rotary(NDArray x, NDArray cos, NDArray sin) {
        require(
                last(x) % 2 == 0 && last(x) == last(cos) && last(x) == last(sin),
                "rotary: x, cos and sin must be [..., K] with K even",
                x,
                cos,
                sin);
        return OperatorCall.of("rotary", x.getManager()).with(x).with(cos).with(sin).array();
    }

    /**
     * Multiplies a branch with the gate's SiLU: gate * sigmoid(gate) * up.
     *
     * @param gate the gate, any shape
     * @param up the branch, the same shape
     * @return the product, the same shape
     */
    public static NDArray siluGate(NDArray gate, NDArray up) {
        require(
                gate.getShape().equals(up.getShape()),
                "siluGate: gate and up must have one shape",
                gate,
                up);
        return OperatorCall.of("silu_gate", gate.getManager()).with(gate).with(up).array();
    }

    /**
     * Multiplies with a weight: x weight' + bias.
     *
     * <p>With {@link Precision#BFLOAT16} both are rounded to bfloat16 inside the call and the
     * result is widened again: float32 weights get float32 gradients, and an optimizer sees nothing
     * of it.
     *
     * @param x the inputs, [..., D]
     * @param weight the weight, [F, D]
     * @param bias the bias, [F], or null
     * @param precision the type in which to multiply
     * @return the products, [..., F], float32
     */
    public static NDArray linear(NDArray x, NDArray weight, NDArray bias, Precision precision) {
        requireLinear(x, weight, bias);
        String operator = bias == null ? "linear" : "linear_bias";
        OperatorCall call = OperatorCall.of(operator, x.getManager()).with(x).with(weight);
        if (bias != null) {
            call.with(bias);
        }
        return call.with(precision).with(Precision.FLOAT32).array();
    }

    /**
     * Rounds to the type in which to multiply, where that is not float32.
     *
     * @param x the inputs, any shape
     * @param precision the type
     * @return the inputs in that type, for these operators alone; x itself in float32
     */
    public static NDArray rounded(NDArray x, Precision precision) {
        return precision == Precision.FLOAT32
                ? x
                : OperatorCall.of("cast", x.getManager()).with(x).with(precision).array();
    }

    /**
     * Adds a product with a weight: y + x weight', in y's type.
     *
     * @param y what to add to, [..., F]
     * @param x the inputs, [..., D]
     * @param weight the weight, [F, D]
     * @return the sums, [..., F], of y's type
     */
    public static NDArray plusLinear(NDArray y, NDArray x, NDArray weight) {
        requireSum("plusLinear", y, x, weight);
        return OperatorCall.of("plus_linear", y.getManager()).with(y).with(x).with(weight).array();
    }

    /**
     * Does the same in place, without recording it: y itself becomes the sum.
     *
     * @param y what to add to, [..., F], rows in order; used no more but by way of the result
     * @param x the inputs, [..., D]
     * @param weight the weight, [F, D]
     * @return the sums, in y's memory
     */
    public static NDArray addLinear(NDArray y, NDArray x, NDArray weight) {
        requireSum("addLinear", y, x, weight);
        OperatorCall call = OperatorCall.of("add_linear", y.getManager());
        return call.with(y).with(x).with(weight).withoutGraph().array();
    }

    private static void requireSum(String operator, NDArray y, NDArray x, NDArray weight) {
        requireLinear(x, weight, null);
        require(
                y.getShape().equals(productShape(x, weight)),
                operator + ": y must be of the product's shape " + productShape(x, weight),
                y);
    }

    private static Shape productShape(NDArray x, NDArray weight) {
        Shape shape = x.getShape();
        return shape.slice(0, shape.dimension() - 1).add(weight.getShape().get(0));
    }

    /** Returns x y' of float32 x [m, D] and y [n, D], without recording it for backward. */
    static NDArray product(NDArray x, NDArray y) {
        return GraphRecording.without(() -> linear(x, y, null, Precision.FLOAT32));
    }

    /**
     * Multiplies one input with several weights, as {@link #linear} with each.
     *
     * <p>Where the input has at least as many rows as the weights together, they are multiplied as
     * one matrix, forward and backward; where that is recorded, frozen and trained neighbours
     * apart.
     *
     * @param x the inputs, [..., D]
     * @param weights the weights, [F_i, D] each, not empty
     * @param biases the biases, [F_i] each, of as many weights, the first ones; perhaps none
     * @param precision the type in which to multiply
     * @param result the type of the products; as bfloat16 arrays they are for these operators alone
     * @return the products, [..., F_i] each; perhaps parts of one array
     */
    public static NDList linears(
            NDArray x, NDList weights, NDList biases, Precision precision, Precision result) {
        if (biases.size() > weights.size()) {
            throw new IllegalArgumentException(
                    weights.size() + " weights, but " + biases.size() + " biases");
        }
        for (int i = 0; i < weights.size(); i++) {
            requireLinear(x, weights.get(i), i < biases.size() ? biases.get(i) : null);
        }
        String operator = biases.isEmpty() ? "linears" : "linears_bias";
        OperatorCall call = OperatorCall.of(operator, x.getManager()).with(x).withAll(weights);
        if (!biases.isEmpty()) {
            call.withAll(biases);
        }
        return call.with(precision).with(result).arrays();
    }

    /**
     * Returns how unexpected each label is: -log softmax(logits)[label], in nats.
     *
     * @param logits the scores, [N, V]
     * @param labels the labels, [N], INT32 or INT64, from 0 to V - 1 or {@code ignoreIndex}
     * @param ignoreIndex the label of tokens that do not count, -100 by custom
     * @return the losses, [N]; 0 where ignored
     */
    public static NDArray crossEntropyPerToken(NDArray logits, NDArray labels, long ignoreIndex) {
        require(
                isRank(2, logits)
                        && isRank(1, labels)
                        && logits.getShape().get(0) == labels.getShape().get(0),
                "crossEntropyPerToken: logits must be [N, V] and labels [N]",
                logits,
                labels);
        OperatorCall call = OperatorCall.of("cross_entropy", logits.getManager());
        return call.with(logits).with(labels).with(ignoreIndex).array();
    }

    /**
     * Returns the gradients of a scalar with respect to arrays that it was computed from.
     *
     * <p>The arrays may be parameters or intermediate results (the very objects that the
     * computation used), and no parameter's own gradient changes. Needs an open gradient collector;
     * records nothing itself.
     *
     * @param scalar the scalar, []
     * @param arrays the arrays, not empty, each recorded or requiring a gradient
     * @param keepGraph whether another backward through this computation follows
     * @return the gradients, each of its array's shape; zeros where the scalar does not depend on
     *     it
     */
    public static NDList gradientsOf(NDArray scalar, NDList arrays, boolean keepGraph) {
        requireScalar("gradientsOf", scalar);
        OperatorCall call = OperatorCall.of("gradients_of", scalar.getManager());
        return call.with(scalar).withAll(arrays).with(keepGraph).arrays();
    }

    /**
     * Gives a value gradients that were computed elsewhere.
     *
     * @param value the value, []; what it was computed from gets no gradient
     * @param arrays the arrays to pass gradients to, not empty
     * @param gradients what backward shall add to each, of its array's shape
     * @return the value, [], whose backward passes the gradients on
     */
    public static NDArray withGradients(NDArray value, NDList arrays, NDList gradients) {
        requireScalar("withGradients", value);
        if (arrays.size() != gradients.size()) {
            throw new IllegalArgumentException(
                    arrays.size() + " arrays, but " + gradients.size() + " gradients");
        }
        for (int i = 0; i < arrays.size(); i++) {
            requireGradient("withGradients", gradients.get(i), arrays.get(i));
        }
        OperatorCall call = OperatorCall.of("with_gradients", value.getManager());
        return call.with(value).withAll(arrays).withAll(gradients).array();
    }

    static void requireLinear(NDArray x, NDArray weight, NDArray bias) {
        require(
                isRank(2, weight) && last(x) == last(weight),
                "linear: x must be [..., D] and weight [F, D]",
                x,
                weight);
        if (bias != null) {
            require(
                    isRank(1, bias) && last(bias) == weight.getShape().get(0),
                    "linear: weight must be [F, D] and bias [F]",
                    weight,
                    bias);
        }
    }

    private static void requireHeads(NDArray q, NDArray k, NDArray v) {
        require(
                isRank(4, q, k, v)
                        && k.getShape().equals(v.getShape())
                        && q.getShape().get(0) == k.getShape().get(0)
                        && last(q) == last(k),
                "attention: q must be [B, H, T, K], k and v [B, G, S, K]",
                q,
                k,
                v);
        require(
                k.getShape().get(1) > 0 && q.getShape().get(1) % k.getShape().get(1) == 0,
                "attention: H of q [B, H, T, K] must be a multiple of G of k [B, G, S, K]",
                q,
                k);
    }

    private static void requireScalar(String operator, NDArray scalar) {
        require(scalar.getShape().isScalar(), operator + ": the value must be a scalar", scalar);
    }

    private static String attentionFor(NDArray mask) {
        if (mask == null) {
            return "attention";
        }
        return mask.getDataType() == DataType.BOOLEAN ? "attention_masked" : "attention_biased";
    }
}
