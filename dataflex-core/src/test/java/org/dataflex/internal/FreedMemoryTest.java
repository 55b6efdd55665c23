package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class FreedMemoryTest {

    @Test
    void giveBack_whateverTheCLibrary_doesNotFail() {
        assertDoesNotThrow(FreedMemory::giveBack);
        assertDoesNotThrow(FreedMemory::giveBack, "twice");
    }

    @Test
    void giveBack_arraysInUse_keepTheirValues() {
        try (NDManager manager = NDManager.newBaseManager();
                NDArray kept = manager.arange(10_000f)) {
            float[] before = kept.toFloatArray();
            manager.zeros(kept.getShape()).close();
            FreedMemory.giveBack();
            assertArrayEquals(before, kept.toFloatArray());
        }
    }

    @Test
    void afterBatch_manyBatches_doesNotFail() {
        assertDoesNotThrow(
                () -> {
                    for (int i = 0; i < 200; i++) {
                        FreedMemory.afterBatch();
                    }
                });
    }
}
