package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.dataflex.torch.GradientOps;
import org.dataflex.torch.Precision;

/** One use of a parameter in a forward pass: what its gradient takes beside the output's, d. */
sealed interface ParameterUse {

    /**
     * Makes the gradients of some samples.
     *
     * @param d the gradient of the output, [B, ..., O]
     * @param from the first sample
     * @param to the sample after the last
     * @return [to - from, size]
     */
    NDArray rows(NDArray d, long from, long to);

    /**
     * Makes the sum of all samples' gradients.
     *
     * @param d the gradient of the output, [B, ..., O]
     * @return [1, size]
     */
    NDArray sum(NDArray d);

    /** Shows all samples as one, [1, positions, features]. */
    private static NDArray joined(NDArray x) {
        Shape shape = x.getShape();
        return x.reshape(1, -1, shape.get(shape.dimension() - 1));
    }

    /** output = input W' (+ anything). */
    record Product(NDArray input, Precision precision) implements ParameterUse {

        @Override
        public NDArray rows(NDArray d, long from, long to) {
            return GradientOps.products(d, input, precision, from, to);
        }

        @Override
        public NDArray sum(NDArray d) {
            try (NDArray joinedD = joined(d);
                    NDArray joinedInput = joined(input)) {
                return GradientOps.products(joinedD, joinedInput, precision, 0, 1);
            }
        }
    }

    /** output = ... + bias. */
    record Sum() implements ParameterUse {

        @Override
        public NDArray rows(NDArray d, long from, long to) {
            return GradientOps.sums(d, from, to);
        }

        @Override
        public NDArray sum(NDArray d) {
            try (NDArray joinedD = joined(d)) {
                return GradientOps.sums(joinedD, 0, 1);
            }
        }
    }

    /** output = input * weight. */
    record Scale(NDArray input) implements ParameterUse {

        @Override
        public NDArray rows(NDArray d, long from, long to) {
            return GradientOps.scales(d, input, from, to);
        }

        @Override
        public NDArray sum(NDArray d) {
            try (NDArray joinedD = joined(d);
                    NDArray joinedInput = joined(input)) {
                return GradientOps.scales(joinedD, joinedInput, 0, 1);
            }
        }
    }

    /** output = table[ids]. */
    record Lookup(NDArray ids, long tableSize) implements ParameterUse {

        @Override
        public NDArray rows(NDArray d, long from, long to) {
            return GradientOps.lookups(d, ids, tableSize, from, to);
        }

        @Override
        public NDArray sum(NDArray d) {
            try (NDArray joinedD = joined(d);
                    NDArray joinedIds = ids.reshape(1, -1)) {
                return GradientOps.lookups(joinedD, joinedIds, tableSize, 0, 1);
            }
        }
    }
}
