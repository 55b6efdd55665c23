package org.dataflex.torch;

import static org.dataflex.torch.Agreement.BFLOAT16;
import static org.dataflex.torch.Agreement.assertSame;
import static org.dataflex.torch.Agreement.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class Bf16Test {

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void of_roundsToTheNearestEvenAndWidensExactly() {
        float[] numbers = normal(manager, 1, 1000).toFloatArray();
        numbers[0] = Float.intBitsToFloat(0x3F80_8000); // halfway, to even: down
        numbers[1] = Float.intBitsToFloat(0x3F81_8000); // halfway, to even: up
        numbers[2] = Float.MAX_VALUE;
        Bf16Array rounded = Bf16Array.of(manager, manager.create(numbers, new Shape(10, 100)));
        assertEquals(new Shape(10, 100), rounded.shape());
        NDArray widened = rounded.toFloat32();
        assertEquals(DataType.FLOAT32, widened.getDataType());
        float[] expected = new float[1000];
        for (int i = 0; i < expected.length; i++) {
            int bits = Float.floatToIntBits(numbers[i]);
            expected[i] = Float.intBitsToFloat((bits + 0x7FFF + (bits >>> 16 & 1)) & 0xFFFF_0000);
        }
        assertArrayEquals(expected, widened.toFloatArray());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofBits_readsAndToBitsWritesWhatSafetensorsHold(boolean isDirect) {
        ByteBuffer file = isDirect ? ByteBuffer.allocateDirect(64) : ByteBuffer.allocate(64);
        file.order(ByteOrder.LITTLE_ENDIAN);
        float[] numbers = {1, -2, 0.5f, 3e38f, 0, 1e-38f};
        file.position(10); // a header of odd length, then the tensor
        for (float number : numbers) {
            file.putShort((short) (Float.floatToIntBits(number) >>> 16));
        }
        ByteBuffer tensor = file.duplicate().order(ByteOrder.LITTLE_ENDIAN).flip().position(10);
        Bf16Array array = Bf16Array.ofBits(manager, tensor, new Shape(2, 3));
        for (int i = 10; i < 22; i++) {
            file.put(i, (byte) 0x7F); // it is a copy
        }
        assertEquals(new Shape(2, 3), array.shape());
        float[] widened = array.toFloat32().toFloatArray();
        for (int i = 0; i < numbers.length; i++) {
            int kept = Float.floatToIntBits(numbers[i]) & 0xFFFF_0000;
            assertEquals(Float.intBitsToFloat(kept), widened[i]);
        }
        ByteBuffer written = array.toBits().order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(12, written.remaining());
        assertEquals((short) 0xC000, written.getShort(2)); // -2
        ByteBuffer columns = array.transpose(1, 0).toBits().order(ByteOrder.LITTLE_ENDIAN);
        assertEquals((short) 0xC000, columns.getShort(4)); // -2 begins the second row
        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Bf16Array.ofBits(manager, tensor, new Shape(7)));
        assertEquals("12 bytes for bfloat16 (7)", e.getMessage());
    }

    @Test
    void linear_inBfloat16_isNearFloat32AndReachesMasters() {
        NDList in =
                new NDList(
                        normal(manager, 1, 4, 6, 32),
                        normal(manager, 2, 16, 32),
                        normal(manager, 3, 16));
        assertSame(
                x -> TorchOps.linear(x.get(0), x.get(1), x.get(2), Precision.BFLOAT16),
                x -> TorchOps.linear(x.get(0), x.get(1), x.get(2), Precision.FLOAT32),
                in,
                BFLOAT16);
        assertSame(
                x -> Bf16Ops.linear(round(x.get(0)), x.get(1), x.get(2)).toFloat32(),
                x -> TorchOps.linear(x.get(0), x.get(1), x.get(2), Precision.FLOAT32),
                in,
                BFLOAT16);
        Bf16Array frozen = round(in.get(1));
        assertSame(
                x -> Bf16Ops.linear(round(x.get(0)), frozen, null).toFloat32(),
                x -> TorchOps.linear(x.get(0), in.get(1), null, Precision.FLOAT32),
                new NDList(in.get(0)),
                BFLOAT16);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLayerInBfloat16_isNearFloat32(boolean isPadded) {
        NDArray angles = normal(manager, 2, 6, 4);
        NDArray cos = angles.cos().concat(angles.cos(), 1);
        NDArray sin = angles.sin().concat(angles.sin(), 1);
        NDArray lengths = manager.create(new long[] {6, 2});
        NDArray mask = isPadded ? AttentionMasks.ofLengths(lengths, 6) : null;
        assertSame(
                x -> {
                    Bf16Array q = Bf16Ops.rotary(heads(round(x.get(0))), cos, sin);
                    Bf16Array k = heads(round(x.get(1)));
                    Bf16Array seen = Bf16Ops.attention(q, k, k, mask, true);
                    Bf16Array merged = seen.transpose(0, 2, 1, 3).reshape(2, 6, 32);
                    Bf16Array gated = Bf16Ops.siluGate(merged, round(x.get(0)));
                    return Bf16Ops.add(x.get(0), gated);
                },
                x -> {
                    NDArray q = TorchOps.rotary(heads(x.get(0)), cos, sin);
                    NDArray k = heads(x.get(1));
                    NDArray seen = TorchOps.attention(q, k, k, mask, true);
                    NDArray merged = seen.transpose(0, 2, 1, 3).reshape(2, 6, 32);
                    return x.get(0).add(TorchOps.siluGate(merged, x.get(0)));
                },
                new NDList(normal(manager, 1, 2, 6, 32), normal(manager, 3, 2, 6, 16)),
                BFLOAT16);
    }

    @Test
    void arrays_belongToTheGivenManager_andMove() {
        NDArray parameter = normal(manager, 1, 4);
        manager.cap();
        try (NDManager scope = manager.newSubManager();
                NDManager other = manager.newSubManager()) {
            Bf16Array rounded = Bf16Array.of(scope, parameter);
            assertEquals(scope, rounded.manager());
            assertEquals(scope, rounded.toFloat32().getManager());
            rounded.attach(other);
            assertEquals(other, rounded.manager());
            assertEquals("bfloat16 (4)", rounded.toString());
            rounded.close();
            assertEquals(0, other.getManagedArrays().size());
        }
    }

    private static Bf16Array round(NDArray array) {
        return Bf16Array.of(array.getManager(), array);
    }

    private static Bf16Array heads(Bf16Array x) {
        return x.reshape(2, 6, -1, 8).transpose(0, 2, 1, 3);
    }

    private static NDArray heads(NDArray x) {
        return x.reshape(2, 6, -1, 8).transpose(0, 2, 1, 3);
    }
}
