package org.dataflex.torch;

import static org.dataflex.torch.Agreement.asFloat;
import static org.dataflex.torch.Agreement.assertSame;
import static org.dataflex.torch.Agreement.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
class AttentionTest {

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @CsvSource({
        "2, 4, 4, 7, 7, true",
        "2, 4, 4, 7, 7, false",
        "1, 6, 2, 5, 5, true", // grouped keys
        "3, 4, 1, 33, 33, true", // one key head for all
        "2, 2, 2, 1, 1, true", // one token
        "1, 2, 1, 128, 128, true", // one block of queries
        "1, 2, 2, 300, 300, true", // three
        "1, 1, 1, 513, 513, true", // the fused kernel's
        "2, 4, 2, 1, 9, true", // one query after a key cache
        "2, 4, 2, 3, 9, true", // some queries after a key cache
        "2, 4, 2, 3, 9, false", // other keys than queries
        "1, 2, 2, 9, 3, true", // more queries than keys: the first see nothing
    })
    void attention_withoutMask_isTheComposition(
            long b, long h, long g, long t, long s, boolean causal) {
        NDArray none = null;
        assertSame(
                in -> TorchOps.attention(in.get(0), in.get(1), in.get(2), none, causal),
                in -> composed(in.get(0), in.get(1), in.get(2), none, causal),
                heads(b, h, g, t, s),
                Agreement.FLOAT32);
    }

    @Test
    void causalAttention_inBfloat16_isNearFloat32() {
        assertSame(
                in -> TorchOps.causalAttention(in.get(0), in.get(1), in.get(2), Precision.BFLOAT16),
                in -> TorchOps.attention(in.get(0), in.get(1), in.get(2), null, true),
                heads(2, 4, 2, 150, 150),
                2 * Agreement.BFLOAT16); // scores and probabilities are rounded too
    }

    @ParameterizedTest
    @CsvSource({"true, 4", "false, 4", "true, 1", "false, 2"})
    void attention_withPaddedSamples_isTheCompositionAndZerosWithoutKeys(boolean causal, long g) {
        NDArray mask = AttentionMasks.ofLengths(manager.create(new long[] {6, 3, 0, 1}), 6);
        assertEquals(new Shape(4, 1, 1, 6), mask.getShape());
        assertSame(
                in -> TorchOps.attention(in.get(0), in.get(1), in.get(2), mask, causal),
                in -> composed(in.get(0), in.get(1), in.get(2), mask, causal),
                heads(4, 4, g, 6, 6),
                Agreement.FLOAT32);
    }

    @Test
    void attention_withLeftPaddingAndCausal_givesPaddingZeros() {
        boolean[] real = {false, false, true, true, true, true, true, true};
        NDArray mask = manager.create(real, new Shape(2, 1, 1, 4));
        NDList in = heads(2, 2, 2, 4, 4);
        assertSame(
                x -> TorchOps.attention(x.get(0), x.get(1), x.get(2), mask, true),
                x -> composed(x.get(0), x.get(1), x.get(2), mask, true),
                in,
                Agreement.FLOAT32);
        NDArray out = TorchOps.attention(in.get(0), in.get(1), in.get(2), mask, true);
        assertEquals(0f, out.get("0, :, 0:2").abs().sum().getFloat());
        assertTrue(out.get("0, :, 2").abs().sum().getFloat() > 0);
    }

    @ParameterizedTest
    @CsvSource({"8, 8, 3", "8, 8, 1", "8, 8, 100", "2, 8, 3"})
    void slidingWindow_showsTheLastKeys(int t, int s, int window) {
        NDList in = heads(2, 2, 2, t, s);
        NDArray mask = AttentionMasks.slidingWindow(in.get(0), in.get(1), window);
        boolean[] expected = new boolean[t * s];
        for (int i = 0; i < t; i++) {
            for (int j = 0; j < s; j++) {
                int back = i + s - t - j;
                expected[i * s + j] = back >= 0 && back < window;
            }
        }
        assertArrayEquals(expected, mask.toBooleanArray());
        assertSame(
                x -> TorchOps.attention(x.get(0), x.get(1), x.get(2), mask, false),
                x -> composed(x.get(0), x.get(1), x.get(2), mask, false),
                in,
                Agreement.FLOAT32);
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void attention_withAddedScores_isTheCompositionAndZerosWhereAllAreHidden(boolean causal) {
        float[] scores = normal(manager, 5, 25).toFloatArray();
        for (int i = 10; i < 15; i++) {
            scores[i] = Float.NEGATIVE_INFINITY; // the third query sees nothing
        }
        scores[21] = Float.NEGATIVE_INFINITY;
        NDArray bias = manager.create(scores, new Shape(1, 1, 5, 5));
        NDArray seen = bias.gt(Float.NEGATIVE_INFINITY);
        NDArray finite = bias.maximum(-1e9f);
        assertSame(
                in -> TorchOps.attention(in.get(0), in.get(1), in.get(2), bias, causal),
                in -> composed(in.get(0), in.get(1), in.get(2), seen, finite, causal),
                heads(2, 2, 1, 5, 5),
                Agreement.FLOAT32);
    }

    @Test
    void attention_withTrainedScores_isTheComposition() {
        NDList in = heads(2, 2, 2, 5, 5);
        in.add(normal(manager, 6, 2, 5, 5));
        NDArray all = ones(in.head(), new Shape(5, 5));
        assertSame(
                x -> TorchOps.attention(x.get(0), x.get(1), x.get(2), x.get(3), true),
                x -> composed(x.get(0), x.get(1), x.get(2), all, x.get(3), true),
                in,
                Agreement.FLOAT32);
    }

    @Test
    void attention_ofViews_isThatOfTheirCopies() {
        NDList states =
                new NDList(
                        normal(manager, 1, 2, 5, 32),
                        normal(manager, 2, 2, 5, 16),
                        normal(manager, 3, 2, 5, 16));
        assertSame(
                in ->
                        TorchOps.attention(
                                split(in.get(0)), split(in.get(1)), split(in.get(2)), null, true),
                in -> composed(split(in.get(0)), split(in.get(1)), split(in.get(2)), null, true),
                states,
                Agreement.FLOAT32);
    }

    @Test
    void attention_ofOtherShapes_saysWhatTheyMustBe() {
        NDArray q = manager.zeros(new Shape(2, 3, 4, 8));
        NDArray k = manager.zeros(new Shape(2, 2, 4, 8));
        var groups =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> TorchOps.attention(q, k, k, null, true));
        assertEquals(
                "attention: H of q [B, H, T, K] must be a multiple of G of k [B, G, S, K];"
                        + " got [(2, 3, 4, 8), (2, 2, 4, 8)]",
                groups.getMessage());
        NDArray flat = manager.zeros(new Shape(2, 4, 8));
        assertThrows(
                IllegalArgumentException.class, () -> TorchOps.attention(flat, k, k, null, true));
    }

    private NDList heads(long b, long h, long g, long t, long s) {
        return new NDList(
                normal(manager, 1, b, h, t, 8),
                normal(manager, 2, b, g, s, 8),
                normal(manager, 3, b, g, s, 8));
    }

    /** [B, T, H * 8] as [B, H, T, 8], a view. */
    private static NDArray split(NDArray x) {
        long[] sizes = x.getShape().getShape();
        return x.reshape(sizes[0], sizes[1], sizes[2] / 8, 8).transpose(0, 2, 1, 3);
    }

    private static NDArray composed(NDArray q, NDArray k, NDArray v, NDArray mask, boolean causal) {
        Shape pairs = new Shape(q.getShape().get(2), k.getShape().get(2));
        NDArray seen = mask == null ? ones(q, pairs) : mask;
        NDArray bias = asFloat(seen).sub(1).mul(1e9f);
        return composed(q, k, v, seen, bias, causal);
    }

    private static NDArray composed(
            NDArray q, NDArray k, NDArray v, NDArray seen, NDArray bias, boolean causal) {
        int t = (int) q.getShape().get(2);
        int s = (int) k.getShape().get(2);
        NDArray visible = seen;
        NDArray added = bias;
        if (causal) {
            boolean[] before = new boolean[t * s];
            for (int i = 0; i < t; i++) {
                for (int j = 0; j < s; j++) {
                    before[i * s + j] = j <= i + s - t;
                }
            }
            NDArray lower = q.getManager().create(before, new Shape(t, s));
            visible = seen.logicalAnd(lower);
            added = bias.add(asFloat(lower).sub(1).mul(1e9f));
        }
        long repeats = q.getShape().get(1) / k.getShape().get(1);
        NDArray keys = k.repeat(1, repeats);
        NDArray scores = q.matMul(keys.transpose(0, 1, 3, 2)).div(Math.sqrt(8)).add(added);
        NDArray sees = asFloat(asFloat(visible).sum(new int[] {-1}, true).gt(0));
        return scores.softmax(-1).matMul(v.repeat(1, repeats)).mul(sees);
    }

    private static NDArray ones(NDArray like, Shape shape) {
        return like.getManager().ones(shape).toType(DataType.BOOLEAN, false);
    }
}
