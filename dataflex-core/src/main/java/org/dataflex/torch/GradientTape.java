package org.dataflex.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A computation in steps that know their own way back, for gradients of arrays within it.
 *
 * <p>Autograd goes its own way back, operator by operator, and PyTorch multiplies float32 matrices
 * on a CPU up to twice as fast where it records nothing. So operations are made unrecorded here and
 * say themselves what becomes of their outputs' gradients. What is computed otherwise, autograd
 * records; where an operation takes such an array, a stand-in with its values goes on, and the
 * gradient of the stand-in is handed to autograd.
 *
 * <p>What an operation took is not to be used otherwise: autograd frees its past on the first way
 * back.
 */
public final class GradientTape {

    /** Outputs, and what their gradients make of those of the inputs; an empty array for none. */
    private record Step(NDList inputs, NDList outputs, UnaryOperator<NDList> backward) {}

    private final Deque<Step> steps = new ArrayDeque<>(); // the last first

    /** Whatever gradients go through, in the order in which it was met. */
    private final NDList nodes = new NDList();

    private final Set<NDArray> isNode = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<NDArray, NDArray> standIns = new IdentityHashMap<>();
    private final List<NDArray> watched = new ArrayList<>();
    private final Map<NDArray, Integer> positions = new IdentityHashMap<>();

    /**
     * Asks for an array's gradient, before anything is made of it.
     *
     * @param array a recorded array, or an operation's output
     * @return its position among those asked for; the same for the same array
     */
    public int watch(NDArray array) {
        return positions.computeIfAbsent(
                array,
                a -> {
                    addNode(a);
                    watched.add(a);
                    return watched.size() - 1;
                });
    }

    private void addNode(NDArray array) {
        if (isNode.add(array)) {
            nodes.add(array);
            array.setRequiresGradient(true); // for autograd, if that goes on with it
        }
    }

    /**
     * Makes arrays of others, unrecorded.
     *
     * @param inputs x_1, ...
     * @param forward makes y_1, ... of arrays with the values of the inputs
     * @param backward makes the gradients of x_1, ..., each of its shape, of those of y_1, ...
     * @return y_1, ...
     */
    public NDList operation(
            NDList inputs, UnaryOperator<NDList> forward, UnaryOperator<NDList> backward) {
        NDList own = new NDList();
        inputs.forEach(x -> own.add(standIn(x)));
        NDList outputs = GraphRecording.without(() -> forward.apply(own));
        if (own.stream().anyMatch(isNode::contains)) {
            outputs.forEach(this::addNode);
            steps.push(new Step(own, outputs, backward));
        }
        return outputs;
    }

    /** The array itself if its gradients are gone through anyway. */
    private NDArray standIn(NDArray array) {
        return isNode.contains(array) ? array : standIns.computeIfAbsent(array, this::newStandIn);
    }

    private NDArray newStandIn(NDArray root) {
        NDArray standIn = OperatorCall.of("stand_in", root.getManager()).with(root).array();
        if (standIn.hasGradient()) { // of a result within a graph DJL always says that it has none
            NDList before = new NDList(nodes);
            addNode(standIn);
            steps.push(
                    new Step(
                            before,
                            new NDList(standIn),
                            ds -> partGradients(root, ds.head(), before)));
        }
        return standIn;
    }

    /** The gradients of nodes that autograd made a root of; an empty array for others. */
    private static NDList partGradients(NDArray root, NDArray d, NDList nodes) {
        if (nodes.isEmpty()) {
            return nodes;
        }
        OperatorCall call = OperatorCall.of("part_gradients", root.getManager());
        return call.with(root).with(d).withAll(nodes).arrays();
    }

    /**
     * Takes the gradients of what is watched; records nothing.
     *
     * @param scalar what was computed, [], recorded by autograd
     * @return the gradients, each of its array's shape; zeros where the scalar does not depend on
     *     it
     */
    public NDList gradients(NDArray scalar) {
        TorchOps.requireScalar("gradients", scalar);
        return GraphRecording.without(
                () -> {
                    Map<NDArray, NDArray> gradients = new IdentityHashMap<>();
                    add(gradients, nodes, partGradients(scalar, scalar.onesLike(), nodes));
                    for (Step step : steps) {
                        goBack(step, gradients);
                    }
                    NDList results = new NDList();
                    for (NDArray array : watched) {
                        NDArray d = gradients.get(array);
                        results.add(d == null ? array.zerosLike() : d);
                    }
                    return results;
                });
    }

    private void goBack(Step step, Map<NDArray, NDArray> gradients) {
        if (step.outputs().stream().noneMatch(gradients::containsKey)) {
            return;
        }
        NDList ds = new NDList();
        for (NDArray output : step.outputs()) {
            NDArray d = gradients.get(output);
            ds.add(d == null ? output.zerosLike() : d);
        }
        add(gradients, step.inputs(), step.backward().apply(ds));
        for (NDArray output : step.outputs()) {
            free(output, gradients);
        }
    }

    private void add(Map<NDArray, NDArray> gradients, NDList inputs, NDList ds) {
        for (int i = 0; i < inputs.size(); i++) {
            if (isNode.contains(inputs.get(i)) && ds.get(i).size() > 0) {
                gradients.merge(inputs.get(i), ds.get(i), NDArray::add);
            }
        }
    }

    /** Closes a gradient that nothing else needs. */
    private void free(NDArray node, Map<NDArray, NDArray> gradients) {
        if (!positions.containsKey(node)) {
            NDArray d = gradients.remove(node);
            if (d != null && !gradients.containsValue(d)) {
                d.close();
            }
        }
    }
}
