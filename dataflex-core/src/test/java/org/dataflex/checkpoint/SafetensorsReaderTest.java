package org.dataflex.checkpoint;

import static org.dataflex.checkpoint.SafetensorsFiles.entry;
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
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(NoLeaks.class)
class SafetensorsReaderTest {

    private final NDManager manager = NDManager.newBaseManager();

    @TempDir Path directory;

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void open_fileOfPython_hasItsTypesShapesAndMetadata() throws IOException {
        SafetensorsReader reader =
                SafetensorsReader.open(SafetensorsFiles.fromPython("types.safetensors"));
        assertEquals(Map.of("format", "pt", "author", "weight-files.py"), reader.metadata());
        Map<String, Tensor> tensors = reader.tensors();
        for (SafetensorsType type : SafetensorsType.values()) {
            assertEquals(type, tensors.get(type.name().toLowerCase()).type());
        }
        assertEquals(new Shape(), tensors.get("scalar").shape());
        assertEquals(new Shape(0), tensors.get("none").shape());
        assertEquals(new Shape(2, 0, 3), tensors.get("none of three").shape());
        assertEquals(12, tensors.size());
    }

    @Test
    void toArray_fileOfPython_hasItsNumbers() throws IOException {
        SafetensorsReader reader =
                SafetensorsReader.open(SafetensorsFiles.fromPython("types.safetensors"));
        NDArray doubles = reader.tensor("f64").toArray(manager);
        assertEquals(new Shape(1, 3), doubles.getShape());
        assertArrayEquals(new double[] {1.5, -2.25, 1e300}, doubles.toDoubleArray());
        float[] floats = reader.tensor("f32").toArray(manager).toFloatArray();
        assertArrayEquals(new float[] {1.5f, -2.25f, 3e38f, 1e-45f}, floats);
        NDArray halves = reader.tensor("f16").toArray(manager);
        assertEquals(DataType.FLOAT16, halves.getDataType());
        assertArrayEquals(
                new float[] {1.5f, 65504, 0x1p-24f},
                halves.toType(DataType.FLOAT32, false).toFloatArray());
        NDArray widened = reader.tensor("bf16").toArray(manager);
        assertEquals(new Shape(3, 1), widened.getShape());
        assertEquals(0x3FC0_0000, Float.floatToRawIntBits(widened.toFloatArray()[0]));
        assertEquals(0xFF62_0000, Float.floatToRawIntBits(widened.toFloatArray()[1]));
        assertEquals(0x0001_0000, Float.floatToRawIntBits(widened.toFloatArray()[2]));
        assertArrayEquals(
                new long[] {Long.MIN_VALUE, 7},
                reader.tensor("i64").toArray(manager).toLongArray());
        assertArrayEquals(
                new int[] {Integer.MIN_VALUE, 7},
                reader.tensor("i32").toArray(manager).toIntArray());
        assertArrayEquals(
                new byte[] {-128, 127}, reader.tensor("i8").toArray(manager).toByteArray());
        assertArrayEquals(new int[] {0, 255}, reader.tensor("u8").toArray(manager).toUint8Array());
        assertArrayEquals(
                new boolean[] {true, false, true},
                reader.tensor("bool").toArray(manager).toBooleanArray());
        assertEquals(2.5f, reader.tensor("scalar").toArray(manager).getFloat());
        assertEquals(
                new Shape(2, 0, 3), reader.tensor("none of three").toArray(manager).getShape());
    }

    @Test
    void bytes_keepNaNPayloadsAndUnknownNamesAreRefused() throws IOException {
        Path file = directory.resolve("nan.safetensors");
        int[] bits = {0x7FA0_1234, 0xFFC0_0001, 0x8000_0000, 1};
        ByteBuffer numbers = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        numbers.asIntBuffer().put(bits);
        Tensor written =
                new Tensor(
                        SafetensorsType.F32, new Shape(4), (from, length) -> numbers.duplicate());
        SafetensorsFiles.write(file, Map.of("w", written));
        SafetensorsReader reader = SafetensorsReader.open(file);
        int[] read = new int[4];
        Tensor.Content content = reader.tensor("w").content();
        content.bytes(0, 16).asIntBuffer().get(read);
        assertArrayEquals(bits, read);
        assertThrows(IndexOutOfBoundsException.class, () -> content.bytes(8, 9));
        Exception e = assertThrows(IllegalArgumentException.class, () -> reader.tensor("v"));
        assertEquals(file + " has no tensor 'v'", e.getMessage());
    }

    @Test
    void toArray_dataThatIsNotAligned_isReadAllTheSame() throws IOException {
        String header = "{" + entry("a", "U8", "[1]", 0, 1) + "," + entry("b", "F64", "[1]", 1, 9);
        Path file = SafetensorsFiles.write(directory.resolve("odd.safetensors"), header + "} ", 9);
        double expected = Double.longBitsToDouble(0x0807_0605_0403_0201L);
        NDArray read = SafetensorsReader.open(file).tensor("b").toArray(manager);
        assertEquals(expected, read.getDouble(0));
    }

    @Test
    void open_fileOf3GigabytesWithHoles_readsBeyond2Gigabytes() throws IOException {
        Path file = directory.resolve("large.safetensors");
        long size = 3L << 30;
        long far = size - 12;
        String header =
                "{"
                        + entry("large", "U8", "[" + far + "]", 0, far).replace('\'', '"')
                        + ","
                        + entry("far", "F32", "[3]", far, size).replace('\'', '"')
                        + "}";
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] json = header.getBytes(StandardCharsets.UTF_8);
            sparse.writeLong(Long.reverseBytes(json.length));
            sparse.write(json);
            sparse.setLength(8 + json.length + size);
            sparse.seek(8 + json.length + far);
            for (float number : new float[] {1, 2, 3}) {
                sparse.writeInt(Integer.reverseBytes(Float.floatToIntBits(number)));
            }
            // where two mappings meet
            sparse.seek(8 + json.length + (2L << 30) - 100);
            sparse.write(new byte[200], 0, 200);
            sparse.seek(8 + json.length + (2L << 30));
            sparse.write(42);
        }
        SafetensorsReader reader = SafetensorsReader.open(file);
        assertArrayEquals(
                new float[] {1, 2, 3}, reader.tensor("far").toArray(manager).toFloatArray());
        ByteBuffer middle = reader.tensor("large").content().bytes((2L << 30) - 1000, 1 << 20);
        assertEquals(42, middle.get(1000));
        assertEquals(0, middle.get(999));
    }

    private static final String W = entry("w", "F32", "[2]", 0, 8);

    static Stream<Arguments> damages() {
        return Stream.of(
                Arguments.of("", 0, "its header is not sound JSON|its header is not a JSON object"),
                Arguments.of("[]", 0, "its header is not a JSON object"),
                Arguments.of("{" + W, 8, "its header is not sound JSON: Unexpected end[^\\[\\]]*"),
                Arguments.of("{" + W + "} x", 8, "its header is not sound JSON: .*"),
                Arguments.of("[".repeat(50_000), 0, ".*nesting depth.*"),
                Arguments.of("{" + W + "," + W + "}", 8, ".*Duplicate field 'w'"),
                Arguments.of("{'__metadata__':{'a':1}}", 0, "__metadata__ must map text to text"),
                Arguments.of("{'__metadata__':[]}", 0, "__metadata__ must map text to text"),
                damage(entry("w", "F8_E4M3", "[8]", 0, 8), "dtype is \"F8_E4M3\", must be one .*"),
                damage("'w':{'shape':[2],'data_offsets':[0,8]}", "dtype is missing, must be .*"),
                damage("'w':3", "dtype is missing.*"),
                damage("'w':{'dtype':'F32','data_offsets':[0,8]}", "shape is not an array"),
                damage("'w':{'dtype':'F32','shape':[2]}", "data_offsets is not an array"),
                damage(entry("w", "F32", "{'a':2}", 0, 8), "shape has null, not a whole number"),
                damage(entry("w", "F32", "[2.0]", 0, 8), "shape has 2.0, not a whole number"),
                damage(entry("w", "F32", "[-2]", 0, 8), "shape has -2, below 0"),
                damage(entry("w", "F32", "[99999999999999999999]", 0, 8), "shape has 9+, not.*"),
                damage(entry("w", "F32", "[2]", -8, 0), "data_offsets has -8, below 0"),
                damage(entry("w", "F32", "[2]", 8, 0), "data_offsets are \\[8, 0\\]"),
                damage(
                        "'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8,8]}",
                        "data_offsets are \\[0, 8, 8\\]"),
                damage(
                        entry("w", "F32", "[3]", 0, 12),
                        "its data ends at byte 12, the file's at 8"),
                damage(entry("w", "F32", "[3]", 0, 8), "F32 \\[3\\] takes 12 bytes, .* has 8"),
                damage(
                        entry("w", "F64", "[2305843009213693952,2]", 0, 8),
                        ".* is more than any file holds"),
                damage(
                        entry("v", "F32", "[2]", 0, 8) + "," + entry("w", "F32", "[1]", 4, 8),
                        "its data overlaps that of 'v'"),
                damage(entry("w", "F32", "[1]", 4, 8), "4 bytes before its data are no tensor's"),
                Arguments.of(
                        "{" + entry("w", "F32", "[1]", 0, 4) + "}",
                        8,
                        "4 bytes at its end are no tensor's"));
    }

    private static Arguments damage(String entry, String problem) {
        return Arguments.of("{" + entry + "}", 8, "tensor 'w': " + problem);
    }

    @ParameterizedTest
    @MethodSource("damages")
    void open_damagedHeader_saysWhatIsWrongWhere(String header, int dataSize, String problem)
            throws IOException {
        Path file = SafetensorsFiles.write(directory.resolve("a"), header, dataSize);
        assertDamaged(file, problem);
    }

    private static void assertDamaged(Path file, String problem) {
        Exception e = assertThrows(CheckpointException.class, () -> SafetensorsReader.open(file));
        String start = file + " is damaged: ";
        assertTrue(e.getMessage().startsWith(start), e.getMessage());
        String said = e.getMessage().substring(start.length());
        assertTrue(said.matches("(?s)" + problem), said);
    }

    @Test
    void open_fileCutOrGrownAnywhere_isRefused() throws IOException {
        Path file = directory.resolve("a");
        SafetensorsFiles.write(file, Map.of("w", Tensor.of(new double[] {1, 2})));
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length <= whole.length + 1; length++) {
            if (length != whole.length) {
                Files.delete(file);
                Files.write(file, Arrays.copyOf(whole, length));
                assertDamaged(file, ".*");
            }
        }
    }

    @Test
    void open_wrongHeaderLength_saysWhatIsWrong() throws IOException {
        Path file = directory.resolve("a");
        Files.write(file, new byte[7]);
        assertDamaged(file, "it has 7 bytes, fewer than a header's length");
        for (long length : new long[] {-1, 9, Long.MAX_VALUE}) {
            ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
            Files.write(file, bytes.putLong(length).array());
            assertDamaged(file, "its header claims " + length + " bytes of 16");
        }
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.writeLong(Long.reverseBytes(40_000_000));
            sparse.setLength(50_000_000);
        }
        assertDamaged(file, "its header has 40000000 bytes, more than 33554432");
        Files.write(file, new byte[] {2, 0, 0, 0, 0, 0, 0, 0, (byte) 0xC3, 0x28});
        assertDamaged(file, "its header is not UTF-8");
    }

    @Test
    void open_entriesInAnyOrder_areInThatOfTheirData() throws IOException {
        String header = entry("b", "U8", "[1]", 3, 4) + "," + entry("a", "U8", "[3]", 0, 3);
        Path file = SafetensorsFiles.write(directory.resolve("a"), "{" + header + "}  ", 4);
        SafetensorsReader reader = SafetensorsReader.open(file);
        assertEquals(List.of("a", "b"), List.copyOf(reader.tensors().keySet()));
        assertEquals(Set.of(), reader.metadata().keySet());
        assertFalse(SafetensorsType.U8.isFloating());
    }
}
