package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.dataflex.model.Pooling;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class TokenPoolingTest {

    /** Three tokens of two features; the second sample has two real tokens. */
    private static final float[] STATES = {1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 99, 99};

    private static final float[] MASK = {1, 1, 1, 1, 1, 0};

    @Test
    void mean_isOverRealTokens() {
        assertArrayEquals(new float[] {3, 4, 20, 30}, pool(MASK, Pooling.MEAN), 1e-6f);
    }

    @Test
    void last_isTheLastRealToken() {
        assertArrayEquals(new float[] {5, 6, 30, 40}, pool(MASK, Pooling.LAST), 1e-6f);
    }

    @Test
    void positionWeighted_usesRanks() {
        assertArrayEquals(
                new float[] {22f / 6, 28f / 6, 70f / 3, 100f / 3},
                pool(MASK, Pooling.POSITION_WEIGHTED_MEAN),
                1e-5f);
    }

    @Test
    void positionWeighted_leftPadding_countsRealTokensOnly() {
        float[] leftPadded = {0, 1, 1, 1, 1, 1};
        float[] pooled = pool(leftPadded, Pooling.POSITION_WEIGHTED_MEAN);
        assertArrayEquals(
                new float[] {13f / 3, 16f / 3}, new float[] {pooled[0], pooled[1]}, 1e-5f);
    }

    @Test
    void noRealToken_isZero() {
        for (Pooling pooling : Pooling.values()) {
            float[] pooled = pool(new float[] {0, 0, 0, 1, 1, 1}, pooling);
            assertArrayEquals(new float[2], new float[] {pooled[0], pooled[1]}, pooling.toString());
        }
    }

    private static float[] pool(float[] mask, Pooling pooling) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray states = manager.create(STATES, new Shape(2, 3, 2));
            return TokenPooling.pool(states, manager.create(mask, new Shape(2, 3)), pooling)
                    .toFloatArray();
        }
    }
}
