package org.dataflex.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class SafetensorsFileTest {

    @TempDir Path directory;

    @Test
    void roundTrip_keepsNamesOrderTypesAndBits() throws Exception {
        Path file = directory.resolve("a.safetensors");
        double[] doubles = {1, Double.NaN, -0.0, Double.POSITIVE_INFINITY};
        long[] longs = {Long.MIN_VALUE, 7};
        try (NDManager manager = NDManager.newBaseManager()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("z/doubles", Tensor.of(doubles));
            tensors.put("a/longs", Tensor.of(longs));
            tensors.put(
                    "matrix",
                    Tensor.of(manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3))));
            tensors.put("scalar", Tensor.of(manager.create(3f)));
            tensors.put("none", Tensor.of(new double[0]));
            SafetensorsFile.write(file, tensors);

            Map<String, Tensor> read = SafetensorsFile.read(file);
            assertEquals(List.copyOf(tensors.keySet()), List.copyOf(read.keySet()));
            assertArrayEquals(doubles, read.get("z/doubles").toDoubles());
            assertArrayEquals(longs, read.get("a/longs").toLongs());
            NDArray matrix = read.get("matrix").toArray(manager);
            assertEquals(new Shape(2, 3), matrix.getShape());
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, matrix.toFloatArray());
            assertEquals(3f, read.get("scalar").toArray(manager).getFloat());
            assertEquals(0, read.get("none").toDoubles().length);
        }
    }

    @Test
    void written_isReadByDjlItself() throws Exception {
        Path file = directory.resolve("a.safetensors");
        try (NDManager manager = NDManager.newBaseManager()) {
            SafetensorsFile.write(
                    file, Map.of("w", Tensor.of(manager.create(new float[] {1.5f, -2}))));
            NDList read = NDList.decode(manager, Files.newInputStream(file));
            assertEquals("w", read.head().getName());
            assertEquals(DataType.FLOAT32, read.head().getDataType());
            assertArrayEquals(new float[] {1.5f, -2}, read.head().toFloatArray());
        }
    }

    @Test
    void read_damagedFiles_sayWhatIsWrong() throws Exception {
        Path file = directory.resolve("a.safetensors");
        SafetensorsFile.write(file, Map.of("w", Tensor.of(new double[] {1, 2})));
        byte[] whole = Files.readAllBytes(file);

        damaged(Arrays.copyOf(whole, whole.length - 1), "bytes where its header asks for");
        damaged(Arrays.copyOf(whole, whole.length + 1), "bytes where its header asks for");
        damaged(Arrays.copyOf(whole, 20), "it ends at byte 20");
        damaged(new byte[3], "it ends at byte 3");
        damaged(file(Long.MAX_VALUE, ""), "its header claims 9223372036854775807 bytes");
        damaged(file(-1, ""), "its header claims -1 bytes");
        damaged(file(4, "nope"), "its header is not JSON");
        damaged(
                file("{\"w\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,8]}}"),
                "entry 'w' is");
        damaged(
                file("{\"w\":{\"dtype\":\"X9\",\"shape\":[2],\"data_offsets\":[0,8]}}"),
                "entry 'w' is");
    }

    private static byte[] file(String header) {
        return file(header.length(), header);
    }

    private static byte[] file(long claimed, String header) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(claimed)
                .put(text)
                .array();
    }

    private void damaged(byte[] content, String problem) throws Exception {
        Path file = directory.resolve("damaged.safetensors");
        Files.write(file, content);
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> SafetensorsFile.read(file));
        assertTrue(e.getMessage().startsWith(file.toString()), e::getMessage);
        assertTrue(e.getMessage().contains(problem), e::getMessage);
    }
}
