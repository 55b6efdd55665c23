package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.dataflex.internal.RecordedTrace.Told;

/**
 * Gradients from what a forward pass told: layer inputs, and the gradients of layer outputs.
 *
 * @param asked the parameters asked for
 * @param uses the uses of each
 * @param size the number of samples
 * @param manager whose the results are
 */
record TracedGradients(AskedParameters asked, List<List<Told>> uses, int size, NDManager manager)
        implements SampleGradients {

    @Override
    public int parameters() {
        return asked.count();
    }

    @Override
    public long size(int parameter) {
        return asked.size(parameter);
    }

    @Override
    public NDArray rows(int parameter, int from, int to) {
        return sumOver(
                uses.get(parameter),
                told -> told.use().rows(told.delta(), from, to),
                new Shape(to - from, size(parameter)));
    }

    @Override
    public NDArray sum(int parameter, float[] weights) {
        try (NDArray sum =
                sumOver(
                        uses.get(parameter),
                        told -> weighted(told, weights),
                        new Shape(1, size(parameter)))) {
            return sum.reshape(-1);
        }
    }

    private NDArray weighted(Told told, float[] weights) {
        NDArray delta = told.delta();
        long[] shape = new long[delta.getShape().dimension()];
        Arrays.fill(shape, 1);
        shape[0] = weights.length;
        try (NDArray column = manager.create(weights, new Shape(shape));
                NDArray weighted = delta.mul(column)) {
            return told.use().sum(weighted);
        }
    }

    /** Adds up a parameter's uses; zeros where it has none. */
    private NDArray sumOver(List<Told> uses, Function<Told, NDArray> gradient, Shape shape) {
        if (uses.isEmpty()) {
            return manager.zeros(shape);
        }
        NDArray sum = gradient.apply(uses.get(0));
        for (Told more : uses.subList(1, uses.size())) {
            try (NDArray other = gradient.apply(more)) {
                sum.addi(other);
            }
        }
        return sum;
    }
}
