package org.dataflex.torch;

import static org.dataflex.torch.Agreement.assertClose;
import static org.dataflex.torch.Agreement.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.List;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

@ExtendWith(NoLeaks.class)
class GradientsOfTest {

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    @SuppressWarnings("try") // the collector only has to be open
    void gradientsOf_intermediateArrays_giveEachSamplesOwnGradient() {
        NDArray x = normal(manager, 1, 3, 4); // three samples
        NDArray weight = normal(manager, 2, 5, 4);
        weight.setRequiresGradient(true);
        NDArray perSample;
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray z = TorchOps.linear(x, weight, null, Precision.FLOAT32);
            NDArray loss = z.tanh().sum();
            NDArray delta = TorchOps.gradientsOf(loss, new NDList(z), false).head();
            perSample = delta.expandDims(2).mul(x.expandDims(1)); // delta_i x_i', [3, 5, 4]
        }
        assertEquals(0f, weight.getGradient().abs().sum().getFloat());
        for (int i = 0; i < 3; i++) {
            NDArray alone = weight.duplicate();
            alone.setRequiresGradient(true);
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                NDArray z = x.get(i + ":" + (i + 1)).matMul(alone.transpose());
                collector.backward(z.tanh().sum());
            }
            assertClose("sample", alone.getGradient(), perSample.get(i), Agreement.FLOAT32);
        }
    }

    @Test
    void gradientsOf_arraysOutOfReach_areZero_andNamesStay() {
        NDArray used = normal(manager, 1, 2);
        NDArray unused = normal(manager, 2, 3);
        used.setName("layers.0.weight");
        used.setRequiresGradient(true);
        unused.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray scalar = used.square().sum();
            NDList first = TorchOps.gradientsOf(scalar, new NDList(unused, used), true);
            assertArrayEquals(new float[3], first.get(0).toFloatArray());
            assertEquals(2 * used.getFloat(0), first.get(1).getFloat(0));
            NDArray sum = first.get(1).sum();
            assertThrows(EngineException.class, () -> collector.backward(sum)); // not recorded
            assertEquals(scalar.getManager(), first.get(1).getManager());
            collector.backward(scalar); // the graph was kept
        }
        assertEquals("layers.0.weight", used.getName());
        assertEquals(2 * used.getFloat(0), used.getGradient().getFloat(0));
        assertEquals(
                "gradientsOf: the value must be a scalar; got " + List.of(used.getShape()),
                refused(() -> TorchOps.gradientsOf(used, new NDList(used), false)));
    }

    @Test
    void withGradients_hasTheValueAndPassesTheGradientsOn() {
        NDArray x = normal(manager, 1, 2, 3);
        NDArray y = normal(manager, 2, 4);
        NDArray toX = normal(manager, 3, 3, 2).transpose(); // not contiguous
        NDArray toY = normal(manager, 4, 4);
        x.setRequiresGradient(true);
        y.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray value = manager.create(1.25f);
            NDArray carrier =
                    TorchOps.withGradients(value, new NDList(x.mul(2), y), new NDList(toX, toY));
            assertEquals(1.25f, carrier.getFloat());
            collector.backward(carrier.mul(3));
        }
        assertClose("x", toX.mul(6), x.getGradient(), Agreement.FLOAT32);
        assertClose("y", toY.mul(3), y.getGradient(), Agreement.FLOAT32);
    }

    @Test
    void withGradients_ofOtherShapes_isRefused() {
        NDArray scalar = manager.create(1f);
        NDArray x = normal(manager, 1, 2, 3);
        NDArray y = normal(manager, 2, 4);
        assertEquals(
                "withGradients: a gradient must have its array's shape; got [(4), (2, 3)]",
                refused(() -> TorchOps.withGradients(scalar, new NDList(x), new NDList(y))));
        assertEquals(
                "2 arrays, but 1 gradients",
                refused(() -> TorchOps.withGradients(scalar, new NDList(x, y), new NDList(x))));
        assertEquals(
                "withGradients: the value must be a scalar; got [(4)]",
                refused(() -> TorchOps.withGradients(y, new NDList(x), new NDList(x))));
    }

    private static String refused(Executable call) {
        return assertThrows(IllegalArgumentException.class, call).getMessage();
    }
}
