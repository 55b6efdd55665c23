package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import org.dataflex.math.Seeds;
import org.dataflex.model.Projection;
import org.dataflex.torch.GradientOps;

/**
 * Adds each coordinate j, with sign s(j), to bucket h(j) = (j + shift(j / k)) mod k.
 *
 * <p>Shifts are independent and uniform, so two coordinates meet with probability 1/k, or never if
 * they are of one block of k: all that a count sketch asks of h. Where it turns a whole block, it
 * needs no table and adds up in a fixed order on any device.
 */
final class CountSketchMap implements GradientMap {

    private static final int BLOCK_VALUES = 1 << 20;
    private static final int SHIFT = 0;
    private static final int SIGN = 1;

    private final Projection.CountSketch projection;
    private final AskedParameters asked;

    CountSketchMap(Projection.CountSketch projection, AskedParameters asked) {
        this.projection = projection;
        this.asked = asked;
    }

    @Override
    public long dimension() {
        return projection.dimension();
    }

    @Override
    public void add(int parameter, NDArray rows, Target target) {
        long size = asked.size(parameter);
        for (long from = 0; from < size; from += BLOCK_VALUES) {
            long to = Math.min(size, from + BLOCK_VALUES);
            try (NDManager temporary = rows.getManager().newSubManager()) {
                NDArray part = rows.get(new NDIndex(":, {}:{}", from, to));
                part.attach(temporary);
                target.add(sketch(temporary, part, asked.start(parameter) + from), 0);
            }
        }
    }

    private NDArray sketch(NDManager manager, NDArray part, long first) {
        int k = projection.dimension();
        long columns = part.getShape().get(1);
        long[] shifts = new long[(int) ((first + columns - 1) / k - first / k) + 1];
        for (int i = 0; i < shifts.length; i++) {
            shifts[i] = Math.floorMod(Seeds.mix(projection.seed(), SHIFT, first / k + i), (long) k);
        }
        NDArray signs = manager.create(signs(first, (int) columns));
        return GradientOps.sketch(part, signs, manager.create(shifts), k, first % k);
    }

    /** The signs from a coordinate on: that of j is bit j mod 64 of mix(seed, SIGN, j / 64). */
    private float[] signs(long first, int count) {
        float[] signs = new float[count];
        long bits = 0;
        for (int i = 0; i < count; i++) {
            long j = first + i;
            if (i == 0 || j % Long.SIZE == 0) {
                bits = Seeds.mix(projection.seed(), SIGN, j / Long.SIZE);
            }
            signs[i] = (bits >>> j & 1) == 0 ? 1 : -1;
        }
        return signs;
    }
}
