package org.dataflex.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
@SuppressWarnings("try") // collectors only have to be open
class GradientTapeTest {

    private final NDManager manager = NDManager.newBaseManager();
    private final GradientTape tape = new GradientTape();
    private NDArray x;
    private NDArray first;
    private NDArray second;
    private NDArray third;

    @BeforeEach
    void makeMatrices() {
        manager.getEngine().setRandomSeed(3);
        x = normal(2, 40, 8);
        x.setRequiresGradient(true);
        first = normal(8, 8);
        second = normal(6, 8);
        third = normal(8, 6);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray normal(long... shape) {
        return manager.randomNormal(0, 1, new Shape(shape), DataType.FLOAT32);
    }

    /** How a network's parts are made: by the tape, or recorded. */
    private interface Parts {
        NDArray standIn(NDArray array);

        NDList products(NDArray in, NDList weights);

        void watch(NDArray array);
    }

    private final List<Integer> places = new ArrayList<>();

    private final Parts byTape =
            new Parts() {
                @Override
                public NDArray standIn(NDArray array) {
                    return tape.standIn(array);
                }

                @Override
                public NDList products(NDArray in, NDList weights) {
                    return tape.products(in, weights, () -> multiply(in, weights));
                }

                @Override
                public void watch(NDArray array) {
                    places.add(tape.watch(array));
                }
            };

    private final Parts recorded =
            new Parts() {
                @Override
                public NDArray standIn(NDArray array) {
                    return array;
                }

                @Override
                public NDList products(NDArray in, NDList weights) {
                    return multiply(in, weights);
                }

                @Override
                public void watch(NDArray array) {}
            };

    private static NDList multiply(NDArray in, NDList weights) {
        return TorchOps.linears(in, weights, new NDList(), Precision.FLOAT32, Precision.FLOAT32);
    }

    /**
     * Two residual layers, of which the second multiplies twice; the arrays on the way, in order.
     */
    private List<NDArray> network(Parts parts) {
        NDArray start = x.mul(2);
        parts.watch(start);
        NDArray in = parts.standIn(start);
        NDArray turned = parts.standIn(in.sin());
        NDArray a = parts.products(turned, new NDList(first)).head();
        parts.watch(a);
        NDArray sum = parts.standIn(in.add(a.tanh()));
        NDArray squared = parts.standIn(sum.square().sin());
        NDList two = parts.products(squared, new NDList(second, second.mul(-3)));
        two.forEach(parts::watch);
        NDArray gate = parts.standIn(two.get(0).mul(two.get(1).tanh()));
        NDArray b = parts.products(gate, new NDList(third)).head();
        parts.watch(b);
        NDArray end = sum.add(b);
        parts.watch(end);
        return List.of(start, a, two.get(0), two.get(1), b, end);
    }

    private static NDArray scalar(List<NDArray> arrays) {
        return arrays.get(arrays.size() - 1).tanh().sum();
    }

    private NDList expected() {
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            List<NDArray> arrays = network(recorded);
            return TorchOps.gradientsOf(scalar(arrays), new NDList(arrays), false);
        }
    }

    @Test
    void gradients_ofWhatIsWatched_areThoseOfTheWholeGraph() {
        NDList expected = expected();
        NDList actual;
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            List<NDArray> arrays = network(byTape);
            actual = tape.gradients(scalar(arrays), places);
        }
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i).getShape(), actual.get(i).getShape());
            float error = actual.get(i).sub(expected.get(i)).norm().getFloat();
            assertTrue(error < 1e-5 * expected.get(i).norm().getFloat(), i + " by " + error);
        }
    }

    @Test
    void gradients_ofWhatTheScalarDoesNotDependOn_are0() {
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray in = tape.standIn(x.mul(2));
            NDArray apart = in.sin();
            int place = tape.watch(apart);
            NDList gradients = tape.gradients(in.square().sum(), List.of(place, tape.watch(in)));
            assertEquals(apart.zerosLike(), gradients.get(0));
            assertEquals(in.mul(2), gradients.get(1));
        }
    }

    @Test
    void gradients_withoutParts_areTheEngines() {
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray square = x.square();
            int place = tape.watch(square);
            assertEquals(place, tape.watch(square));
            NDList gradients = tape.gradients(square.mul(3).sum(), List.of(place));
            assertEquals(manager.full(x.getShape(), 3f), gradients.head());
        }
    }

    @Test
    void gradients_ofNoScalar_areRefused() {
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray in = tape.standIn(x.mul(2));
            List<Integer> place = List.of(tape.watch(in));
            String message =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> tape.gradients(in.square(), place))
                            .getMessage();
            assertEquals("gradients: the value must be a scalar; got [(2, 40, 8)]", message);
        }
    }

    @Test
    void standIn_isTheSameWheneverAsked_andItsOwn() {
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray array = x.mul(2);
            NDArray standIn = tape.standIn(array);
            assertNotSame(array, standIn);
            assertSame(standIn, tape.standIn(array));
            assertSame(standIn, tape.standIn(standIn));
            assertEquals(array, standIn);
        }
    }

    @Test
    void products_areNotRecorded_andNeitherIsAStandInOfWhatIsNot() {
        List<NDArray> arrays = new ArrayList<>();
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray constant = tape.standIn(first.mul(2));
            arrays.addAll(
                    tape.products(
                            constant,
                            new NDList(second),
                            () -> multiply(constant, new NDList(second))));
            assertFalse(constant.hasGradient());
            assertEquals(multiply(first.mul(2), new NDList(second)).head(), arrays.get(0));
            NDList gradients =
                    tape.gradients(arrays.get(0).mul(5).sum(), List.of(tape.watch(arrays.get(0))));
            assertEquals(arrays.get(0).onesLike().mul(5), gradients.head());
        }
    }
}
