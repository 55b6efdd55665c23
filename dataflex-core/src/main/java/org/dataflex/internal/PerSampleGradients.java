package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** Collects the mapped gradients of batch after batch, each as a row. */
final class PerSampleGradients {

    private final GradientMap map;
    private final NDArray all;

    /**
     * Makes room.
     *
     * @param map the map to [k]
     * @param numSamples n
     * @param scope whose the rows shall be
     */
    PerSampleGradients(GradientMap map, int numSamples, NDManager scope) {
        this.map = map;
        this.all = scope.zeros(new Shape(numSamples, map.dimension()));
    }

    /**
     * Adds the rows of a batch.
     *
     * @param places the row of each sample
     * @param gradients the samples' gradients
     */
    void add(int[] places, SampleGradients gradients) {
        for (int p = 0; p < gradients.parameters(); p++) {
            int parameter = p;
            gradients.groups(
                    p,
                    (from, rows) -> {
                        int to = from + (int) rows.getShape().get(0);
                        addGroup(parameter, Arrays.copyOfRange(places, from, to), rows);
                        return null;
                    });
        }
    }

    private void addGroup(int parameter, int[] places, NDArray rows) {
        long[] wide = Arrays.stream(places).asLongStream().toArray();
        try (NDArray target = rows.getManager().create(wide)) {
            map.add(parameter, rows, new GradientMap.Target(all, target));
        }
    }

    /** Returns all rows, [n, k]. */
    NDArray finish() {
        map.finish(all);
        return all;
    }
}
