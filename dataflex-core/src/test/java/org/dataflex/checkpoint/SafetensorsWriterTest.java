package org.dataflex.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class SafetensorsWriterTest {

    @TempDir Path directory;

    private byte[] written(Map<String, Tensor> tensors) throws IOException {
        return Files.readAllBytes(SafetensorsFiles.write(directory.resolve("w"), tensors));
    }

    @Test
    void write_mixedTypes_putsLargeNumbersFirst_soThatAllAreAligned() throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("bool", Tensor.of(manager.create(new boolean[] {true, false, true})));
            tensors.put("floats", Tensor.of(manager.arange(3f)));
            tensors.put("z", Tensor.of(new double[] {1}));
            tensors.put("halves", Tensor.of(manager.arange(1f), SafetensorsType.F16));
            tensors.put("a", Tensor.of(new long[] {7}));
            byte[] file = written(tensors);
            assertArrayEquals(file, written(tensors));
            SafetensorsReader reader = SafetensorsReader.open(directory.resolve("w"));
            assertEquals(
                    List.of("z", "a", "floats", "halves", "bool"),
                    List.copyOf(reader.tensors().keySet()));
            assertEquals(Map.of("format", "pt"), reader.metadata());
            long headerSize = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
            assertEquals(0, headerSize % 8);
        }
    }

    @Test
    void written_isReadByDjlItself() throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = manager.create(new float[] {1.5f, -2});
            byte[] file = written(Map.of("w", Tensor.of(array)));
            NDList read = NDList.decode(manager, new ByteArrayInputStream(file));
            assertEquals("w", read.head().getName());
            assertEquals(array, read.head());
        }
    }

    @Test
    void write_noTensors_isAFileOfAHeaderOnly() throws IOException {
        written(Map.of());
        assertEquals(Map.of(), SafetensorsReader.open(directory.resolve("w")).tensors());
    }
}
