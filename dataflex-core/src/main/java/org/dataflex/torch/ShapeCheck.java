package org.dataflex.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** Refuses operands before the engine does, in words of this package. */
final class ShapeCheck {

    private ShapeCheck() {}

    /**
     * Requires a rule of shapes.
     *
     * @param holds whether the rule is kept
     * @param rule the rule, starting with the operator's name
     * @param arrays what the rule is about
     * @throws IllegalArgumentException if not, with the rule and the shapes
     */
    static void require(boolean holds, String rule, NDArray... arrays) {
        if (!holds) {
            Object[] shapes = Arrays.stream(arrays).map(NDArray::getShape).toArray();
            throw new IllegalArgumentException(rule + "; got " + Arrays.toString(shapes));
        }
    }

    /**
     * Requires that d, which is to be an array's gradient, has its shape.
     *
     * @param operator who asks
     * @param d the gradient
     * @param array the array
     */
    static void requireGradient(String operator, NDArray d, NDArray array) {
        require(
                d.getShape().equals(array.getShape()),
                operator + ": a gradient must have its array's shape",
                d,
                array);
    }

    /** Returns the size of the last dimension, 0 of a scalar. */
    static long last(NDArray array) {
        Shape shape = array.getShape();
        return shape.isScalar() ? 0 : shape.get(shape.dimension() - 1);
    }

    static boolean isRank(int rank, NDArray... arrays) {
        return Arrays.stream(arrays).allMatch(array -> array.getShape().dimension() == rank);
    }
}
