package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;
import java.util.SplittableRandom;

/**
 * Draws a parameter's first values from [-bound, bound), the same from the same seed.
 *
 * @param bound the largest absolute value
 * @param seed what the values follow from
 * @see SeededNormal
 */
record SeededUniform(double bound, long seed) implements Initializer {

    @Override
    public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
        SplittableRandom random = new SplittableRandom(seed);
        return SeededNormal.drawn(manager, shape, dataType, () -> random.nextDouble(-bound, bound));
    }
}
