package org.dataflex.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Map;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class TensorTest {

    private final NDManager manager = NDManager.newBaseManager();

    @TempDir Path directory;

    @AfterEach
    void close() {
        manager.close();
    }

    private Tensor throughAFile(Tensor tensor) throws IOException {
        Path file = SafetensorsFiles.write(directory.resolve("w"), Map.of("w", tensor));
        return SafetensorsReader.open(file).tensor("w");
    }

    @Test
    void toDoublesAndLongs_ofSeveralPieces_areTheNumbersToTheBit() throws IOException {
        double[] doubles = new double[Tensor.PIECE / 8 * 2 + 3];
        long[] longs = new long[doubles.length];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = 1.0 / i;
            longs[i] = i * 0x9E37_79B9_7F4A_7C15L;
        }
        doubles[1] = Double.longBitsToDouble(0x7FF8_0000_0000_1234L);
        doubles[2] = -0.0;
        double[] read = throughAFile(Tensor.of(doubles)).toDoubles();
        for (int i = 0; i < doubles.length; i++) {
            assertEquals(
                    Double.doubleToRawLongBits(doubles[i]), Double.doubleToRawLongBits(read[i]));
        }
        assertArrayEquals(longs, throughAFile(Tensor.of(longs)).toLongs());
        assertEquals(0, throughAFile(Tensor.of(new double[0])).toDoubles().length);
    }

    @Test
    void toDoubles_otherTypes_areRefused() {
        Exception e =
                assertThrows(IllegalStateException.class, () -> Tensor.of(new long[1]).toDoubles());
        assertEquals("the tensor is I64, must be F64", e.getMessage());
        assertThrows(IllegalStateException.class, () -> Tensor.of(new double[1]).toLongs());
    }

    @Test
    void of_array_isReadBackToTheBit_valuesThatAreNotFiniteToo() throws IOException {
        float[] values = {1, Float.NaN, -0f, Float.NEGATIVE_INFINITY, 1e-45f, 3};
        NDArray array = manager.create(values, new Shape(2, 3));
        array.setRequiresGradient(true);
        NDArray read = throughAFile(Tensor.of(array)).toArray(manager);
        assertEquals(new Shape(2, 3), read.getShape());
        assertArrayEquals(array.toByteArray(), read.toByteArray());
        NDArray columns = array.stopGradient().transpose();
        assertArrayEquals(
                columns.toByteArray(),
                throughAFile(Tensor.of(columns)).toArray(manager).toByteArray());
        NDArray scalar = manager.create(2.5);
        assertEquals(scalar, throughAFile(Tensor.of(scalar)).toArray(manager));
    }

    @Test
    void copyTo_largeTensor_hasOnePieceInMemoryAtATime() throws IOException {
        NDArray large = manager.arange(10_000_000f); // 40 MB
        Tensor tensor = throughAFile(Tensor.of(large));
        NDArray target = manager.zeros(large.getShape());
        int before = NoLeaks.arrays();
        int[] numPieces = {0};
        tensor.copyTo(
                target,
                piece -> {
                    numPieces[0]++;
                    assertTrue(4 * piece.size() <= Tensor.PIECE);
                    assertTrue(NoLeaks.arrays() - before <= 3); // the target flat, twice; the piece
                });
        assertEquals(10, numPieces[0]);
        assertEquals(before, NoLeaks.arrays());
        assertEquals(large, target);
    }

    @Test
    void copyTo_parameterOfAnotherType_convertsInPlace() throws IOException {
        NDArray target = manager.zeros(new Shape(2), DataType.FLOAT64);
        target.setRequiresGradient(true);
        throughAFile(Tensor.of(manager.create(new float[] {1.5f, -2}), SafetensorsType.BF16))
                .copyTo(target);
        assertArrayEquals(new double[] {1.5, -2}, target.toDoubleArray());
        assertTrue(target.hasGradient());
    }

    /** Two GiB and some, more than a buffer holds. */
    @Test
    void writeTo_moreThanTwoGigabytes_asksForEveryPieceOnce() throws IOException {
        long size = (2L << 30) + 12;
        ByteBuffer piece = ByteBuffer.allocate(Tensor.PIECE);
        long[] asked = {0};
        Tensor large =
                new Tensor(
                        SafetensorsType.F32,
                        new Shape(size / 4),
                        (from, length) -> {
                            assertEquals(asked[0], from);
                            asked[0] += length;
                            return piece.slice(0, length);
                        });
        large.writeTo(Channels.newChannel(OutputStream.nullOutputStream()));
        assertEquals(size, large.byteSize());
        assertEquals(size, asked[0]);
    }

    @Test
    void hasSameContent_looksAtTypeShapeAndEveryByte() {
        NDArray values = manager.arange(3_000_000f);
        NDArray other = values.duplicate();
        assertTrue(Tensor.of(values).hasSameContent(Tensor.of(other)));
        other.subi(other.gte(2_999_999).toType(DataType.FLOAT32, false));
        assertFalse(Tensor.of(values).hasSameContent(Tensor.of(other)));
        assertFalse(Tensor.of(values).hasSameContent(Tensor.of(values.reshape(1, -1))));
        NDArray whole = values.toType(DataType.INT32, false);
        assertFalse(Tensor.of(values).hasSameContent(Tensor.of(whole)));
    }
}
