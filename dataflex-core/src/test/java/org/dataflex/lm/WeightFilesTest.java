package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.checkpoint.SafetensorsFiles;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class WeightFilesTest {

    private static final WeightFilesWriter F32 = WeightFilesWriter.of(SafetensorsType.F32);

    private final NDManager manager = NDManager.newBaseManager();

    @TempDir Path directory;

    @AfterEach
    void close() {
        manager.close();
    }

    private static DecoderConfig config(boolean isTied) {
        return TinyLm.config().optTieWordEmbeddings(isTied).build();
    }

    private CausalLm empty(boolean isTied) {
        return new CausalLm(config(isTied), 1);
    }

    private Map<String, NDArray> arrays(CausalLm model) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        model.getParameters().forEach(p -> arrays.put(p.getKey(), p.getValue().getArray()));
        return arrays;
    }

    private CheckpointException assertDoesNotFit(CausalLm model) throws IOException {
        WeightFiles files = WeightFiles.open(directory);
        return assertThrows(CheckpointException.class, () -> files.load(model, manager));
    }

    @ParameterizedTest
    @ValueSource(strings = {"single", "sharded", "tied", "bf16", "f16"})
    void load_modelOfTransformers_givesItsLogits(String name) throws IOException {
        Path python = SafetensorsFiles.fromPython(name);
        CausalLm model = empty(name.equals("tied"));
        WeightFiles.open(python).load(model, manager);
        model.initialize(manager, DataType.FLOAT32, new Shape(1, 5));
        float[][] expected =
                new ObjectMapper()
                        .readValue(python.resolve("logits.json").toFile(), float[][].class);
        NDArray ids = TinyLm.ids(manager, new long[] {1, 2, 3, 5, 8});
        NDArray logits = TinyLm.logits(model, manager, new NDList(ids)).squeeze(0);
        for (int t = 0; t < expected.length; t++) {
            // float32 sums of 12 terms, values below 10, rounded to 1e-6 in the file
            assertArrayEquals(expected[t], logits.get(t).toFloatArray(), 2e-5f);
        }
    }

    @Test
    void open_shardsOfTransformers_holdWhatOneFileHolds() throws IOException {
        WeightFiles single = WeightFiles.open(SafetensorsFiles.fromPython("single"));
        WeightFiles sharded = WeightFiles.open(SafetensorsFiles.fromPython("sharded"));
        assertEquals(1, single.shards().size());
        assertTrue(sharded.shards().size() > 2);
        assertEquals(single.names(), sharded.names());
        for (String name : single.names()) {
            assertEquals(
                    single.tensor(name).toArray(manager), sharded.tensor(name).toArray(manager));
        }
        assertEquals(
                Map.of(SafetensorsType.F32, config(false).numParameters()),
                sharded.numValuesByType());
        assertThrows(IllegalArgumentException.class, () -> single.tensor("w"));
    }

    @Test
    void load_afterInitialize_changesValuesInPlaceAndKeepsNothingElse() throws IOException {
        CausalLm source = TinyLm.model(manager, config(false));
        F32.write(directory, source);
        CausalLm model = empty(false);
        model.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        Map<String, NDArray> before = arrays(model);
        int numArrays = NoLeaks.arrays();
        int numManaged = manager.getManagedArrays().size();
        WeightFiles.open(directory).load(model, manager);
        assertEquals(numArrays, NoLeaks.arrays());
        assertEquals(numManaged, manager.getManagedArrays().size());
        for (Map.Entry<String, NDArray> array : arrays(model).entrySet()) {
            assertTrue(array.getValue() == before.get(array.getKey()));
            assertEquals(arrays(source).get(array.getKey()), array.getValue());
            assertTrue(array.getValue().hasGradient(), array.getKey());
        }
    }

    @Test
    void load_beforeInitialize_makesOneArrayForEachParameter() throws IOException {
        F32.write(directory, TinyLm.model(manager));
        CausalLm model = new CausalLm(TinyLm.config().build(), 1);
        int numManaged = manager.getManagedArrays().size();
        WeightFiles.open(directory).load(model, manager);
        int numParameters = model.getParameters().size();
        assertEquals(numManaged + numParameters, manager.getManagedArrays().size());
        float[] loaded = TinyLm.value(model, "model.norm.weight").toFloatArray();
        model.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        assertEquals(numManaged + numParameters, manager.getManagedArrays().size());
        assertArrayEquals(loaded, TinyLm.value(model, "model.norm.weight").toFloatArray());
        Parameter norm = model.getParameters().get("model.norm.weight");
        assertEquals(Parameter.Type.GAMMA.getInitializer(), norm.getInitializer());
    }

    @Test
    void load_float64Parameters_areWidenedTo() throws IOException {
        CausalLm source = TinyLm.model(manager);
        WeightFilesWriter.of(SafetensorsType.F16).write(directory, source);
        CausalLm model = new CausalLm(TinyLm.config().build(), 1);
        model.initialize(manager, DataType.FLOAT64, new Shape(1, 1));
        WeightFiles.open(directory).load(model, manager);
        String name = "model.embed_tokens.weight";
        assertArrayEquals(
                arrays(source)
                        .get(name)
                        .toType(DataType.FLOAT16, false)
                        .toType(DataType.FLOAT64, false)
                        .toDoubleArray(),
                TinyLm.value(model, name).toDoubleArray());
    }

    @Test
    void load_allThatDoesNotFit_isListedAndNothingChanged() throws IOException {
        Map<String, NDArray> arrays = arrays(TinyLm.model(manager, config(false)));
        arrays.remove("model.norm.weight");
        arrays.remove("lm_head.weight");
        arrays.put("model.embed_tokens.weight", manager.ones(new Shape(12, 8)));
        arrays.put("model.layers.0.mlp.up_proj.weight", manager.arange(96).reshape(12, 8));
        arrays.put("extra", manager.ones(new Shape(1)));
        F32.writeFile(directory.resolve("model.safetensors"), arrays);
        CausalLm model = empty(false);
        String[] lines = assertDoesNotFit(model).getMessage().split("\n  ");
        assertEquals(directory + " does not fit the model:", lines[0]);
        assertEquals(
                Set.of(
                        "missing: model.norm.weight",
                        "missing: lm_head.weight",
                        "shape: model.embed_tokens.weight is (12, 8), must be (11, 8)",
                        "type: model.layers.0.mlp.up_proj.weight is I32, which float32 cannot"
                                + " hold exactly",
                        "unexpected: extra"),
                Set.copyOf(Arrays.asList(lines).subList(1, lines.length)));
        assertTrue(model.getParameters().stream().noneMatch(p -> p.getValue().isInitialized()));
    }

    @Test
    void load_tiedHead_mayBeThereIfItIsTheEmbedding() throws IOException {
        Map<String, NDArray> arrays = arrays(TinyLm.model(manager, config(true)));
        arrays.put("lm_head.weight", arrays.get("model.embed_tokens.weight"));
        arrays.put("model.layers.0.self_attn.rotary_emb.inv_freq", manager.ones(new Shape(1)));
        Path file = directory.resolve("model.safetensors");
        F32.writeFile(file, arrays);
        WeightFiles.open(directory).load(empty(true), manager);
        arrays.put("lm_head.weight", arrays.get("lm_head.weight").add(1));
        F32.writeFile(file, arrays);
        assertEquals(
                directory
                        + " does not fit the model:\n  unexpected: lm_head.weight, which differs"
                        + " from model.embed_tokens.weight though the model has one matrix for"
                        + " both",
                assertDoesNotFit(empty(true)).getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"F32", "F16", "BF16"})
    void load_whatIsNotFinite_isRefusedByName(String type) throws IOException {
        for (float number : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
            CausalLm source = TinyLm.model(manager);
            for (String name : List.of("model.norm.weight", "model.layers.1.mlp.up_proj.weight")) {
                TinyLm.value(source, name).set(new NDIndex("-1"), number);
            }
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            arrays(source)
                    .forEach((n, a) -> tensors.put(n, Tensor.of(a, SafetensorsType.valueOf(type))));
            Path file = SafetensorsFiles.write(directory.resolve("model.safetensors"), tensors);
            assertEquals(
                    ("weights are damaged, with NaN or infinite values; get the files anew,"
                                    + " or take an earlier save:\n"
                                    + "  model.layers.1.mlp.up_proj.weight in %s\n"
                                    + "  model.norm.weight in %s")
                            .formatted(file, file),
                    assertDoesNotFit(new CausalLm(TinyLm.config().build(), 1)).getMessage());
            Files.delete(file);
        }
    }

    @Test
    void openFile_adapter_loadsParametersByOtherNames() throws IOException {
        Path file = directory.resolve("adapter_model.safetensors");
        F32.writeFile(file, Map.of("base_model.norm", manager.ones(new Shape(8))));
        CausalLm model = TinyLm.model(manager);
        Parameter norm = model.getParameters().get("model.norm.weight");
        WeightFiles.openFile(file).load(Map.of("base_model.norm", norm), manager);
        assertEquals(manager.ones(new Shape(8)), norm.getArray());
    }
}
