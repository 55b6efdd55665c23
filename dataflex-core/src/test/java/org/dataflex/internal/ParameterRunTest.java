package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ParameterRunTest {

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void of_putsSmallNeighboursTogether_upToTheLongest() {
        long[] sizes = new long[24];
        Arrays.fill(sizes, 16_384); // 15 of them and 5 are 2^18 - 16379
        sizes[0] = 100;
        sizes[1] = 100;
        sizes[2] = 16_385; // not small
        sizes[3] = 5;
        assertEquals(
                List.of(
                        new ParameterRun(0, 2),
                        new ParameterRun(2, 3),
                        new ParameterRun(3, 19),
                        new ParameterRun(19, 24)),
                ParameterRun.of(sizes));
        assertEquals(List.of(new ParameterRun(0, 1)), ParameterRun.of(7));
    }

    @Test
    void joined_isSideBySide_orThePartItself() {
        NDArray a = manager.create(new float[] {1, 2, 3, 4}, new Shape(2, 2));
        NDArray b = manager.create(new float[] {5, 6}, new Shape(2, 1));
        NDList parts = new NDList(manager.ones(new Shape(1)), a, b);
        assertSame(a, new ParameterRun(1, 2).joined(parts::get));
        NDArray joined = new ParameterRun(1, 3).joined(parts::get);
        assertArrayEquals(new float[] {1, 2, 5, 3, 4, 6}, joined.toFloatArray());
    }
}
