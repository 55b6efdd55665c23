package org.dataflex.torch;

import static org.dataflex.math.Rejection.assertRejected;
import static org.dataflex.torch.Agreement.BFLOAT16;
import static org.dataflex.torch.Agreement.FLOAT32;
import static org.dataflex.torch.Agreement.assertClose;
import static org.dataflex.torch.Agreement.assertSame;
import static org.dataflex.torch.Agreement.normal;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds each way back against autograd's. */
@ExtendWith(NoLeaks.class)
class BackwardOpsTest {

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    /** The probe is what {@link Agreement#differentiate} takes for the result's gradient. */
    private void assertWayBack(
            Function<NDList, NDArray> forward,
            BiFunction<NDArray, NDList, NDList> backward,
            NDList in,
            double tolerance) {
        Agreement.Outcome expected = Agreement.differentiate(manager, in, forward);
        NDArray d = normal(manager, 99, expected.value().getShape());
        NDList actual = backward.apply(d, in);
        for (int i = 0; i < actual.size(); i++) {
            NDArray e = expected.gradients().get(i);
            assertEquals(e.getShape(), actual.get(i).getShape());
            assertClose("gradient " + i, e, actual.get(i), tolerance);
        }
    }

    private static NDList weights(NDList in) {
        return in.subNDList(1);
    }

    @ParameterizedTest
    @CsvSource({"3, 5", "40, 9", "500, 7"})
    void linears_areAutograds(int rows, int features) {
        NDList in =
                new NDList(
                        normal(manager, 1, 2, rows, features),
                        normal(manager, 2, 6, features),
                        normal(manager, 3, 11, features));
        assertWayBack(
                x -> {
                    NDList ys =
                            TorchOps.linears(
                                    x.head(),
                                    weights(x),
                                    new NDList(),
                                    Precision.FLOAT32,
                                    Precision.FLOAT32);
                    return ys.get(0).concat(ys.get(1), -1);
                },
                (d, x) -> {
                    NDList ds = new NDList(d.get("..., :6"), d.get("..., 6:"));
                    return new NDList(BackwardOps.linears(ds, weights(x), x.head()));
                },
                in,
                FLOAT32);
    }

    @Test
    void rmsNorm_isAutograds_alsoNearAndAtZero() {
        NDArray x = normal(manager, 1, 3, 5, 16);
        x.set(new NDIndex("0, 0"), 0f);
        x.set(new NDIndex("1, 2"), 1e-4f);
        assertWayBack(
                in -> TorchOps.rmsNorm(in.get(0), in.get(1), 1e-5),
                (d, in) -> new NDList(BackwardOps.rmsNorm(d, in.get(0), in.get(1), 1e-5)),
                new NDList(x, normal(manager, 2, 16)),
                FLOAT32);
    }

    @Test
    void siluGate_isAutograds() {
        assertWayBack(
                in -> TorchOps.siluGate(in.get(0), in.get(1)),
                (d, in) -> BackwardOps.siluGate(d, in.get(0), in.get(1)),
                new NDList(normal(manager, 1, 4, 7), normal(manager, 2, 4, 7)),
                FLOAT32);
    }

    @Test
    void rounded_isInTheTypeOfWhatWasRounded() {
        NDArray x = normal(manager, 1, 4, 7);
        NDArray d = normal(manager, 2, 4, 7);
        NDArray narrow = TorchOps.rounded(x, Precision.BFLOAT16);
        NDArray back = BackwardOps.rounded(BackwardOps.rounded(d, narrow), x);
        assertEquals(DataType.FLOAT32, back.getDataType());
        assertClose("gradient", d, back, BFLOAT16);
    }

    @Test
    void gradientsOfAnotherShape_areRefused() {
        NDArray x = manager.ones(new Shape(2, 3));
        NDArray d = manager.ones(new Shape(3, 2));
        String wrong = ": a gradient must have its array's shape; got [(3, 2), (2, 3)]";
        assertRejected(
                "rmsNorm" + wrong,
                () -> BackwardOps.rmsNorm(d, x, manager.ones(new Shape(3)), 1e-5));
        assertRejected("siluGate" + wrong, () -> BackwardOps.siluGate(d, x, x));
        assertRejected("rounded" + wrong, () -> BackwardOps.rounded(d, x));
    }

    /** Texts within one block of queries and over several, with shared heads and without. */
    @ParameterizedTest
    @CsvSource({"1, 4, 4", "9, 4, 2", "128, 2, 1", "129, 2, 2", "300, 4, 1"})
    void turnedAttention_isTheCompositionsValue_andAutogradsGradient(
            int tokens, int heads, int keyHeads) {
        int size = 8;
        NDArray angles = normal(manager, 5, tokens, size / 2).tile(new long[] {1, 2});
        NDArray cos = angles.cos();
        NDArray sin = angles.sin();
        NDList in =
                new NDList(
                        normal(manager, 1, 2, tokens, heads * size),
                        normal(manager, 2, 2, tokens, keyHeads * size),
                        normal(manager, 3, 2, tokens, keyHeads * size));
        TurnedAttention attention = new TurnedAttention(cos, sin, size);
        Function<NDList, NDArray> composed =
                x -> {
                    NDArray q = TorchOps.rotary(heads(x.get(0), size), cos, sin);
                    NDArray k = TorchOps.rotary(heads(x.get(1), size), cos, sin);
                    NDArray v = heads(x.get(2), size);
                    NDArray seen = TorchOps.attention(q, k, v, null, true);
                    return seen.transpose(0, 2, 1, 3).reshape(2, tokens, -1);
                };
        NDArray value = GraphRecording.without(() -> attention.forward(in));
        assertClose("value", composed.apply(in), value, FLOAT32);
        assertWayBack(composed, (d, x) -> attention.backward(d), in, FLOAT32);
        assertSame( // recorded by autograd, as in training
                x -> new TurnedAttention(cos, sin, size).forward(x), composed, in, FLOAT32);
    }

    private static NDArray heads(NDArray x, int size) {
        Shape shape = x.getShape();
        return x.reshape(shape.get(0), shape.get(1), -1, size).transpose(0, 2, 1, 3);
    }

    @Test
    void turnedAttention_ofOtherHeads_isRefused() {
        NDArray turns = manager.ones(new Shape(3, 4));
        NDArray q = manager.ones(new Shape(2, 3, 12));
        NDArray k = manager.ones(new Shape(2, 3, 8));
        assertRejected(
                "attention: q must be [B, T, H * K], k and v [B, T, G * K] with K of 4;"
                        + " got [(2, 3, 12), (2, 3, 8), (2, 3, 8)]",
                () -> new TurnedAttention(turns, turns, 4).forward(new NDList(q, k, k)));
    }
}
