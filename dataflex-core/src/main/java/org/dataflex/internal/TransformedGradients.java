package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.Arrays;

/** What becomes of the gradients of a batch; one that is 0 stays 0, whatever the transform. */
final class TransformedGradients implements SampleGradients {

    private final SampleGradients gradients;
    private final GradientTransform transform;
    private final boolean[] nonzero;

    /**
     * Transforms.
     *
     * @param gradients the batch's
     * @param transform what becomes of them
     */
    TransformedGradients(SampleGradients gradients, GradientTransform transform) {
        this.gradients = gradients;
        this.transform = transform;
        this.nonzero = gradients.nonzero();
    }

    @Override
    public int size() {
        return gradients.size();
    }

    @Override
    public int parameters() {
        return gradients.parameters();
    }

    @Override
    public long size(int parameter) {
        return gradients.size(parameter);
    }

    @Override
    public NDArray rows(int parameter, int from, int to) {
        try (NDArray rows = gradients.rows(parameter, from, to)) {
            NDArray transformed = transform.apply(parameter, rows);
            for (int i = from; i < to; i++) {
                if (!nonzero[i]) {
                    transformed.set(new NDIndex(i - from), 0);
                }
            }
            return transformed;
        }
    }

    @Override
    public NDArray sum(int parameter, float[] weights) {
        return groups(parameter, (from, rows) -> sum(rows, from, weights)).stream()
                .reduce(
                        (sum, more) -> {
                            try (more) {
                                return sum.addi(more);
                            }
                        })
                .orElseThrow();
    }

    private static NDArray sum(NDArray rows, int from, float[] weights) {
        int to = from + (int) rows.getShape().get(0);
        float[] own = Arrays.copyOfRange(weights, from, to);
        try (NDArray factors = rows.getManager().create(own)) {
            return factors.matMul(rows);
        }
    }
}
