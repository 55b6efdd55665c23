package org.dataflex.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.function.UnaryOperator;
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

    /** How a network is made: by a tape, or recorded where that is null. */
    private record Way(GradientTape tape) {

        NDList operation(
                NDList inputs, UnaryOperator<NDList> forward, UnaryOperator<NDList> backward) {
            return tape == null ? forward.apply(inputs) : tape.operation(inputs, forward, backward);
        }

        void watch(NDArray array) {
            if (tape != null) {
                tape.watch(array);
            }
        }

        NDList products(NDArray in, NDList weights) {
            return operation(
                    new NDList(in),
                    xs -> multiply(xs.head(), weights),
                    ds -> new NDList(BackwardOps.linears(ds, weights, in)));
        }

        NDArray sum(NDArray a, NDArray b) {
            return operation(
                            new NDList(a, b),
                            xs -> new NDList(xs.get(0).add(xs.get(1))),
                            ds -> new NDList(ds.head(), ds.head()))
                    .head();
        }
    }

    private final Way byTape = new Way(tape);
    private final Way recorded = new Way(null);

    private static NDList multiply(NDArray in, NDList weights) {
        return TorchOps.linears(in, weights, new NDList(), Precision.FLOAT32, Precision.FLOAT32);
    }

    /**
     * Two residual layers, of which the second multiplies twice, with recorded parts between; the
     * arrays on the way, in order.
     */
    private List<NDArray> network(Way way) {
        NDArray start = x.mul(2);
        way.watch(start);
        NDArray a = way.products(start.sin(), new NDList(first)).head();
        way.watch(a);
        NDArray sum = way.sum(start, a.tanh());
        NDArray squared = sum.square().sin();
        NDList two = way.products(squared, new NDList(second, second.mul(-3)));
        two.forEach(way::watch);
        NDArray gate = two.get(0).mul(two.get(1).tanh());
        NDArray b = way.products(gate, new NDList(third)).head();
        way.watch(b);
        NDArray end = way.sum(sum, b);
        way.watch(end);
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
            actual = tape.gradients(scalar(arrays));
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
            NDArray sum = byTape.sum(x, x);
            NDArray apart = sum.sin();
            assertEquals(0, tape.watch(apart));
            assertEquals(1, tape.watch(sum));
            NDList gradients = tape.gradients(sum.square().sum());
            assertEquals(apart.zerosLike(), gradients.get(0));
            assertEquals(sum.mul(2), gradients.get(1));
        }
    }

    @Test
    void gradients_ofAnOperationOfWhichOneResultGoesOn_takeTheOthersAs0() {
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray in = x.mul(1);
            tape.watch(in);
            NDList two =
                    tape.operation(
                            new NDList(in),
                            xs -> new NDList(xs.head().mul(3), xs.head().mul(5)),
                            ds -> new NDList(ds.get(0).mul(3).add(ds.get(1).mul(5))));
            assertEquals(manager.full(x.getShape(), 5f), tape.gradients(two.get(1).sum()).head());
        }
    }

    @Test
    void gradients_withoutOperations_areTheEngines() {
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray square = x.square();
            assertEquals(0, tape.watch(square));
            assertEquals(0, tape.watch(square));
            NDList gradients = tape.gradients(square.mul(3).sum());
            assertEquals(1, gradients.size());
            assertEquals(manager.full(x.getShape(), 3f), gradients.head());
        }
    }

    @Test
    void gradients_ofNoScalar_areRefused() {
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray square = x.square();
            tape.watch(square);
            String message =
                    assertThrows(IllegalArgumentException.class, () -> tape.gradients(square))
                            .getMessage();
            assertEquals("gradients: the value must be a scalar; got [(2, 40, 8)]", message);
        }
    }

    @Test
    void operation_isNotRecorded_norGoneBackToWhatIsNot() {
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray constant = first.mul(2);
            NDArray doubled =
                    tape.operation(
                                    new NDList(constant),
                                    xs -> new NDList(xs.head().mul(second.get(0))),
                                    ds -> fail("nothing asks for it"))
                            .head();
            assertFalse(constant.hasGradient());
            assertFalse(doubled.hasGradient());
            tape.watch(doubled);
            assertEquals(doubled.onesLike().mul(5), tape.gradients(doubled.mul(5).sum()).head());
        }
    }
}
