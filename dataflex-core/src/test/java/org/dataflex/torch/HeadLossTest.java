package org.dataflex.torch;

import static org.dataflex.torch.Agreement.assertClose;
import static org.dataflex.torch.Agreement.assertSame;
import static org.dataflex.torch.Agreement.labels;
import static org.dataflex.torch.Agreement.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
class HeadLossTest {

    private static final long IGNORED = -100;

    private final NDManager manager = NDManager.newBaseManager();
    private NDArray labels;
    private NDArray tokenWeights;
    private NDList model;

    @BeforeEach
    void makeTokens() {
        long[] y = labels(manager, 3, 13, 17).toLongArray();
        y[0] = IGNORED;
        y[6] = IGNORED;
        labels = manager.create(y);
        tokenWeights = normal(manager, 4, 13);
        model = new NDList(normal(manager, 1, 13, 8), normal(manager, 2, 17, 8));
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @CsvSource({"1", "4", "13", "100"}) // one token a chunk, a short last chunk, one chunk
    void weigh_hasTheValueAndGradientsOfAllLogits(int chunk) {
        HeadLoss head = new HeadLoss(chunk, IGNORED, Precision.FLOAT32);
        assertSame(
                x -> head.weigh(x.get(0), x.get(1), labels, tokenWeights).objective().mul(3),
                x -> composed(x.get(0), x.get(1)).mul(tokenWeights).sum().mul(3),
                model,
                Agreement.FLOAT32);
    }

    @ParameterizedTest
    @CsvSource({"4", "13"}) // recomputed, kept
    void weigh_afterForward_isThatOfOneCall(int chunk) {
        HeadLoss head = new HeadLoss(chunk, IGNORED, Precision.FLOAT32);
        assertSame(
                x -> {
                    HeadLoss.Forward forward = head.forward(x.get(0), x.get(1), labels);
                    return head.weigh(forward, x.get(0), x.get(1), labels, tokenWeights)
                            .objective();
                },
                x -> head.weigh(x.get(0), x.get(1), labels, tokenWeights).objective(),
                model,
                Agreement.FLOAT32);
        NDArray perToken = head.forward(model.get(0), model.get(1), labels).perToken();
        assertClose("losses", head.perToken(model.get(0), model.get(1), labels), perToken, 0);
    }

    @Test
    void weigh_ofViews_isThatOfTheirCopies() {
        HeadLoss head = new HeadLoss(4, IGNORED, Precision.FLOAT32);
        assertSame(
                x -> head.weigh(flip(x.get(0)), flip(x.get(1)), labels, tokenWeights).objective(),
                x -> composed(flip(x.get(0)), flip(x.get(1))).mul(tokenWeights).sum(),
                new NDList(normal(manager, 1, 8, 13), normal(manager, 2, 8, 17)),
                Agreement.FLOAT32);
    }

    @ParameterizedTest
    @CsvSource({"4, FLOAT32", "100, FLOAT32", "4, BFLOAT16"})
    void perToken_isThatOfAllLogits(int chunk, Precision precision) {
        HeadLoss head = new HeadLoss(chunk, IGNORED, precision);
        double tolerance = precision == Precision.FLOAT32 ? Agreement.FLOAT32 : Agreement.BFLOAT16;
        NDArray expected = composed(model.get(0), model.get(1));
        NDArray alone = head.perToken(model.get(0), model.get(1), labels);
        assertClose("alone", expected, alone, tolerance);
        var weighted = head.weigh(model.get(0), model.get(1), labels, tokenWeights);
        assertClose("with gradients", expected, weighted.perToken(), tolerance);
    }

    @Test
    void weigh_inBfloat16_isNearAllLogits() {
        HeadLoss head = new HeadLoss(4, IGNORED, Precision.BFLOAT16);
        assertSame(
                x -> head.weigh(x.get(0), x.get(1), labels, tokenWeights).objective(),
                x -> composed(x.get(0), x.get(1)).mul(tokenWeights).sum(),
                model,
                Agreement.BFLOAT16);
    }

    @Test
    void gradients_ofAFrozenHead_leaveItsOut() {
        HeadLoss head = new HeadLoss(4, IGNORED, Precision.FLOAT32);
        NDArray frozen = model.get(1);
        assertNull(head.gradients(model.get(0), frozen, labels, tokenWeights).weight());
        assertSame(
                x -> head.weigh(x.get(0), frozen, labels, tokenWeights).objective(),
                x -> composed(x.get(0), frozen).mul(tokenWeights).sum(),
                new NDList(model.get(0)),
                Agreement.FLOAT32);
    }

    @Test
    void gradients_ofAComputedHead_reachWhatItWasComputedFrom() {
        HeadLoss head = new HeadLoss(4, IGNORED, Precision.FLOAT32);
        assertSame( // as a head with an adapter is
                x -> head.weigh(x.get(0), x.get(1).mul(2), labels, tokenWeights).objective(),
                x -> composed(x.get(0), x.get(1).mul(2)).mul(tokenWeights).sum(),
                model,
                Agreement.FLOAT32);
    }

    @Test
    void perTokenAndGradients_insideACollector_recordNothing() {
        HeadLoss head = new HeadLoss(4, IGNORED, Precision.FLOAT32);
        NDArray weight = model.get(1);
        weight.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray losses = head.perToken(model.get(0), weight, labels).sum();
            assertThrows(EngineException.class, () -> collector.backward(losses));
            var gradients = head.gradients(model.get(0), weight, labels, tokenWeights);
            NDArray sum = gradients.weight().sum();
            assertThrows(EngineException.class, () -> collector.backward(sum));
            collector.backward(weight.mul(2).sum()); // recording goes on afterwards
        }
        assertEquals(2f, weight.getGradient().getFloat(0, 0));
    }

    @Test
    void weigh_ofIgnoredTokensOnly_isZeroWithZeroGradients() {
        NDArray none = manager.create(new long[] {IGNORED, IGNORED});
        NDArray ones = manager.ones(new Shape(2));
        HeadLoss head = new HeadLoss(4, IGNORED, Precision.FLOAT32);
        NDList in = new NDList(normal(manager, 1, 2, 8), model.get(1));
        try (NDManager scope = manager.newSubManager()) {
            var outcome =
                    Agreement.differentiate(
                            scope, in, x -> head.weigh(x.get(0), x.get(1), none, ones).objective());
            assertEquals(0f, outcome.value().getFloat());
            outcome.gradients().forEach(g -> assertEquals(0f, g.abs().sum().getFloat()));
        }
    }

    @Test
    void weigh_overOneClass_isZero() {
        NDArray y = manager.zeros(new Shape(3), DataType.INT64);
        HeadLoss head = new HeadLoss(2, IGNORED, Precision.FLOAT32);
        var loss =
                head.weigh(
                        normal(manager, 1, 3, 8),
                        normal(manager, 2, 1, 8),
                        y,
                        manager.ones(new Shape(3)));
        assertArrayEquals(new float[3], loss.perToken().abs().toFloatArray());
    }

    @Test
    void results_belongToTheHiddenStatesManager() {
        HeadLoss head = new HeadLoss(4, IGNORED, Precision.FLOAT32);
        NDArray weight = model.get(1);
        weight.setRequiresGradient(true);
        try (NDManager scope = manager.newSubManager()) {
            NDArray hidden = normal(scope, 1, 13, 8);
            int before = manager.getManagedArrays().size() - scope.getManagedArrays().size();
            var weighted = head.weigh(hidden, weight, labels, tokenWeights);
            assertEquals(scope, weighted.objective().getManager());
            assertEquals(scope, weighted.perToken().getManager());
            assertEquals(3, scope.getManagedArrays().size()); // and the hidden states
            assertEquals(
                    before, manager.getManagedArrays().size() - scope.getManagedArrays().size());
        }
    }

    @Test
    void headLoss_ofOtherShapes_saysWhatTheyMustBe() {
        HeadLoss head = new HeadLoss(4, IGNORED, Precision.FLOAT32);
        NDArray few = manager.zeros(new Shape(3));
        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> head.perToken(model.get(0), model.get(1), few));
        assertEquals(
                "head loss: hidden must be [N, D], weight [V, D] and labels [N];"
                        + " got [(13, 8), (17, 8), (3)]",
                e.getMessage());
        assertThrows(
                IllegalArgumentException.class, () -> new HeadLoss(0, IGNORED, Precision.FLOAT32));
    }

    private static NDArray flip(NDArray matrix) {
        return matrix.transpose(1, 0);
    }

    private NDArray composed(NDArray hidden, NDArray weight) {
        NDArray logits = hidden.matMul(weight.transpose(1, 0));
        return TorchOps.crossEntropyPerToken(logits, labels, IGNORED);
    }
}
