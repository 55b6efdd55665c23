package org.dataflex.torch;

import static org.dataflex.torch.ShapeCheck.isRank;
import static org.dataflex.torch.ShapeCheck.last;
import static org.dataflex.torch.ShapeCheck.require;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;

/**
 * Makes the gradient of each sample of a batch from a layer's input a and its output's gradient d,
 * and compares gradients with directions.
 *
 * <p>Shapes: B samples, {@code ...} positions within a sample, perhaps none; O, I, D features, V
 * rows of a table; P the size of a parameter, n rows of gradients, S directions. Gradients are
 * float32 with a row a sample, {@code [to - from, P]}, of the samples {@code from} (inclusive) to
 * {@code to} (exclusive). Nothing is recorded for backward. Results belong to the manager of the
 * first operand. Sums over positions have a fixed order.
 */
public final class GradientOps {

    /**
     * The step that Adam takes, as numbers: Gamma = (meanPast m + meanNow g) / (sqrt(variancePast v
     * + varianceNow g^2 + inside) + outside).
     *
     * @param meanPast beta1, over 1 - beta1^t with bias correction
     * @param meanNow 1 - beta1, likewise
     * @param variancePast beta2, over 1 - beta2^t with bias correction
     * @param varianceNow 1 - beta2, likewise
     * @param inside the epsilon inside the root, or 0
     * @param outside the epsilon outside, or 0
     */
    public record AdamStep(
            double meanPast,
            double meanNow,
            double variancePast,
            double varianceNow,
            double inside,
            double outside) {}

    private GradientOps() {}

    /**
     * Returns the gradients of W where y = a W'.
     *
     * @param d the gradient of y, [B, ..., O]
     * @param a [B, ..., I]
     * @param precision the type in which to multiply
     * @param from the first sample
     * @param to the sample after the last
     * @return the sums of d' a over positions, [to - from, O * I]
     */
    public static NDArray products(NDArray d, NDArray a, Precision precision, long from, long to) {
        require(
                d.getShape().size() * last(a) == a.getShape().size() * last(d),
                "products: d must be [B, ..., O] and a [B, ..., I]",
                d,
                a);
        OperatorCall call = OperatorCall.of("product_rows", d.getManager());
        return call.with(d).with(a).with(precision).with(from).with(to).withoutGraph().array();
    }

    /**
     * Returns the gradients of b where y = ... + b.
     *
     * @param d the gradient of y, [B, ..., O]
     * @param from the first sample
     * @param to the sample after the last
     * @return the sums of d over positions, [to - from, O]
     */
    public static NDArray sums(NDArray d, long from, long to) {
        OperatorCall call = OperatorCall.of("sum_rows", d.getManager());
        return call.with(d).with(from).with(to).withoutGraph().array();
    }

    /**
     * Returns the gradients of w where y = a * w, elementwise over the last axis.
     *
     * @param d the gradient of y, [B, ..., D]
     * @param a the same shape
     * @param from the first sample
     * @param to the sample after the last
     * @return the sums of d a over positions, [to - from, D]
     */
    public static NDArray scales(NDArray d, NDArray a, long from, long to) {
        require(d.getShape().equals(a.getShape()), "scales: d and a must be of one shape", d, a);
        OperatorCall call = OperatorCall.of("scale_rows", d.getManager());
        return call.with(d).with(a).with(from).with(to).withoutGraph().array();
    }

    /**
     * Returns the gradients of E where y = E[ids].
     *
     * @param d the gradient of y, [B, T, D]
     * @param ids int64 [B, T], each in [0, tableSize)
     * @param tableSize V
     * @param from the first sample
     * @param to the sample after the last
     * @return the sums of d by id, [to - from, V * D]
     */
    public static NDArray lookups(NDArray d, NDArray ids, long tableSize, long from, long to) {
        require(
                ids.getShape().equals(d.getShape().slice(0, d.getShape().dimension() - 1)),
                "lookups: d must be [B, T, D] and ids [B, T]",
                d,
                ids);
        OperatorCall call = OperatorCall.of("lookup_rows", d.getManager());
        call.with(d).with(ids).with(tableSize).with(from).with(to);
        return call.withoutGraph().array();
    }

    /**
     * Returns the squared norm of each row.
     *
     * @param rows gradients g, [n, P]
     * @return |g_i|^2, float64 [n, 1]
     */
    public static NDArray squares(NDArray rows) {
        require(isRank(2, rows), "squares: rows must be [n, P]", rows);
        return OperatorCall.of("squares", rows.getManager()).with(rows).withoutGraph().array();
    }

    /**
     * Compares rows with directions.
     *
     * @param rows gradients g, [n, P]
     * @param directions S arrays u_s of P values, at least one
     * @return |g_i|^2 and then the inner products of g_i and each u_s, float64 [n, 1 + S]
     */
    public static NDArray align(NDArray rows, NDList directions) {
        requireDirections(rows, directions);
        OperatorCall call = OperatorCall.of("align", rows.getManager());
        return call.with(rows).withAll(directions).withoutGraph().array();
    }

    /**
     * Compares the steps that Adam would take with directions; the steps never exist as a whole.
     *
     * @param rows gradients g, [n, P]
     * @param mean m, of P values, or one 0 for all
     * @param variance v, likewise
     * @param step the step
     * @param directions S arrays u_s of P values, at least one
     * @return |Gamma_i|^2 and then the inner products of Gamma_i and each u_s, float64 [n, 1 + S]
     */
    public static NDArray align(
            NDArray rows, NDArray mean, NDArray variance, AdamStep step, NDList directions) {
        requireDirections(rows, directions);
        requireMoments(rows, mean, variance);
        OperatorCall call = OperatorCall.of("align_adam", rows.getManager());
        call.with(rows).with(mean).with(variance).withAll(directions);
        return with(call, step).array();
    }

    /**
     * Returns the steps that Adam would take.
     *
     * @param rows gradients g, [n, P]
     * @param mean m, of P values, or one 0 for all
     * @param variance v, likewise
     * @param step the step
     * @return Gamma, [n, P]
     */
    public static NDArray adamSteps(NDArray rows, NDArray mean, NDArray variance, AdamStep step) {
        requireMoments(rows, mean, variance);
        OperatorCall call = OperatorCall.of("adam_rows", rows.getManager());
        return with(call.with(rows).with(mean).with(variance), step).array();
    }

    /**
     * Adds rows to some rows of a target, in place.
     *
     * @param target [N, K], changed in place
     * @param places which rows of the target, int64 [n], each once
     * @param rows what to add, [n, C]
     * @param column the target's column that the first of the rows goes to
     */
    public static void addRows(NDArray target, NDArray places, NDArray rows, long column) {
        require(
                isRank(2, target, rows)
                        && isRank(1, places)
                        && places.size() == rows.getShape().get(0)
                        && column + last(rows) <= last(target),
                "addRows: from column " + column + " of [N, K], places [n] and rows [n, C]",
                target,
                places,
                rows);
        OperatorCall call = OperatorCall.of("add_rows", target.getManager());
        call.with(target).with(places).with(rows).with(column).withoutGraph().arrays();
    }

    /**
     * Sketches rows: column j goes to bucket (j + shifts[j / k]) mod k with its sign, where j
     * counts from {@code lead}.
     *
     * @param rows [n, C]
     * @param signs +1 or -1 a column, [C]
     * @param shifts one a block of k columns, int64, enough for lead + C columns
     * @param k the number of buckets
     * @param lead how many columns of the first block come before the first of the rows, below k
     * @return the sums by bucket, [n, k]
     */
    public static NDArray sketch(NDArray rows, NDArray signs, NDArray shifts, long k, long lead) {
        require(
                isRank(2, rows)
                        && isRank(1, signs, shifts)
                        && signs.size() == last(rows)
                        && shifts.size() * k >= lead + last(rows),
                "sketch: rows [n, C] need signs [C] and a shift for each block of " + k,
                rows,
                signs,
                shifts);
        OperatorCall call = OperatorCall.of("sketch_rows", rows.getManager());
        return call.with(rows).with(signs).with(shifts).with(k).with(lead).withoutGraph().array();
    }

    private static OperatorCall with(OperatorCall call, AdamStep step) {
        call.with(step.meanPast()).with(step.meanNow());
        call.with(step.variancePast()).with(step.varianceNow());
        return call.with(step.inside()).with(step.outside()).withoutGraph();
    }

    private static void requireDirections(NDArray rows, NDList directions) {
        require(isRank(2, rows), "align: rows must be [n, P]", rows);
        for (NDArray direction : directions) {
            require(direction.size() == last(rows), "align: u must have P values", rows, direction);
        }
    }

    private static void requireMoments(NDArray rows, NDArray mean, NDArray variance) {
        Shape one = new Shape(1);
        for (NDArray moment : new NDArray[] {mean, variance}) {
            require(
                    isRank(2, rows)
                            && (moment.size() == last(rows) || moment.getShape().equals(one)),
                    "Adam's moments must have the P values of rows [n, P], or one",
                    rows,
                    moment);
        }
    }
}
