package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class SeededNormalTest {

    @Test
    void initialize_bothTypes_drawsInOrderIntoMemoryThatLasts() throws InterruptedException {
        try (NDManager manager = NDManager.newBaseManager()) {
            SeededNormal normal = new SeededNormal(0.5, 3);
            List<NDArray> singles = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                singles.add(normal.initialize(manager, new Shape(2, 3), DataType.FLOAT32));
            }
            NDArray twice = normal.initialize(manager, new Shape(2, 3), DataType.FLOAT64);
            TinyLm.overwriteFreedJavaMemory();
            SplittableRandom random = new SplittableRandom(3);
            float[] floats = new float[6];
            double[] doubles = new double[6];
            for (int i = 0; i < 6; i++) {
                floats[i] = (float) random.nextGaussian(0, 0.5);
                doubles[i] = floats[i];
            }
            for (NDArray single : singles) {
                assertArrayEquals(floats, single.toFloatArray(), 0);
            }
            assertArrayEquals(doubles, twice.toDoubleArray(), 0);
        }
    }
}
