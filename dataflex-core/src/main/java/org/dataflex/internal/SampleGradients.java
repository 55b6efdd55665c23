package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;

/**
 * The gradients of the samples of a batch, float32, made parameter by parameter when asked for, so
 * that nothing as large as all of them ever exists.
 */
interface SampleGradients {

    /** How many numbers a group of gradients has, unless one gradient has more. */
    int GROUP_VALUES = 1 << 22;

    /** The number of samples. */
    int size();

    /** The number of parameters. */
    int parameters();

    /** How many values a parameter has. */
    long size(int parameter);

    /**
     * Makes the gradients of some samples.
     *
     * @param parameter the parameter's position among those asked for
     * @param from the first sample
     * @param to the sample after the last
     * @return [to - from, size]; the caller closes it
     */
    NDArray rows(int parameter, int from, int to);

    /**
     * Sums the gradients of all samples.
     *
     * @param parameter the parameter's position among those asked for
     * @param weights a weight a sample
     * @return sum_i weights[i] g_i, [size]; the caller closes it
     */
    NDArray sum(int parameter, float[] weights);

    /** Makes something of a group of gradients. */
    interface Group<T> {
        /**
         * Sees the gradients of samples.
         *
         * @param from the first sample
         * @param rows [g, size], closed by the caller
         */
        T of(int from, NDArray rows);
    }

    /** Shows a parameter's gradients in groups of bounded size, in order. */
    default <T> List<T> groups(int parameter, Group<T> use) {
        int rows = (int) Math.max(1, GROUP_VALUES / size(parameter));
        List<T> results = new ArrayList<>();
        for (int from = 0; from < size(); from += rows) {
            try (NDArray group = rows(parameter, from, Math.min(size(), from + rows))) {
                results.add(use.of(from, group));
            }
        }
        return results;
    }

    /** Tells numbers of each gradient of a group. */
    interface Scores {
        /**
         * Sees the gradients of samples.
         *
         * @param parameter the parameter's position among those asked for
         * @param rows [g, size], closed by the caller
         * @return float64 [g, w]
         */
        NDArray of(int parameter, NDArray rows);
    }

    /**
     * Sums scores over all parameters, by one look at the device.
     *
     * @return [samples * w]
     */
    default double[] total(Scores scores) {
        NDArray total = scores(0, scores);
        for (int p = 1; p < parameters(); p++) {
            try (NDArray more = scores(p, scores)) {
                total.addi(more);
            }
        }
        try (total) {
            return total.toDoubleArray();
        }
    }

    private NDArray scores(int parameter, Scores scores) {
        NDList groups = new NDList(groups(parameter, (from, rows) -> scores.of(parameter, rows)));
        if (groups.size() == 1) {
            return groups.head();
        }
        try (groups) {
            return NDArrays.concat(groups);
        }
    }
}
