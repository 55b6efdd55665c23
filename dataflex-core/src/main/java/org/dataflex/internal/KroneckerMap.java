package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.dataflex.model.Projection;

/**
 * Turns each matrix G [m, n] into L G R', side by side; a vector counts as a matrix of one row, an
 * array of more axes as one of [first axis, the others]. The signs of L and R follow from (seed,
 * parameter, side).
 */
final class KroneckerMap implements GradientMap {

    private static final int LEFT = 0;
    private static final int RIGHT = 1;

    private final Projection.Kronecker projection;
    private final AskedParameters asked;

    KroneckerMap(Projection.Kronecker projection, AskedParameters asked) {
        this.projection = projection;
        this.asked = asked;
    }

    @Override
    public long dimension() {
        return start(asked.count());
    }

    private long start(int parameter) {
        long start = 0;
        for (int p = 0; p < parameter; p++) {
            start +=
                    Math.min(rows(p), projection.rows())
                            * Math.min(columns(p), projection.columns());
        }
        return start;
    }

    private long rows(int parameter) {
        Shape shape = asked.array(parameter).getShape();
        return shape.dimension() < 2 ? 1 : shape.get(0);
    }

    private long columns(int parameter) {
        return asked.size(parameter) / rows(parameter);
    }

    @Override
    public void add(int parameter, NDArray rows, Target target) {
        long count = rows.getShape().get(0);
        try (NDManager temporary = rows.getManager().newSubManager()) {
            NDArray mapped = rows.reshape(count, rows(parameter), columns(parameter));
            mapped.attach(temporary);
            if (columns(parameter) > projection.columns()) {
                NDArray right = signs(temporary, parameter, RIGHT, projection.columns());
                mapped = mapped.matMul(right.transpose());
            }
            if (rows(parameter) > projection.rows()) {
                NDArray left = signs(temporary, parameter, LEFT, projection.rows());
                mapped = left.matMul(mapped);
            }
            target.add(mapped.reshape(count, -1), start(parameter));
        }
    }

    /** A matrix of +-1/sqrt(size) from a side's length to size. */
    private NDArray signs(NDManager manager, int parameter, int side, int size) {
        int length = Math.toIntExact(side == LEFT ? rows(parameter) : columns(parameter));
        long[] parts = {parameter, side};
        float[] signs = RandomSigns.matrix(projection.seed(), parts, 0, size, length);
        return manager.create(signs, new Shape(size, length)).muli(1 / Math.sqrt(size));
    }
}
