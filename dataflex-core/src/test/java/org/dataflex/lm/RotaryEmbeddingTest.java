package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.dataflex.testing.NoLeaks;
import org.dataflex.torch.TorchOps;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class RotaryEmbeddingTest {

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    /** Turns the same head at every position: [numTokens, K]. */
    private NDArray turned(float[] head, double theta, long numTokens) {
        NDList turns = new RotaryEmbedding(head.length, theta, null).turns(manager, numTokens);
        NDArray x = manager.create(head).broadcast(1, 1, numTokens, head.length);
        return TorchOps.rotary(x, turns.get(0), turns.get(1)).reshape(numTokens, head.length);
    }

    @Test
    void turn_positionZero_isIdentity() {
        float[] head = {1.5f, -2, 0.25f, 3};
        assertArrayEquals(head, turned(head, 10_000, 1).toFloatArray(), 0);
    }

    @Test
    void turn_positionThree_turnsPairsOfHalvesByTheirAngles() {
        // Pair (0, 2) turns by 1 radian a position, pair (1, 3) by theta^(-1/2) = 0.1.
        float[] actual = turned(new float[] {1, 2, 5, 7}, 100, 4).get(3).toFloatArray();
        float[] expected = {
            (float) (1 * Math.cos(3) - 5 * Math.sin(3)),
            (float) (2 * Math.cos(0.3) - 7 * Math.sin(0.3)),
            (float) (5 * Math.cos(3) + 1 * Math.sin(3)),
            (float) (7 * Math.cos(0.3) + 2 * Math.sin(0.3))
        };
        assertArrayEquals(expected, actual, 2e-6f); // a few float32 ulps of 7
    }

    @Test
    void turn_queryAndKey_innerProductDependsOnTheirDistanceAlone() {
        int numTokens = 64;
        NDArray queries = turned(new float[] {1, -0.5f, 0.75f, 2}, 10_000, numTokens);
        NDArray keys = turned(new float[] {0.5f, 1, -1.25f, 0.25f}, 10_000, numTokens);
        NDArray scores = queries.matMul(keys.transpose());
        for (int distance = 0; distance < numTokens; distance++) {
            float first = scores.getFloat(distance, 0);
            for (int t = 1; t + distance < numTokens; t++) {
                // the angle's float32 rounding, 64 * 2^-24, times the norms, about 4
                assertEquals(first, scores.getFloat(t + distance, t), 3e-5f);
            }
        }
    }

    @Test
    void turns_ofPositions_areTheirRowsOfAllTurns() {
        RotaryEmbedding rotary = new RotaryEmbedding(6, 10_000, null);
        NDList all = rotary.turns(manager, 8);
        NDArray positions = manager.create(new float[] {7, 0, 3, 3}, new Shape(2, 1, 2, 1));
        NDList some = rotary.turns(positions);
        for (int i = 0; i < 2; i++) {
            assertEquals(new Shape(2, 1, 2, 6), some.get(i).getShape());
            NDArray rows = some.get(i).reshape(4, 6);
            long[] expected = {7, 0, 3, 3};
            for (int row = 0; row < expected.length; row++) {
                assertArrayEquals(
                        all.get(i).get(expected[row]).toFloatArray(),
                        rows.get(row).toFloatArray(),
                        0);
            }
        }
    }

    @Test
    void turns_anyLength_areThatLongAndAHeadWide() {
        NDList turns = new RotaryEmbedding(6, 10_000, null).turns(manager, 5);
        assertEquals(new Shape(5, 6), turns.get(0).getShape());
        assertEquals(new Shape(5, 6), turns.get(1).getShape());
    }
}
