package org.dataflex.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.sun.jna.Pointer;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class DataPointersTest {

    @Test
    void of_leadsToTheNumbers_forReadingAndWriting() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = manager.create(new float[] {1, 2, 3});
            Pointer address = new Pointer(DataPointers.of(array));
            assertArrayEquals(new float[] {1, 2, 3}, address.getFloatArray(0, 3));
            address.setFloat(4, 5);
            assertEquals(5f, array.getFloat(1));
            long second = DataPointers.of(array.get("1:"));
            assertEquals(Pointer.nativeValue(address) + Float.BYTES, second);
        }
    }
}
