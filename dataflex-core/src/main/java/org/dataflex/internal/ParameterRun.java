package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Neighbours among the parameters asked for, whose gradients are compared as one.
 *
 * @param from the position of the first
 * @param to the position after the last
 */
record ParameterRun(int from, int to) {

    /** With fewer values a parameter costs less than the native calls about it. */
    private static final long SMALL = 1 << 14;

    /** How many values small neighbours have together at most. */
    private static final long LONGEST = 1 << 18;

    /**
     * Puts small neighbours together; every other parameter is a run of its own.
     *
     * @param sizes how many values each parameter has
     */
    static List<ParameterRun> of(long... sizes) {
        List<ParameterRun> runs = new ArrayList<>();
        int from = 0;
        while (from < sizes.length) {
            int to = from + 1;
            long values = sizes[from];
            while (to < sizes.length
                    && Math.max(sizes[to - 1], sizes[to]) <= SMALL
                    && values + sizes[to] <= LONGEST) {
                values += sizes[to++];
            }
            runs.add(new ParameterRun(from, to));
            from = to;
        }
        return runs;
    }

    /**
     * Puts what belongs to the parameters side by side.
     *
     * @param part makes the part of a parameter, [..., its values]; closed here, unless it is all
     * @return [..., the values of all]
     */
    NDArray joined(IntFunction<NDArray> part) {
        if (to == from + 1) {
            return part.apply(from);
        }
        try (NDList parts = new NDList(IntStream.range(from, to).mapToObj(part).toList())) {
            return NDArrays.concat(parts, -1);
        }
    }
}
