package org.dataflex.torch;

import static org.dataflex.torch.Agreement.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.training.GradientCollector;
import ai.djl.util.passthrough.PassthroughNDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class OperatorCallTest {

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void result_belongsToTheFirstOperandsManager_andNothingElseIsLeft() {
        NDArray weight = normal(manager, 1, 8);
        manager.cap();
        int before = NoLeaks.arrays();
        try (NDManager scope = manager.newSubManager()) {
            NDArray x = normal(scope, 2, 3, 8);
            NDArray y = TorchOps.rmsNorm(x, weight, 1e-6);
            assertEquals(scope, y.getManager());
            assertEquals(before + 2, NoLeaks.arrays());
        }
        assertEquals(before, NoLeaks.arrays());
    }

    @Test
    void operands_keepTheirNames_evenThoseDjlWouldMisread() {
        NDArray x = normal(manager, 1, 3, 8);
        NDArray weight = normal(manager, 2, 8);
        x.setName("inputs[]");
        weight.setName("model.layers.0.input_layernorm.weight");
        NDArray y = TorchOps.rmsNorm(x, weight, 1e-6);
        assertEquals("inputs[]", x.getName());
        assertEquals("model.layers.0.input_layernorm.weight", weight.getName());
        assertEquals(manager, weight.getManager());
        assertNull(y.getName());
    }

    @Test
    void scope_closesResultsButNotOperands() {
        NDArray x = normal(manager, 1, 3, 8);
        NDArray y;
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            y = TorchOps.siluGate(x, x);
        }
        assertTrue(y.isReleased());
        assertFalse(x.isReleased());
        assertTrue(Float.isFinite(x.sum().getFloat()));
    }

    @Test
    void graph_isRecordedInsideACollectorOnly() {
        NDArray x = normal(manager, 1, 4);
        x.setRequiresGradient(true);
        NDArray before = TorchOps.siluGate(x, x);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            assertThrows(EngineException.class, () -> collector.backward(before));
            collector.backward(TorchOps.siluGate(x, x));
        }
        assertTrue(x.getGradient().abs().sum().getFloat() > 0);
    }

    @Test
    void without_recordsNothingAndThenGoesOn() {
        NDArray x = normal(manager, 1, 4);
        x.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray silent = GraphRecording.without(() -> x.mul(2));
            assertThrows(EngineException.class, () -> collector.backward(silent));
            assertThrows(
                    IllegalStateException.class,
                    () ->
                            GraphRecording.without(
                                    () -> {
                                        throw new IllegalStateException();
                                    }));
            collector.backward(x.mul(3));
        }
        assertArrayEquals(new float[] {3, 3, 3, 3}, x.getGradient().toFloatArray());
    }

    @Test
    void calls_fromFourThreads_giveWhatOneThreadGives() throws Exception {
        NDArray weight = normal(manager, 1, 16);
        float[] expected = forward(weight, 7);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                calls.add(() -> repeat(weight, expected));
            }
            for (Future<Boolean> call : threads.invokeAll(calls)) {
                assertTrue(call.get());
            }
        } finally {
            threads.shutdown();
        }
        assertEquals(1, manager.getManagedArrays().size());
    }

    @Test
    void source_withAnUnknownOperator_namesItAndTheVersion() {
        String source =
                String.join(
                        "\n",
                        "class Ops(Module):",
                        "  def f(self, x: Tensor) -> Tensor:",
                        "    return torch.not_there_yet(x)",
                        "");
        var e =
                assertThrows(
                        UnsupportedEngineException.class,
                        () -> OperatorModule.load((PtNDManager) manager, source));
        String version = Engine.getEngine("PyTorch").getVersion();
        assertEquals("PyTorch " + version + " has no operator aten::not_there_yet", e.getMessage());
    }

    @Test
    void source_withoutOneDnn_loadsAndMultiplies() {
        PtNDManager owner = (PtNDManager) manager;
        String source = OperatorModule.source("ops.py") + OperatorModule.source("product.py");
        PtSymbolBlock plain = OperatorModule.load(owner, source);
        NDArray x = normal(manager, 1, 70, 8);
        NDArray weight = normal(manager, 2, 5, 8);
        OperatorCall call = OperatorCall.of(plain, "linear", manager).with(x).with(weight);
        NDArray product = call.with(Precision.FLOAT32).with(Precision.FLOAT32).array();
        assertArrayEquals(
                x.matMul(weight.transpose()).toFloatArray(), product.toFloatArray(), 1e-5f);
        plain.close();
    }

    @Test
    void source_withOtherArguments_saysWhatPyTorchSays() {
        String source =
                "class Ops(Module):\n"
                        + "  def f(self, x: Tensor) -> Tensor:\n"
                        + "    return torch.neg(x, 1)\n";
        var e =
                assertThrows(
                        UnsupportedEngineException.class,
                        () -> OperatorModule.load((PtNDManager) manager, source));
        assertTrue(e.getMessage().contains("aten::neg(Tensor self) -> Tensor"), e.getMessage());
    }

    @Test
    void array_ofAnotherEngine_isRefusedByName() {
        NDArray other = new PassthroughNDArray("no tensor");
        NDArray x = normal(manager, 1, 4);
        var first =
                assertThrows(
                        UnsupportedEngineException.class,
                        () -> OperatorCall.of("add", other.getManager()));
        assertEquals(
                "add needs the engine PyTorch; the array's engine is none", first.getMessage());
        assertThrows(
                UnsupportedEngineException.class,
                () -> OptimizerOps.globalNorm(manager, new NDList(x, other)));
        assertThrows(UnsupportedEngineException.class, () -> DataPointers.of(other));
    }

    private static boolean repeat(NDArray weight, float[] expected) {
        for (int i = 0; i < 200; i++) {
            assertArrayEquals(expected, forward(weight, 7));
        }
        return true;
    }

    private static float[] forward(NDArray weight, long seed) {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray x = normal(scope, seed, 2, 5, 16);
            NDArray normed = TorchOps.rmsNorm(x, weight, 1e-6);
            NDArray heads = normed.reshape(2, 5, 2, 8).transpose(0, 2, 1, 3);
            NDArray seen = TorchOps.attention(heads, heads, heads, null, true);
            return TorchOps.siluGate(seen, heads).toFloatArray();
        }
    }
}
