package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/**
 * Draws a parameter's first values from a normal distribution, the same from the same seed.
 *
 * <p>DJL's own initializers draw from the engine's generator, whose state everybody shares.
 *
 * @param deviation the standard deviation; the mean is 0
 * @param seed what the values follow from
 */
record SeededNormal(double deviation, long seed) implements Initializer {

    @Override
    public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
        SplittableRandom random = new SplittableRandom(seed);
        return drawn(manager, shape, dataType, () -> random.nextGaussian(0, deviation));
    }

    /**
     * Fills an array in order.
     *
     * @param manager whose array it shall be
     * @param shape the shape
     * @param dataType the type, into which float32 values are converted
     * @param next draws a value
     * @return the array
     */
    static NDArray drawn(NDManager manager, Shape shape, DataType dataType, DoubleSupplier next) {
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) next.getAsDouble();
        }
        // On the CPU an array made of Java values lives in Java's memory, and toType alone would
        // share it: the parameter gets memory of its own.
        try (NDArray drawn = manager.create(values, shape);
                NDArray converted = drawn.toType(dataType, false)) {
            return converted.duplicate();
        }
    }
}
