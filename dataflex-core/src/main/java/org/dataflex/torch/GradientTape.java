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
import java.util.function.Consumer;
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
    private final Map<NDArray, List<Consumer<NDArray>>> watchers = new IdentityHashMap<>();

    /**
     * Asks for an array's gradient, before anything is made of it.
     *
     * @param array a recorded array, or an operation's output
     * @param use sees the gradient, of the array's shape, once on the way back; not at all where
     *     the array's gradient is 0 because nothing was made of it; the gradient is closed
     *     afterwards
     */
    public void watch(NDArray array, Consumer<NDArray> use) {
        addNode(array);
        watchers.computeIfAbsent(array, a -> new ArrayList<>()).add(use);
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
     * Goes back from an array to all that is watched, once; records nothing. What operations made
     * is closed on the way, the array itself excepted.
     *
     * @param root what was computed, an operation's output or recorded by autograd
     * @param d its gradient, of its shape
     */
    public void backward(NDArray root, NDArray d) {
        ShapeCheck.requireGradient("backward", d, root);
        GraphRecording.without(
                () -> {
                    Map<NDArray, NDArray> gradients = new IdentityHashMap<>();
                    if (isNode.contains(root)) {
                        gradients.put(root, d.stopGradient()); // closed below, d is the caller's
                    } else {
                        add(gradients, nodes, partGradients(root, d, nodes));
                    }
                    for (Step step : steps) {
                        goBack(step, gradients);
                        step.outputs().stream().filter(y -> y != root).forEach(NDArray::close);
                    }
                    List.copyOf(gradients.keySet()).forEach(node -> show(node, gradients));
                    return null;
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
        step.outputs().forEach(output -> show(output, gradients));
    }

    private void add(Map<NDArray, NDArray> gradients, NDList inputs, NDList ds) {
        for (int i = 0; i < inputs.size(); i++) {
            if (isNode.contains(inputs.get(i)) && ds.get(i).size() > 0) {
                gradients.merge(inputs.get(i), ds.get(i), NDArray::add);
            }
        }
    }

    /** Shows a node's gradient to who watches it, and closes it if nothing else needs it. */
    private void show(NDArray node, Map<NDArray, NDArray> gradients) {
        NDArray d = gradients.remove(node);
        if (d != null) {
            watchers.getOrDefault(node, List.of()).forEach(use -> use.accept(d));
            if (!gradients.containsValue(d)) {
                d.close();
            }
        }
    }
}
