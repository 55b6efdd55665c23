package org.dataflex.torch;

import static org.dataflex.math.Rejection.assertRejected;
import static org.dataflex.torch.Agreement.FLOAT32;
import static org.dataflex.torch.Agreement.assertSame;
import static org.dataflex.torch.Agreement.labels;
import static org.dataflex.torch.Agreement.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class TorchOpsTest {

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void rmsNorm_isTheComposition() {
        NDList in = new NDList(normal(manager, 1, 3, 5, 16), normal(manager, 2, 16));
        assertSame(
                x -> TorchOps.rmsNorm(x.get(0), x.get(1), 1e-5),
                x -> composedNorm(x.get(0), x.get(1)),
                in,
                FLOAT32);
        assertSame( // [B, D, T] seen as [B, T, D]: not contiguous
                x -> TorchOps.rmsNorm(x.get(0).transpose(0, 2, 1), x.get(1), 1e-5),
                x -> composedNorm(x.get(0).transpose(0, 2, 1), x.get(1)),
                new NDList(normal(manager, 1, 3, 16, 5), in.get(1)),
                FLOAT32);
    }

    @Test
    void rmsNorm_ofZeros_isZeroWithTheCompositionsGradient() {
        NDList in = new NDList(manager.zeros(new Shape(2, 4)), normal(manager, 2, 4));
        assertSame(
                x -> TorchOps.rmsNorm(x.get(0), x.get(1), 1e-5),
                x -> composedNorm(x.get(0), x.get(1)),
                in,
                FLOAT32);
    }

    @Test
    void rotary_isTheComposition() {
        NDArray angles = normal(manager, 2, 5, 4);
        NDArray cos = angles.cos().concat(angles.cos(), 1);
        NDArray sin = angles.sin().concat(angles.sin(), 1);
        assertSame(
                x -> TorchOps.rotary(x.get(0), x.get(1), x.get(2)),
                x -> composedRotary(x.get(0), x.get(1), x.get(2)),
                new NDList(normal(manager, 1, 2, 3, 5, 8), cos, sin),
                FLOAT32);
        assertSame( // [B, T, H, K] seen as [B, H, T, K]
                x -> TorchOps.rotary(x.get(0).transpose(0, 2, 1, 3), x.get(1), x.get(2)),
                x -> composedRotary(x.get(0).transpose(0, 2, 1, 3), x.get(1), x.get(2)),
                new NDList(normal(manager, 1, 2, 5, 3, 8), cos, sin),
                FLOAT32);
        assertThrows(
                IllegalArgumentException.class,
                () -> TorchOps.rotary(manager.ones(new Shape(2, 3)), cos, sin));
    }

    @Test
    void siluGate_isTheComposition() {
        assertSame(
                x -> TorchOps.siluGate(x.get(0), x.get(1)),
                x -> x.get(0).mul(Activation.sigmoid(x.get(0))).mul(x.get(1)),
                new NDList(normal(manager, 1, 2, 3, 7), normal(manager, 2, 2, 3, 7)),
                FLOAT32);
    }

    @Test
    void linear_isDjls() {
        NDList in =
                new NDList(
                        normal(manager, 1, 2, 3, 8),
                        normal(manager, 2, 5, 8),
                        normal(manager, 3, 5));
        assertSame(
                x -> TorchOps.linear(x.get(0), x.get(1), x.get(2), Precision.FLOAT32),
                x -> Linear.linear(x.get(0), x.get(1), x.get(2)).singletonOrThrow(),
                in,
                FLOAT32);
        assertSame(
                x -> TorchOps.linear(x.get(0), x.get(1), null, Precision.FLOAT32),
                x -> Linear.linear(x.get(0), x.get(1)).singletonOrThrow(),
                new NDList(in.get(0), in.get(1)),
                FLOAT32);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 64, 200}) // rows that are too few for oneDNN, and enough
    void linear_unrecorded_isThatOfARecordedOne(int rows) {
        NDArray x = normal(manager, 1, rows, 33);
        NDArray weight = normal(manager, 2, 50, 33);
        NDArray bias = normal(manager, 3, 50);
        NDArray recorded = Linear.linear(x, weight, bias).singletonOrThrow();
        NDArray unrecorded =
                GraphRecording.without(() -> TorchOps.linear(x, weight, bias, Precision.FLOAT32));
        Agreement.assertClose("product", recorded, unrecorded, FLOAT32);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6}) // rows of x below and above those of the weights together
    void linears_areLinearOfEach(int batch) {
        NDList in =
                new NDList(
                        normal(manager, 1, batch, 3, 8),
                        normal(manager, 2, 5, 8),
                        normal(manager, 3, 4, 8),
                        normal(manager, 4, 5),
                        normal(manager, 5, 4));
        assertSame(
                x -> weighed(linears(x.get(0), x.subNDList(1, 3), x.subNDList(3))),
                x ->
                        weighed(
                                Linear.linear(x.get(0), x.get(1), x.get(3)),
                                Linear.linear(x.get(0), x.get(2), x.get(4))),
                in,
                FLOAT32);
        assertSame( // a bias of the first only
                x -> weighed(linears(x.get(0), x.subNDList(1, 3), x.subNDList(3))),
                x ->
                        weighed(
                                Linear.linear(x.get(0), x.get(1), x.get(3)),
                                Linear.linear(x.get(0), x.get(2))),
                in.subNDList(0, 4),
                FLOAT32);
        assertSame(
                x -> weighed(linears(x.get(0), x.subNDList(1), new NDList())),
                x -> weighed(Linear.linear(x.get(0), x.get(1)), Linear.linear(x.get(0), x.get(2))),
                in.subNDList(0, 3),
                FLOAT32);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void linears_ofFrozenAndTrainedWeights_areLinearOfEach(int batch) {
        NDArray frozen = normal(manager, 1, 5, 8);
        NDList bias = new NDList(normal(manager, 2, 5));
        NDList in =
                new NDList(
                        normal(manager, 3, batch, 3, 8),
                        normal(manager, 4, 4, 8),
                        normal(manager, 5, 2, 8));
        assertSame(
                x -> weighed(linears(x.get(0), new NDList(frozen, x.get(1), x.get(2)), bias)),
                x ->
                        weighed(
                                Linear.linear(x.get(0), frozen, bias.head()),
                                Linear.linear(x.get(0), x.get(1)),
                                Linear.linear(x.get(0), x.get(2))),
                in,
                FLOAT32);
    }

    private static NDList linears(NDArray x, NDList weights, NDList biases) {
        return TorchOps.linears(x, weights, biases, Precision.FLOAT32, Precision.FLOAT32);
    }

    /** A sum to which every product contributes in its own way. */
    private static NDArray weighed(NDList... products) {
        NDArray sum = null;
        for (NDList some : products) {
            for (NDArray product : some) {
                NDArray part = product.square().sum();
                sum = sum == null ? part : sum.mul(sum).add(part);
            }
        }
        return sum;
    }

    @Test
    void plusLinear_isTheSum_alsoOfParts() {
        NDList in =
                new NDList(
                        normal(manager, 1, 2, 3, 9),
                        normal(manager, 2, 2, 3, 8),
                        normal(manager, 3, 5, 8));
        assertSame(
                x -> TorchOps.plusLinear(x.get(0).get("..., 4:"), x.get(1), x.get(2)),
                x ->
                        x.get(0)
                                .get("..., 4:")
                                .add(Linear.linear(x.get(1), x.get(2)).singletonOrThrow()),
                in,
                FLOAT32);
    }

    @Test
    void addLinear_isPlusLinear_inYsMemory() {
        NDArray y = normal(manager, 1, 2, 3, 9);
        NDArray x = normal(manager, 2, 2, 3, 8);
        NDArray weight = normal(manager, 3, 5, 8);
        NDArray part = y.duplicate().get("..., 4:");
        NDArray expected = TorchOps.plusLinear(part, x, weight);
        NDArray sum = TorchOps.addLinear(part, x, weight);
        assertEquals(expected, sum);
        assertEquals(expected, part);
    }

    @Test
    void plusLinear_toAnotherShape_isRefused() {
        NDArray x = manager.ones(new Shape(2, 3));
        NDArray weight = manager.ones(new Shape(4, 3));
        assertRejected(
                "addLinear: y must be of the product's shape (2, 4); got [(2, 3)]",
                () -> TorchOps.addLinear(x, x, weight));
        assertRejected(
                "plusLinear: y must be of the product's shape (2, 4); got [(2, 3)]",
                () -> TorchOps.plusLinear(x, x, weight));
    }

    @Test
    void linears_withTooManyBiases_areRefused() {
        NDList weights = new NDList(manager.ones(new Shape(4, 3)));
        NDArray x = manager.ones(new Shape(2, 3));
        NDList biases = new NDList(manager.ones(new Shape(4)), manager.ones(new Shape(2)));
        assertRejected("1 weights, but 2 biases", () -> linears(x, weights, biases));
    }

    @Test
    void linear_ofOtherShapes_saysWhatTheyMustBe() {
        NDArray x = manager.ones(new Shape(2, 3));
        NDArray weight = manager.ones(new Shape(4, 3));
        assertRejected(
                "linear: weight must be [F, D] and bias [F]; got [(4, 3), (2, 3)]",
                () -> TorchOps.linear(x, weight, x, Precision.FLOAT32));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 50}) // one class: the loss is 0
    void crossEntropyPerToken_isTheComposition(int numClasses) {
        NDArray y = labels(manager, 3, 12, numClasses);
        assertSame(
                x -> TorchOps.crossEntropyPerToken(x.get(0), y, -100),
                x -> composedLoss(x.get(0), y),
                new NDList(normal(manager, 1, 12, numClasses)),
                FLOAT32);
    }

    @Test
    void crossEntropyPerToken_ofIgnoredTokens_isZeroWithoutGradient() {
        NDArray y = manager.create(new int[] {-100, 2, -100, 0});
        NDArray kept = manager.create(new float[] {0, 1, 0, 1});
        NDArray clamped = y.maximum(0).toType(DataType.INT64, false);
        assertSame(
                x -> TorchOps.crossEntropyPerToken(x.get(0), y, -100),
                x -> composedLoss(x.get(0), clamped).mul(kept),
                new NDList(normal(manager, 1, 4, 3)),
                FLOAT32);
        NDArray all = manager.full(new Shape(4), -100).toType(DataType.INT64, false);
        NDArray losses = TorchOps.crossEntropyPerToken(normal(manager, 1, 4, 3), all, -100);
        assertArrayEquals(new float[4], losses.toFloatArray());
    }

    @Test
    void crossEntropyPerToken_ofNoTokens_isEmpty() {
        NDArray logits = manager.zeros(new Shape(0, 3));
        NDArray none = manager.zeros(new Shape(0), DataType.INT64);
        assertEquals(new Shape(0), TorchOps.crossEntropyPerToken(logits, none, -100).getShape());
    }

    private static NDArray composedNorm(NDArray x, NDArray weight) {
        NDArray meanSquare = x.square().mean(new int[] {-1}, true);
        return x.mul(meanSquare.add(1e-5).pow(-0.5)).mul(weight);
    }

    private static NDArray composedRotary(NDArray x, NDArray cos, NDArray sin) {
        NDList halves = x.split(2, 3);
        NDArray rotated = halves.get(1).neg().concat(halves.get(0), 3);
        return x.mul(cos).add(rotated.mul(sin));
    }

    private static NDArray composedLoss(NDArray logits, NDArray labels) {
        return logits.logSoftmax(-1).gather(labels.expandDims(1), 1).neg().squeeze(1);
    }
}
