package org.dataflex.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Random;
import java.util.function.Function;

/** Holds an operator against the same thing composed from DJL's operators: values and gradients. */
final class Agreement {

    /** Sums of some hundred float32 terms, each 2^-24 off, in another order. */
    static final double FLOAT32 = 1e-5;

    /** bfloat16 keeps 8 bits: inputs and a result rounded, each 2^-9 off, on sums that cancel. */
    static final double BFLOAT16 = 8e-3;

    /** A value, and the gradients of sum(value * a fixed probe) with respect to the inputs. */
    record Outcome(NDArray value, NDList gradients) {}

    private Agreement() {}

    /** Asserts that values and gradients are the same up to a part of their largest number. */
    static void assertSame(
            Function<NDList, NDArray> actual,
            Function<NDList, NDArray> expected,
            NDList inputs,
            double tolerance) {
        try (NDManager scope = inputs.head().getManager().newSubManager()) {
            Outcome a = differentiate(scope, inputs, actual);
            Outcome e = differentiate(scope, inputs, expected);
            assertArrayEquals(e.value().getShape().getShape(), a.value().getShape().getShape());
            assertClose("value", e.value(), a.value(), tolerance);
            for (int i = 0; i < e.gradients().size(); i++) {
                assertClose("gradient " + i, e.gradients().get(i), a.gradients().get(i), tolerance);
            }
        }
    }

    /** Computes on copies of the inputs; all floating ones require a gradient. */
    static Outcome differentiate(
            NDManager scope, NDList inputs, Function<NDList, NDArray> computation) {
        NDList leaves = new NDList();
        NDList trained = new NDList();
        for (NDArray input : inputs) {
            NDArray leaf = input.duplicate();
            leaf.attach(scope);
            leaves.add(leaf);
            if (leaf.getDataType().isFloating()) {
                leaf.setRequiresGradient(true);
                trained.add(leaf);
            }
        }
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray value = computation.apply(leaves);
            NDArray probe = normal(scope, 99, value.getShape());
            collector.backward(value.mul(probe).sum());
            NDList gradients = new NDList();
            trained.forEach(leaf -> gradients.add(leaf.getGradient()));
            return new Outcome(value, gradients);
        }
    }

    static void assertClose(String what, NDArray expected, NDArray actual, double tolerance) {
        float[] e = expected.toFloatArray();
        float[] a = actual.toFloatArray();
        double largest = 1e-30;
        double error = 0;
        for (int i = 0; i < e.length; i++) {
            assertTrue(Float.isFinite(a[i]), what + "[" + i + "] = " + a[i]);
            largest = Math.max(largest, Math.abs(e[i]));
            error = Math.max(error, Math.abs(e[i] - a[i]));
        }
        // 1e-6: where the truth is near 0, what the difference of two float32 sums near 1 leaves
        double allowed = Math.max(tolerance * largest, 1e-6);
        assertTrue(error <= allowed, what + ": error " + error + " of at most " + allowed);
    }

    /** Makes standard normal numbers of a seed. */
    static NDArray normal(NDManager manager, long seed, Shape shape) {
        Random random = new Random(seed);
        float[] numbers = new float[(int) shape.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return manager.create(numbers, shape);
    }

    static NDArray normal(NDManager manager, long seed, long... sizes) {
        return normal(manager, seed, new Shape(sizes));
    }

    /** Makes labels from 0 to numClasses - 1 of a seed. */
    static NDArray labels(NDManager manager, long seed, int size, int numClasses) {
        return manager.create(new Random(seed).ints(size, 0, numClasses).asLongStream().toArray());
    }

    static NDArray asFloat(NDArray array) {
        return array.toType(DataType.FLOAT32, false);
    }
}
