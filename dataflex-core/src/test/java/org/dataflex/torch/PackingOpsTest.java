package org.dataflex.torch;

import static org.dataflex.torch.Agreement.FLOAT32;
import static org.dataflex.torch.Agreement.assertSame;
import static org.dataflex.torch.Agreement.normal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class PackingOpsTest {

    private static final int[] LENGTHS = {3, 5, 0, 1};

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void pack_isTheSamplesTokensOneAfterTheOther() {
        assertSame(
                x -> PackingOps.pack(x.get(0), LENGTHS),
                x -> joined(x.get(0)).expandDims(0),
                new NDList(normal(manager, 1, 4, 5, 2)),
                FLOAT32);
    }

    private static NDArray joined(NDArray x) {
        NDList samples = new NDList();
        for (int b = 0; b < LENGTHS.length; b++) {
            samples.add(x.get(new NDIndex(b + ", :" + LENGTHS[b])));
        }
        return NDArrays.concat(samples);
    }

    @Test
    void unpack_isEachSampleAndZeros() {
        assertSame(
                x -> PackingOps.unpack(x.get(0), LENGTHS, 5),
                x -> rows(x.get(0).squeeze(0)),
                new NDList(normal(manager, 1, 1, 9, 2)),
                FLOAT32);
    }

    private static NDArray rows(NDArray x) {
        NDList parts = new NDList();
        int begin = 0;
        for (int length : LENGTHS) {
            parts.add(x.get(new NDIndex(begin + ":" + (begin + length))));
            parts.add(x.getManager().zeros(new Shape(5 - length, 2)));
            begin += length;
        }
        return NDArrays.concat(parts).reshape(4, 5, 2);
    }

    @Test
    void pack_ofUnpack_isTheSame_inAnyType() {
        for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT64}) {
            NDArray x = normal(manager, 1, 1, 9, 2).toType(type, false);
            assertEquals(x, PackingOps.pack(PackingOps.unpack(x, LENGTHS, 5), LENGTHS));
        }
    }

    @Test
    void lengthsThatDoNotFit_areNamed() {
        NDArray x = normal(manager, 1, 2, 5, 2);
        refused(
                () -> PackingOps.pack(x, new int[] {3, 6}),
                "pack: there must be a length from 0 to T for each sample, not 3 6");
        refused(
                () -> PackingOps.pack(x, new int[] {3}),
                "pack: there must be a length from 0 to T for each sample, not 3");
        refused(() -> PackingOps.pack(x.flatten(), new int[] {3}), "pack: x must be [B, T, D]");
        refused(
                () -> PackingOps.unpack(normal(manager, 1, 1, 4, 2), new int[] {2, 3}, 5),
                "unpack: x must be [1, N, D], the lengths from 0 to 5 and their sum N, not 2 3");
    }

    private static void refused(Runnable call, String message) {
        Exception e = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(e.getMessage().startsWith(message), e::getMessage);
    }
}
