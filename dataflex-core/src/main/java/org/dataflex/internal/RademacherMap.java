package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.dataflex.model.Projection;

/**
 * Multiplies by a matrix R [P, k] of entries +-1/sqrt(k) that is made block by block when needed
 * and never kept: the sign of R[j, c] is bit c mod 64 of mix(seed, j, c / 64).
 *
 * <p>To make R takes longer than to use it once. So small groups of gradients wait until there are
 * {@link #ROWS_HELD} of a parameter.
 */
final class RademacherMap implements GradientMap {

    private static final int BLOCK_VALUES = 1 << 22;
    private static final int ROWS_HELD = 16;

    private final Projection.Rademacher projection;
    private final AskedParameters asked;
    private final List<Held> held = new ArrayList<>();

    /** Gradients of a parameter that wait, and the rows of the target that they belong to. */
    private record Held(NDList rows, NDList places) {

        long count() {
            return places.stream().mapToLong(NDArray::size).sum();
        }
    }

    RademacherMap(Projection.Rademacher projection, AskedParameters asked) {
        this.projection = projection;
        this.asked = asked;
        for (int p = 0; p < asked.count(); p++) {
            held.add(new Held(new NDList(), new NDList()));
        }
    }

    @Override
    public long dimension() {
        return projection.dimension();
    }

    @Override
    public void add(int parameter, NDArray rows, Target target) {
        if (rows.getShape().get(0) >= ROWS_HELD) {
            multiply(parameter, rows, target);
            return;
        }
        Held waiting = held.get(parameter);
        waiting.rows().add(copy(rows, target));
        waiting.places().add(copy(target.places(), target));
        if (waiting.count() >= ROWS_HELD) {
            release(parameter, target.all());
        }
    }

    private static NDArray copy(NDArray array, Target target) {
        NDArray copy = array.duplicate();
        copy.attach(target.all().getManager());
        return copy;
    }

    @Override
    public void finish(NDArray all) {
        for (int p = 0; p < asked.count(); p++) {
            if (held.get(p).count() > 0) {
                release(p, all);
            }
        }
    }

    private void release(int parameter, NDArray all) {
        Held waiting = held.set(parameter, new Held(new NDList(), new NDList()));
        try (NDArray rows = NDArrays.concat(waiting.rows());
                NDArray places = NDArrays.concat(waiting.places())) {
            multiply(parameter, rows, new Target(all, places));
        } finally {
            waiting.rows().close();
            waiting.places().close();
        }
    }

    private void multiply(int parameter, NDArray rows, Target target) {
        int k = projection.dimension();
        long size = asked.size(parameter);
        int block = Math.max(1, BLOCK_VALUES / k);
        for (long from = 0; from < size; from += block) {
            long to = Math.min(size, from + block);
            try (NDManager temporary = rows.getManager().newSubManager()) {
                NDArray part = rows.get(new NDIndex(":, {}:{}", from, to));
                part.attach(temporary);
                long first = asked.start(parameter) + from;
                target.add(part.matMul(signs(temporary, first, (int) (to - from))), 0);
            }
        }
    }

    private NDArray signs(NDManager manager, long from, int rows) {
        int k = projection.dimension();
        float[] signs = RandomSigns.matrix(projection.seed(), new long[0], from, rows, k);
        return manager.create(signs, new Shape(rows, k)).muli(1 / Math.sqrt(k));
    }
}
