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
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
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

    /**
     * How a network is made: by a tape, or recorded where that is null; and the gradients of what
     * was watched.
     */
    private record Way(GradientTape tape, Map<NDArray, NDArray> gradients) {

        NDList operation(
                NDList inputs, UnaryOperator<NDList> forward, UnaryOperator<NDList> backward) {
            return tape == null ? forward.apply(inputs) : tape.operation(inputs, forward, backward);
        }

        void watch(NDArray array) {
            if (tape != null) {
                tape.watch(array, d -> gradients.put(array, kept(d)));
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

    private final Map<NDArray, NDArray> gradients = new IdentityHashMap<>();

    private final Way byTape = new Way(tape, gradients);
    private final Way recorded = new Way(null, gradients);

    /** Another handle of what the tape will close. */
    private static NDArray kept(NDArray array) {
        return array.stopGradient();
    }

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
    void backward_showsTheGradientsOfTheWholeGraph() {
        NDList expected = expected();
        List<NDArray> arrays;
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            arrays = network(byTape);
            NDArray scalar = scalar(arrays);
            tape.backward(scalar, scalar.onesLike());
        }
        for (int i = 0; i < expected.size(); i++) {
            NDArray actual = gradients.get(arrays.get(i));
            assertEquals(expected.get(i).getShape(), actual.getShape());
            float error = actual.sub(expected.get(i)).norm().getFloat();
            assertTrue(error < 1e-5 * expected.get(i).norm().getFloat(), i + " by " + error);
        }
    }

    @Test
    void backward_showsNothingOfWhatDoesNotMatter() {
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray sum = byTape.sum(x, x);
            NDArray apart = sum.sin();
            byTape.watch(apart);
            byTape.watch(sum);
            NDArray twice = sum.mul(2).stopGradient();
            NDArray scalar = sum.square().sum();
            tape.backward(scalar, scalar.onesLike());
            assertEquals(1, gradients.size());
            assertEquals(twice, gradients.get(sum));
        }
    }

    @Test
    void backward_fromAnOperation_takesItsOtherResultsAs0() {
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray in = x.mul(1);
            byTape.watch(in);
            NDList two =
                    tape.operation(
                            new NDList(in),
                            xs -> new NDList(xs.head().mul(3), xs.head().mul(5)),
                            ds -> new NDList(ds.get(0).mul(3).add(ds.get(1).mul(5))));
            tape.backward(two.get(1), two.get(1).onesLike().mul(2));
            assertEquals(manager.full(x.getShape(), 10f), gradients.get(in));
        }
    }

    @Test
    void backward_withoutOperations_showsTheEnginesGradientsToAllWhoWatch() {
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray square = x.square();
            List<NDArray> seen = new ArrayList<>();
            tape.watch(square, d -> seen.add(kept(d)));
            tape.watch(square, d -> seen.add(kept(d)));
            NDArray scalar = square.mul(3).sum();
            tape.backward(scalar, scalar.onesLike());
            assertEquals(2, seen.size());
            seen.forEach(d -> assertEquals(manager.full(x.getShape(), 3f), d));
        }
    }

    @Test
    void backward_closesWhatOperationsMade_exceptWhereItBegins() {
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            byTape.watch(x);
            NDArray first = byTape.sum(x, x);
            NDArray second = byTape.sum(first, x);
            tape.backward(second, second.onesLike());
            assertTrue(isClosed(first));
            assertFalse(isClosed(second));
            assertFalse(isClosed(x));
            assertEquals(manager.full(x.getShape(), 3f), gradients.get(x));
        }
    }

    private static boolean isClosed(NDArray array) {
        return ((PtNDArray) array).isReleased();
    }

    @Test
    void backward_withAGradientOfAnotherShape_isRefused() {
        NDArray scalar = x.sum();
        String message =
                assertThrows(IllegalArgumentException.class, () -> tape.backward(scalar, x))
                        .getMessage();
        assertEquals(
                "backward: a gradient must have its array's shape; got [(2, 40, 8), ()]", message);
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
            byTape.watch(doubled);
            NDArray fives = doubled.onesLike().mul(5);
            NDArray scalar = doubled.mul(5).sum();
            tape.backward(scalar, scalar.onesLike());
            assertEquals(fives, gradients.get(doubled));
        }
    }
}
