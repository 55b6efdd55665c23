package org.dataflex.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A computation recorded in parts, for gradients of arrays within it.
 *
 * <p>PyTorch multiplies float32 matrices on a CPU up to twice as fast where it records nothing. So
 * products are made unrecorded here, and their way back, d x = d y W, is made the same way; only
 * what lies between them is recorded. A part begins at stand-ins, which have an array's values but
 * not its past, and its gradients are handed on from a stand-in to the array that it stands for.
 *
 * <p>Each array belongs to one part: whatever a stand-in was made of goes on with the stand-in
 * alone.
 */
public final class GradientTape {

    /** What gradients are taken of: stand-ins, products, and what is asked for. */
    private final NDList nodes = new NDList();

    private final Map<NDArray, Integer> positions = new IdentityHashMap<>();
    private final Map<NDArray, NDArray> standIns = new IdentityHashMap<>();
    private final NDList roots = new NDList();
    private final NDList weights = new NDList();

    /** How gradients are handed on, last first; see {@code gradients_by_parts} of ops.py. */
    private final List<String> steps = new ArrayList<>();

    /**
     * Asks for an array's gradient, before anything stands in for it.
     *
     * @param array a recorded array
     * @return its place; the same for the same array
     */
    public int watch(NDArray array) {
        return positions.computeIfAbsent(
                array,
                a -> {
                    nodes.add(a);
                    return nodes.size() - 1;
                });
    }

    /**
     * Begins a part at an array.
     *
     * @param array an array
     * @return what goes on in its place: always the same stand-in, recorded if the array is; a
     *     stand-in itself
     */
    public NDArray standIn(NDArray array) {
        return standIns.containsValue(array)
                ? array
                : standIns.computeIfAbsent(array, this::newStandIn);
    }

    private NDArray newStandIn(NDArray array) {
        OperatorCall call = OperatorCall.of("stand_in", array.getManager());
        NDArray standIn = call.with(array).array();
        steps.add(0, "0 " + roots.size() + " " + watch(standIn));
        roots.add(array);
        return standIn;
    }

    /**
     * Makes products of a stand-in.
     *
     * @param x the stand-in, [..., D]
     * @param matrices the weights, [F_i, D] each
     * @param products makes x weight' (+ a bias) of each, [..., F_i]
     * @return the products, where parts begin
     */
    public NDList products(NDArray x, NDList matrices, Supplier<NDList> products) {
        NDList ys = GraphRecording.without(products);
        int first = nodes.size();
        for (NDArray y : ys) {
            y.setRequiresGradient(true);
            watch(y);
        }
        steps.add(0, "1 " + watch(x) + " " + weights.size() + " " + first + " " + ys.size());
        weights.addAll(matrices);
        return ys;
    }

    /**
     * Takes the gradients of arrays that were watched; records nothing.
     *
     * @param scalar what was computed in the last part, []
     * @param watched their places, not empty
     * @return the gradients, each of its array's shape; zeros where the scalar does not depend on
     *     it; they belong to the scalar's manager
     */
    public NDList gradients(NDArray scalar, List<Integer> watched) {
        if (steps.isEmpty()) {
            NDList arrays = new NDList();
            watched.forEach(place -> arrays.add(nodes.get(place)));
            return TorchOps.gradientsOf(scalar, arrays, false);
        }
        TorchOps.requireScalar("gradients", scalar);
        OperatorCall call = OperatorCall.of("gradients_by_parts", scalar.getManager());
        NDList matrices = weights.isEmpty() ? new NDList(scalar) : weights; // any, for none is used
        call.with(scalar).withAll(nodes).withAll(roots).withAll(matrices);
        call.with(String.join(";", steps));
        call.with(watched.stream().map(String::valueOf).collect(Collectors.joining(" ")));
        return call.withoutGraph().arrays();
    }
}
