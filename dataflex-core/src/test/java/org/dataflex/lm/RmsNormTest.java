package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class RmsNormTest {

    private static float[] norm(float[] x, double eps) {
        try (NDManager manager = NDManager.newBaseManager()) {
            RmsNorm norm = new RmsNorm("norm", x.length, eps);
            norm.getDirectParameters()
                    .get("norm.weight")
                    .setInitializer((m, shape, type) -> m.create(new float[] {1, 2}));
            norm.initialize(manager, DataType.FLOAT32, new Shape(1, 1, x.length));
            NDArray input = manager.create(x, new Shape(1, 1, x.length));
            return norm.forward(new ParameterStore(manager, false), new NDList(input), false)
                    .singletonOrThrow()
                    .toFloatArray();
        }
    }

    @Test
    void forward_twoFeatures_isEquation4() {
        // mean(1, 49) + 11 = 36
        float[] expected = {1 / 6f, 2 * 7 / 6f};
        assertArrayEquals(expected, norm(new float[] {1, 7}, 11), 1e-6f); // a few float32 ulps
    }

    @Test
    void forward_zeros_areZeros() {
        assertArrayEquals(new float[2], norm(new float[2], 1e-6), 0);
    }
}
