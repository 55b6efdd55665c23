package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.dataflex.torch.GradientOps;

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

    /**
     * Tells which samples have a gradient other than 0, by as few parameters as that takes, small
     * ones first.
     *
     * @return one a sample
     */
    default boolean[] nonzero() {
        boolean[] nonzero = new boolean[size()];
        int[] smallFirst =
                IntStream.range(0, parameters())
                        .boxed()
                        .sorted(Comparator.comparingLong((Integer p) -> size(p)))
                        .mapToInt(p -> p)
                        .toArray();
        int known = 0;
        for (int i = 0; i < smallFirst.length && known < nonzero.length; i++) {
            double[] squares =
                    total(
                            List.of(new ParameterRun(smallFirst[i], smallFirst[i] + 1)),
                            (run, rows) -> GradientOps.squares(rows));
            for (int sample = 0; sample < squares.length; sample++) {
                if (squares[sample] != 0 && !nonzero[sample]) {
                    nonzero[sample] = true;
                    known++;
                }
            }
        }
        return nonzero;
    }

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
        return groups(new ParameterRun(parameter, parameter + 1), use);
    }

    private <T> List<T> groups(ParameterRun run, Group<T> use) {
        long values = IntStream.range(run.from(), run.to()).mapToLong(this::size).sum();
        int rows = (int) Math.max(1, GROUP_VALUES / values);
        List<T> results = new ArrayList<>();
        for (int start = 0; start < size(); start += rows) {
            int from = start;
            int to = Math.min(size(), from + rows);
            try (NDArray group = run.joined(parameter -> rows(parameter, from, to))) {
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
         * @param run the run's position
         * @param rows the gradients of its parameters, [g, size], closed by the caller
         * @return float64 [g, w]
         */
        NDArray of(int run, NDArray rows);
    }

    /**
     * Sums scores over all parameters, by one look at the device.
     *
     * @param runs all parameters
     * @return [samples * w]
     */
    default double[] total(List<ParameterRun> runs, Scores scores) {
        NDArray total = scores(runs, 0, scores);
        for (int run = 1; run < runs.size(); run++) {
            try (NDArray more = scores(runs, run, scores)) {
                total.addi(more);
            }
        }
        try (total) {
            return total.toDoubleArray();
        }
    }

    private NDArray scores(List<ParameterRun> runs, int run, Scores scores) {
        NDList groups = new NDList(groups(runs.get(run), (from, rows) -> scores.of(run, rows)));
        if (groups.size() == 1) {
            return groups.head();
        }
        try (groups) {
            return NDArrays.concat(groups);
        }
    }
}
