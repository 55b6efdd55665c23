package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;

/**
 * What becomes of the gradients of a batch.
 *
 * @param gradients the batch's
 * @param transform what becomes of them
 */
record TransformedGradients(SampleGradients gradients, GradientTransform transform)
        implements SampleGradients {

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
            return transform.apply(parameter, rows);
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
