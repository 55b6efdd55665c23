package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.dataflex.checkpoint.SafetensorsFiles;
import org.dataflex.checkpoint.SafetensorsReader;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(NoLeaks.class)
class WeightFilesWriterTest {

    private static final WeightFilesWriter F32 = WeightFilesWriter.of(SafetensorsType.F32);

    private final NDManager manager = NDManager.newBaseManager();

    @TempDir Path directory;

    @AfterEach
    void close() {
        manager.close();
    }

    static List<String> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void writeFile_everyTypeAndShape_isReadBack() throws IOException {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        arrays.put("bool", manager.create(new boolean[] {true, false, true}));
        arrays.put("u8", manager.create(new int[] {1}).toType(DataType.UINT8, false));
        arrays.put("i8", manager.create(new byte[] {-1, 2}));
        arrays.put("i32", manager.create(new int[] {Integer.MIN_VALUE}));
        arrays.put("i64", manager.create(new long[] {Long.MAX_VALUE, 3}, new Shape(2, 1)));
        arrays.put("scalar", manager.create(2.5f));
        arrays.put("none", manager.create(new Shape(3, 0)));
        arrays.put("columns", manager.arange(6f).reshape(2, 3).transpose());
        Path file = directory.resolve("adapter.safetensors");
        F32.writeFile(file, arrays);
        SafetensorsReader reader = SafetensorsReader.open(file);
        assertEquals(Map.of("format", "pt"), reader.metadata());
        assertEquals(arrays.keySet(), Set.copyOf(reader.tensors().keySet()));
        assertEquals(List.of("adapter.safetensors"), files(directory));
        for (Map.Entry<String, NDArray> array : arrays.entrySet()) {
            NDArray read = reader.tensor(array.getKey()).toArray(manager);
            assertEquals(array.getValue(), read, array.getKey());
        }
    }

    @Test
    void bf16_roundsToNearestEven() throws IOException {
        int[] bits = {
            0x3F80_8000, // halfway, even below
            0x3F81_8000, // halfway, even above
            0x3F80_8001, // just above halfway
            0x3F80_7FFF, // just below
            0x0000_0001, // the least subnormal: to zero
            0x0000_8001, // subnormal, up
            0x8001_8000, // negative subnormal, halfway, even above
            0x007F_FFFF, // the largest subnormal: to the least normal
            0x7F7F_0000, // the largest that bf16 has
            0x8000_0000 // -0
        };
        int[] expected = {
            0x3F80, 0x3F82, 0x3F81, 0x3F80, 0x0000, 0x0001, 0x8002, 0x0080, 0x7F7F, 0x8000
        };
        assertArrayEquals(expected, written(SafetensorsType.BF16, bits));
    }

    @Test
    void f16_roundsToNearestEven() throws IOException {
        int[] bits = {
            0x3F80_1000, // 1 + 2^-11: halfway, even below
            0x3F80_3000, // 1 + 3 * 2^-11: halfway, even above
            0x3F80_1001, // just above halfway
            0x477F_E000, // 65504, the largest
            0x3380_0000, // 2^-24, the least subnormal
            0x3300_0000, // 2^-25: halfway to it, even below
            0x3300_0001, // just above
            0x33C0_0000, // 3 * 2^-25: halfway, even above
            0xB380_0000, // -2^-24
            0x8000_0000 // -0
        };
        int[] expected = {
            0x3C00, 0x3C02, 0x3C01, 0x7BFF, 0x0001, 0x0000, 0x0001, 0x0002, 0x8001, 0x8000
        };
        assertArrayEquals(expected, written(SafetensorsType.F16, bits));
    }

    private int[] written(SafetensorsType type, int[] bits) throws IOException {
        float[] numbers = new float[bits.length];
        for (int i = 0; i < bits.length; i++) {
            numbers[i] = Float.intBitsToFloat(bits[i]);
        }
        Path file = directory.resolve("rounded");
        WeightFilesWriter.of(type).writeFile(file, Map.of("w", manager.create(numbers)));
        ByteBuffer read =
                SafetensorsReader.open(file).tensor("w").content().bytes(0, 2 * bits.length);
        int[] rounded = new int[bits.length];
        for (int i = 0; i < bits.length; i++) {
            rounded[i] = Short.toUnsignedInt(read.getShort());
        }
        return rounded;
    }

    @Test
    void writeFile_whatIsNotFinite_isRefusedByNameAndLeavesNothing() throws IOException {
        for (float number : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
            for (var type : List.of(SafetensorsType.F32, SafetensorsType.BF16)) {
                assertRefused(type, number);
            }
        }
        assertRefused(SafetensorsType.F16, 65520); // rounds to infinity
        assertRefused(SafetensorsType.BF16, Float.MAX_VALUE); // too
        float[] large = {3e38f, 3e38f, -3e38f}; // only their sum is infinite
        F32.writeFile(directory.resolve("w"), Map.of("w", manager.create(large)));
    }

    private void assertRefused(SafetensorsType type, float number) throws IOException {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        arrays.put("a.b", manager.create(new float[] {1, number, 2}));
        arrays.put("sound", manager.create(new float[] {1}));
        arrays.put("c", manager.create(number));
        Path file = directory.resolve("w.safetensors");
        Exception e =
                assertThrows(
                        IOException.class,
                        () -> WeightFilesWriter.of(type).writeFile(file, arrays));
        assertEquals(
                ("cannot save %s: values are not finite as %s in a.b, c;"
                                + " what was saved before is unchanged")
                        .formatted(file, type),
                e.getMessage());
        assertEquals(List.of(), files(directory));
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16"})
    void write_shards_holdTheSameAsOneFile(SafetensorsType type) throws IOException {
        CausalLm model = TinyLm.model(manager);
        WeightFilesWriter writer = WeightFilesWriter.of(type);
        Path one = directory.resolve("one");
        Path many = directory.resolve("many");
        writer.write(one, model);
        writer.withShardsOf(1000).write(many, model);
        assertEquals(List.of("model.safetensors"), files(one));
        assertTrue(files(many).contains("model.safetensors.index.json"));
        assertTrue(
                files(many).get(0).matches("model-00001-of-000\\d\\d.safetensors"),
                files(many).toString());
        WeightFiles whole = WeightFiles.open(one);
        WeightFiles shards = WeightFiles.open(many);
        assertEquals(files(many).size() - 1, shards.shards().size());
        assertEquals(whole.numValuesByType(), shards.numValuesByType());
        assertEquals(Map.of(type, model.config().numParameters()), whole.numValuesByType());
        for (String name : whole.names()) {
            assertTrue(whole.tensor(name).hasSameContent(shards.tensor(name)), name);
        }
        for (SafetensorsReader shard : shards.shards()) {
            long size = shard.tensors().values().stream().mapToLong(Tensor::byteSize).sum();
            assertTrue(size <= 1000 || shard.tensors().size() == 1, shard.file().toString());
        }
    }

    @Test
    void write_otherLayout_removesTheEarlierOne() throws IOException {
        CausalLm model = TinyLm.model(manager);
        WeightFilesWriter sharded = F32.withShardsOf(1000);
        sharded.write(directory, model);
        Files.writeString(directory.resolve("notes.txt"), "kept");
        F32.write(directory, model);
        assertEquals(List.of("model.safetensors", "notes.txt"), files(directory));
        sharded.write(directory, model);
        int numFiles = files(directory).size();
        assertTrue(Files.notExists(directory.resolve("model.safetensors")));
        F32.withShardsOf(2000).write(directory, model);
        assertTrue(files(directory).size() < numFiles);
        WeightFiles.open(directory).load(TinyLm.model(manager), manager);
    }

    @Test
    void write_fullDisk_leavesTheEarlierSaveAndNoDrafts() throws IOException {
        CausalLm model = TinyLm.model(manager);
        F32.withShardsOf(1000).write(directory, model);
        List<String> before = files(directory);
        byte[] first = Files.readAllBytes(directory.resolve(before.get(0)));
        model.getParameters().get(0).getValue().getArray().addi(1);
        for (long size : new long[] {0, 100, 1500, 5000}) {
            WeightFilesWriter failing =
                    new WeightFilesWriter(SafetensorsType.F32, 1000, SafetensorsFiles.diskOf(size));
            Exception e = assertThrows(IOException.class, () -> failing.write(directory, model));
            assertTrue(e.getMessage().startsWith("cannot save " + directory), e.getMessage());
            assertTrue(e.getMessage().contains(": no space left; "), e.getMessage());
            assertEquals(before, files(directory));
            assertArrayEquals(first, Files.readAllBytes(directory.resolve(before.get(0))));
        }
    }

    @Test
    void write_targetThatIsAFile_isRefused() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        Exception e =
                assertThrows(
                        FileSystemException.class, () -> F32.write(file, TinyLm.model(manager)));
        assertEquals(file + ": is not a directory", e.getMessage());
    }

    @Test
    void of_otherTypesAndSizes_areRefused() {
        for (var type : List.of(SafetensorsType.F64, SafetensorsType.I64)) {
            Exception e =
                    assertThrows(IllegalArgumentException.class, () -> WeightFilesWriter.of(type));
            assertEquals("type " + type + ", must be F32, F16 or BF16", e.getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> F32.withShardsOf(0));
    }
}
