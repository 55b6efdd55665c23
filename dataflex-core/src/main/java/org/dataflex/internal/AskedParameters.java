package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The trainable parameters that a question about gradients takes, in the block's order; their
 * values, one parameter after the other, are the coordinates of a gradient.
 */
final class AskedParameters {

    private final List<Pair<String, Parameter>> named;

    private AskedParameters(List<Pair<String, Parameter>> named) {
        this.named = named;
    }

    /**
     * Finds the parameters.
     *
     * @param block the block
     * @param parameters which of the trainable parameters, by name
     * @throws IllegalArgumentException if there are none
     */
    static AskedParameters of(Block block, Predicate<String> parameters) {
        List<Pair<String, Parameter>> named =
                block.getParameters().stream()
                        .filter(p -> p.getValue().requiresGradient())
                        .filter(p -> parameters.test(p.getKey()))
                        .toList();
        if (named.isEmpty()) {
            throw new IllegalArgumentException(
                    "the gradient query takes none of the trainable parameters; the block has "
                            + block.getParameters().keys());
        }
        return new AskedParameters(named);
    }

    /** The parameters with their names. */
    List<Pair<String, Parameter>> named() {
        return named;
    }

    /** The number of parameters. */
    int count() {
        return named.size();
    }

    Parameter get(int parameter) {
        return named.get(parameter).getValue();
    }

    /** A parameter's value, to read only. */
    NDArray array(int parameter) {
        return get(parameter).getArray();
    }

    /** How many values a parameter has. */
    long size(int parameter) {
        return array(parameter).size();
    }

    /** The parameters by runs that are compared as one. */
    List<ParameterRun> runs() {
        return ParameterRun.of(IntStream.range(0, count()).mapToLong(this::size).toArray());
    }

    /**
     * Puts arrays of a run's parameters in a line.
     *
     * @param run the run
     * @param array a parameter's array, of its values, or one value for all
     * @param manager whose the result shall be
     * @return [the values of all]; another handle
     */
    NDArray line(ParameterRun run, IntFunction<NDArray> array, NDManager manager) {
        return run.joined(p -> line(array.apply(p), size(p), manager));
    }

    private static NDArray line(NDArray array, long size, NDManager manager) {
        try (NDArray values = array.reshape(-1)) {
            NDArray line = values.broadcast(size);
            line.attach(manager);
            return line;
        }
    }

    /** The coordinate of a parameter's first value; at {@link #count}, the number of all. */
    long start(int parameter) {
        return LongStream.range(0, parameter).map(i -> size((int) i)).sum();
    }
}
