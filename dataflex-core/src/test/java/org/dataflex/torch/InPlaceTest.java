package org.dataflex.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class InPlaceTest {

    @Test
    void zero_keepsTheMemory_andClearsNaN() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = manager.ones(new Shape(2, 3)).mul(Float.NaN);
            long address = DataPointers.of(array);
            InPlace.zero(array);
            assertArrayEquals(new float[6], array.toFloatArray());
            assertEquals(address, DataPointers.of(array));
        }
    }

    @Test
    void copy_keepsTheMemory_ofAParameterOnAnyThread() throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = manager.zeros(new Shape(2, 2));
            array.setRequiresGradient(true);
            NDArray source = manager.create(new float[] {1, 2, 3, 4}, new Shape(2, 2));
            long address = DataPointers.of(array);
            Throwable[] failure = new Throwable[1];
            Thread other = new Thread(() -> InPlace.copy(source, array));
            other.setUncaughtExceptionHandler((thread, thrown) -> failure[0] = thrown);
            other.start();
            other.join();
            assertEquals(null, failure[0]);
            assertArrayEquals(new float[] {1, 2, 3, 4}, array.toFloatArray());
            assertEquals(address, DataPointers.of(array));
        }
    }

    @Test
    void scalars_haveNoAxis_andWork() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray scalar = manager.full(new Shape(), 7f);
            InPlace.copy(manager.create(3f), scalar);
            assertEquals(3f, scalar.getFloat());
            InPlace.zero(scalar);
            assertEquals(0f, scalar.getFloat());
        }
    }
}
