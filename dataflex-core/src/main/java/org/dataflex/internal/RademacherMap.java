package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import org.dataflex.math.Seeds;
import org.dataflex.model.Projection;

/**
 * Multiplies by a matrix R [P, k] of entries +-1/sqrt(k) that is made block by block when needed
 * and never kept: the sign of R[j, c] is bit c mod 64 of mix(seed, j, c / 64).
 */
final class RademacherMap {

    private static final int BLOCK_VALUES = 1 << 22;

    private final Projection.Rademacher projection;

    RademacherMap(Projection.Rademacher projection) {
        this.projection = projection;
    }

    /**
     * Projects rows.
     *
     * @param rows [m, P]
     * @return [m, k], on the rows' manager
     */
    NDArray apply(NDArray rows) {
        long width = rows.getShape().get(1);
        int k = projection.dimension();
        int block = Math.max(1, BLOCK_VALUES / k);
        NDManager manager = rows.getManager();
        NDArray sum = manager.zeros(new Shape(rows.getShape().get(0), k));
        for (long from = 0; from < width; from += block) {
            long to = Math.min(width, from + block);
            try (NDManager temporary = manager.newSubManager()) {
                NDArray signs = temporary.create(signs(from, to), new Shape(to - from, k));
                NDArray part = rows.get(new NDIndex(":, {}:{}", from, to));
                part.attach(temporary);
                NDArray product = part.matMul(signs);
                sum.addi(product);
            }
        }
        return sum;
    }

    private float[] signs(long from, long to) {
        int k = projection.dimension();
        float entry = (float) (1 / Math.sqrt(k));
        float[] signs = new float[Math.toIntExact((to - from) * k)];
        int at = 0;
        for (long j = from; j < to; j++) {
            long bits = 0;
            for (int c = 0; c < k; c++) {
                if (c % Long.SIZE == 0) {
                    bits = Seeds.mix(projection.seed(), j, c / Long.SIZE);
                }
                signs[at++] = (bits >>> c & 1) == 0 ? entry : -entry;
            }
        }
        return signs;
    }
}
