package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class PaddedPromptsTest {

    private static final PaddedPrompts PROMPTS =
            new PaddedPrompts(List.of(new int[] {7}, new int[] {3, 1, 4}));

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void arePadded_onlyIfLengthsDiffer() {
        assertTrue(PROMPTS.arePadded());
        assertFalse(new PaddedPrompts(List.of(new int[] {1, 2}, new int[] {3, 4})).arePadded());
    }

    @Test
    void ids_shorterPrompt_isOnTheRight() {
        NDArray ids = PROMPTS.ids(manager);
        assertEquals(new Shape(2, 3), ids.getShape());
        assertArrayEquals(new long[] {0, 0, 7, 3, 1, 4}, ids.toLongArray());
    }

    @Test
    void mask_wider_isRealAfterThePrompts() {
        NDArray mask = PROMPTS.mask(manager, 4);
        assertEquals(new Shape(2, 4), mask.getShape());
        assertArrayEquals(new float[] {0, 0, 1, 1, 1, 1, 1, 1}, mask.toFloatArray());
    }

    @Test
    void positions_columns_countFromTheFirstRealToken() {
        NDArray all = PROMPTS.positions(manager, 0, 4);
        assertEquals(new Shape(2, 1, 4, 1), all.getShape());
        assertArrayEquals(new float[] {0, 0, 0, 1, 0, 1, 2, 3}, all.toFloatArray());
        NDArray one = PROMPTS.positions(manager, 5, 1);
        assertEquals(new Shape(2, 1, 1, 1), one.getShape());
        assertArrayEquals(new float[] {3, 5}, one.toFloatArray());
    }
}
