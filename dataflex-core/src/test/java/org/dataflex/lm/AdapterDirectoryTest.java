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
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.checkpoint.Drafts;
import org.dataflex.checkpoint.SafetensorsFiles;
import org.dataflex.checkpoint.SafetensorsReader;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.checkpoint.SafetensorsWriter;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.model.UnsupportedModelException;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class AdapterDirectoryTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final LoraConfig ON_TWO =
            LoraConfig.builder()
                    .setRank(2)
                    .optAlpha(2.5)
                    .optDropout(0.1f)
                    .addTargets("v_proj", "q_proj")
                    .optRankStabilized(true)
                    .build();

    private final NDManager manager = NDManager.newBaseManager();

    @TempDir Path parent;

    @AfterEach
    void close() {
        manager.close();
    }

    private static Path fromPython(String name) {
        return SafetensorsFiles.fromPython("../adapter-files/" + name);
    }

    private CausalLm baseOfPython() throws IOException {
        CausalLm model = new CausalLm(TinyLm.config().optTieWordEmbeddings(false).build(), 1);
        WeightFiles.open(SafetensorsFiles.fromPython("single")).load(model, manager);
        model.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        return model;
    }

    private NDArray logits(CausalLm model) {
        NDArray ids = TinyLm.ids(manager, new long[] {1, 2, 3, 5, 8});
        return TinyLm.logits(model, manager, new NDList(ids)).squeeze(0);
    }

    private Lora taught(CausalLm model, LoraConfig config) {
        Lora lora = Lora.attach(model, config, 3);
        long seed = 7;
        for (Parameter parameter : lora.parameters().values()) {
            NDArray array = parameter.getArray();
            NDArray drawn =
                    new SeededNormal(0.5, seed++)
                            .initialize(manager, array.getShape(), array.getDataType());
            array.addi(drawn);
        }
        return lora;
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "rslora"})
    void attach_adapterOfPeft_givesItsLogits_mergedToo(String name) throws IOException {
        Path python = fromPython(name);
        float[][] expected =
                JSON.readValue(python.resolve("logits.json").toFile(), float[][].class);
        CausalLm model = baseOfPython();
        Lora lora = new AdapterDirectory(python).attach(model, manager);
        assertEquals(4, lora.config().rank());
        assertEquals(name.equals("plain") ? 0.1f : 0, lora.config().dropout());
        assertLogits(expected, model);
        lora.merge();
        assertLogits(expected, model);
    }

    private void assertLogits(float[][] expected, CausalLm model) {
        NDArray logits = logits(model);
        for (int t = 0; t < expected.length; t++) {
            // float32 sums of 12 terms, values below 10, rounded to 1e-6 in the file
            assertArrayEquals(expected[t], logits.get(t).toFloatArray(), 2e-5f);
        }
    }

    @Test
    void save_thenAttach_givesEqualSettingsAndLogits() throws IOException {
        for (LoraConfig config : List.of(ON_TWO, LoraConfig.builder().setRank(1).build())) {
            CausalLm model = TinyLm.model(manager);
            AdapterDirectory directory = new AdapterDirectory(parent.resolve("adapter"));
            Lora saved = taught(model, config);
            directory.save(saved, "tiny");
            CausalLm other = TinyLm.model(manager);
            Lora lora = directory.attach(other, manager);
            assertEquals(saved.targets(), lora.config().targets());
            assertEquals(config.scale(), lora.config().scale());
            assertEquals(config.dropout(), lora.config().dropout());
            assertEquals(logits(model), logits(other));
            for (Parameter parameter : other.getParameters().values()) {
                boolean isAdapter = parameter.getName().contains(".lora_");
                assertEquals(isAdapter, parameter.requiresGradient(), parameter.getName());
            }
        }
    }

    @Test
    void save_config_isWhatPeftReads() throws IOException {
        Path directory = parent.resolve("adapter");
        new AdapterDirectory(directory).save(taught(TinyLm.model(manager), ON_TWO), "org/tiny");
        assertEquals(
                JSON.readTree(
                        """
                        {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": 2, "lora_alpha": 2.5,
                        "lora_dropout": 0.1, "use_rslora": true,
                        "target_modules": ["q_proj", "v_proj"], "bias": "none",
                        "base_model_name_or_path": "org/tiny", "revision": null,
                        "inference_mode": true, "auto_mapping": null, "fan_in_fan_out": false,
                        "init_lora_weights": true, "modules_to_save": null, "use_dora": false,
                        "layers_to_transform": null, "layers_pattern": null,
                        "rank_pattern": {}, "alpha_pattern": {}}
                        """),
                JSON.readTree(directory.resolve("adapter_config.json").toFile()));
        assertEquals(
                List.of("adapter_config.json", "adapter_model.safetensors"),
                WeightFilesWriterTest.files(directory));
        assertEquals(List.of("adapter"), WeightFilesWriterTest.files(parent));
    }

    @Test
    void save_unnamedTargetsAndWholeAlpha_areWrittenAsPeftHasThem() throws IOException {
        Path directory = parent.resolve("adapter");
        LoraConfig config = LoraConfig.builder().setRank(4).build();
        new AdapterDirectory(directory).save(taught(TinyLm.model(manager), config), null);
        String text = Files.readString(directory.resolve("adapter_config.json"));
        assertTrue(text.contains("\"lora_alpha\" : 8,"), text);
        assertTrue(text.contains("\"base_model_name_or_path\" : null,"), text);
        assertTrue(
                text.contains(
                        "[ \"down_proj\", \"gate_proj\", \"k_proj\", \"o_proj\", \"q_proj\","
                                + " \"up_proj\", \"v_proj\" ]"),
                text);
    }

    @Test
    void attach_beforeTheModelHasValues_givesAdaptersTheirs() throws IOException {
        CausalLm model = new CausalLm(TinyLm.config().optTieWordEmbeddings(false).build(), 1);
        new AdapterDirectory(fromPython("plain")).attach(model, manager);
        Map<String, Parameter> base = new LinkedHashMap<>();
        model.getParameters().forEach(p -> base.put(p.getKey(), p.getValue()));
        base.keySet().removeIf(n -> n.contains(".lora_"));
        WeightFiles.open(SafetensorsFiles.fromPython("single")).load(base, manager);
        model.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        CausalLm other = baseOfPython();
        new AdapterDirectory(fromPython("plain")).attach(other, manager);
        assertEquals(logits(other), logits(model));
    }

    @Test
    void attach_allLinearAndOtherNameOfTheBase_areAccepted() throws IOException {
        Path directory = copyOfPlain();
        edit(directory, "target_modules", "\"all-linear\"");
        edit(directory, "base_model_name_or_path", "\"/elsewhere\"");
        Lora lora = new AdapterDirectory(directory).attach(baseOfPython(), manager);
        assertEquals(Set.of(), lora.config().targets());
        assertEquals(28, lora.parameters().size());
    }

    private Path copyOfPlain() throws IOException {
        Path directory = Files.createDirectories(parent.resolve("copy"));
        for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
            Path copy = directory.resolve(file);
            Files.deleteIfExists(copy);
            Files.copy(fromPython("plain").resolve(file), copy);
        }
        return directory;
    }

    private static void edit(Path directory, String key, String json) throws IOException {
        Path file = directory.resolve("adapter_config.json");
        ObjectNode config = (ObjectNode) JSON.readTree(file.toFile());
        if (json.equals("absent")) {
            config.remove(key);
        } else {
            config.set(key, JSON.readTree(json));
        }
        Files.writeString(file, config.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "peft_type | \"IA3\" | must be LORA",
                "peft_type | absent | must be LORA",
                "task_type | \"SEQ_CLS\" | must be CAUSAL_LM",
                "bias | \"all\" | must be none",
                "bias | \"lora_only\" | must be none",
                "use_dora | true | must be absent or off",
                "lora_bias | true | must be absent or off",
                "fan_in_fan_out | true | must be absent or off",
                "modules_to_save | [\"lm_head\"] | must be absent or off",
                "rank_pattern | {\"q_proj\":8} | must be absent or off",
                "alpha_pattern | {\"q_proj\":8} | must be absent or off",
                "layers_to_transform | [0] | must be absent or off",
                "layers_to_transform | 1 | must be absent or off",
                "layer_replication | [[0,1]] | must be absent or off",
                "exclude_modules | \"q_proj\" | must be absent or off",
                "unheard_of | 3 | must be absent or off",
                "init_lora_weights | \"pissa_niter_16\""
                        + " | must be eva, false, gaussian, orthogonal, true",
                "init_lora_weights | \"olora\" | must be eva, false, gaussian, orthogonal, true",
                "init_lora_weights | \"loftq\" | must be eva, false, gaussian, orthogonal, true",
                "r | 2.5 | must be a whole number",
                "r | absent | must be a whole number",
                "lora_alpha | \"8\" | must be a number",
                "lora_dropout | \"0\" | must be a number",
                "use_rslora | 1 | must be true or false",
                "target_modules | \".*_proj\""
                        + " | regular expressions are not read; list the layers' names",
                "target_modules | [3] | must be names",
                "target_modules | [] | must be a list of names, or \"all-linear\"",
                "target_modules | null | must be a list of names, or \"all-linear\"",
            })
    void attach_whatIsNotSupported_isRefusedByName(String key, String json, String mend)
            throws IOException {
        Path directory = copyOfPlain();
        edit(directory, key, json);
        Path file = directory.resolve("adapter_config.json");
        String value = json.equals("absent") ? "missing" : json;
        assertEquals(
                file + " is not supported:\n  " + key + " = " + value + ", " + mend,
                refusal(directory));
    }

    private String refusal(Path directory) throws IOException {
        AdapterDirectory adapter = new AdapterDirectory(directory);
        CausalLm model = baseOfPython();
        Exception e =
                assertThrows(UnsupportedModelException.class, () -> adapter.attach(model, manager));
        return e.getMessage();
    }

    @Test
    void attach_severalWrongSettings_areListedAtOnce() throws IOException {
        Path directory = copyOfPlain();
        edit(directory, "bias", "\"all\"");
        edit(directory, "use_dora", "true");
        assertEquals(3, refusal(directory).lines().count());
        directory = copyOfPlain();
        edit(directory, "r", "0");
        edit(directory, "lora_dropout", "1");
        assertEquals(
                directory.resolve("adapter_config.json")
                        + " is not supported:\n  rank = 0, must be at least 1\n"
                        + "  dropout = 1.0, must be in [0, 1)",
                refusal(directory));
    }

    private CheckpointException assertDoesNotFit(Path directory, CausalLm model)
            throws IOException {
        AdapterDirectory adapter = new AdapterDirectory(directory);
        List<String> names = model.getParameters().keys();
        List<Boolean> trained = trained(model);
        NDArray before = logits(model);
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> adapter.attach(model, manager));
        assertEquals(names, model.getParameters().keys());
        assertEquals(trained, trained(model));
        assertEquals(before, logits(model));
        return e;
    }

    private static List<Boolean> trained(CausalLm model) {
        return model.getParameters().values().stream().map(Parameter::requiresGradient).toList();
    }

    @Test
    void attach_adapterOfAnotherModel_listsAllThatDoesNotFitAndLeavesTheModel() throws IOException {
        CausalLm one = TinyLm.model(manager, TinyLm.config().setNumLayers(1).build());
        Path directory = parent.resolve("adapter");
        LoraConfig config = LoraConfig.builder().setRank(1).addTargets("down_proj").build();
        new AdapterDirectory(directory).save(taught(one, config), "tiny");
        CausalLm wider = TinyLm.model(manager, TinyLm.config().optIntermediateSize(20).build());
        String[] lines = assertDoesNotFit(directory, wider).getMessage().split("\n  ");
        String path = "base_model.model.model.layers.";
        assertEquals(
                directory.resolve("adapter_model.safetensors") + " does not fit the model:",
                lines[0]);
        assertEquals(
                List.of(
                        "shape: "
                                + path
                                + "0.mlp.down_proj.lora_A.weight is (1, 12), must be"
                                + " (1, 20)",
                        "missing: " + path + "1.mlp.down_proj.lora_A.weight",
                        "missing: " + path + "1.mlp.down_proj.lora_B.weight"),
                Arrays.asList(lines).subList(1, lines.length));
    }

    @Test
    void attach_adapterOfABaseWithOtherValues_isRefusedAndTheModelLeft() throws IOException {
        for (LoraConfig config : List.of(ON_TWO, LoraConfig.builder().setRank(1).build())) {
            Path directory = parent.resolve("adapter");
            new AdapterDirectory(directory).save(taught(TinyLm.model(manager), config), "tiny");
            CausalLm other = TinyLm.model(manager);
            TinyLm.value(other, "model.layers.1.self_attn.v_proj.weight").muli(1.02);
            assertEquals(
                    directory
                            + " is an adapter of another base model:"
                            + " model.layers.1.self_attn.v_proj.weight had other values when it"
                            + " was saved; attach it to the model that it was trained on, which"
                            + " adapter_config.json may name, or train it anew on this one",
                    assertDoesNotFit(directory, other).getMessage());
        }
    }

    @Test
    void attach_baseWithAdaptersMergedSince_isRefused() throws IOException {
        AdapterDirectory directory = new AdapterDirectory(parent.resolve("adapter"));
        CausalLm model = TinyLm.model(manager);
        Lora lora = taught(model, ON_TWO);
        directory.save(lora, "tiny");
        lora.merge();
        assertTrue(
                assertDoesNotFit(parent.resolve("adapter"), model)
                        .getMessage()
                        .contains(" is an adapter of another base model: "));
    }

    @ParameterizedTest
    @CsvSource({
        "F32, F32",
        "F32, BF16",
        "F32, F16",
        "BF16, F32",
        "BF16, F16",
        "F16, F32",
        "F16, BF16"
    })
    void attach_sameBaseInAnotherPrecision_isAccepted(SafetensorsType saved, SafetensorsType read)
            throws IOException {
        AdapterDirectory directory = new AdapterDirectory(parent.resolve("adapter"));
        directory.save(taught(rounded(saved), LoraConfig.builder().setRank(1).build()), null);
        assertEquals(28, directory.attach(rounded(read), manager).parameters().size());
    }

    private CausalLm rounded(SafetensorsType type) {
        CausalLm model = TinyLm.model(manager);
        for (Parameter parameter : model.getParameters().values()) {
            NDArray array = parameter.getArray();
            Tensor.of(array.duplicate(), type).copyTo(array);
        }
        return model;
    }

    @Test
    void attach_otherEmbeddingOrNoValuesYet_isAccepted() throws IOException {
        AdapterDirectory directory = new AdapterDirectory(parent.resolve("adapter"));
        directory.save(taught(TinyLm.model(manager), ON_TWO), null);
        CausalLm model = TinyLm.model(manager);
        TinyLm.value(model, "model.embed_tokens.weight").muli(2);
        assertEquals(8, directory.attach(model, manager).parameters().size());
        CausalLm empty = new CausalLm(TinyLm.config().build(), 1);
        assertEquals(8, directory.attach(empty, manager).parameters().size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"a.weight 1 x|For input string: \"x\"", "a.weight|a line without values"})
    void attach_damagedValuesOfTheBase_isRefused(String values, String problem) throws IOException {
        Path directory = parent.resolve("adapter");
        new AdapterDirectory(directory).save(taught(TinyLm.model(manager), ON_TWO), null);
        Path file = directory.resolve("adapter_model.safetensors");
        SafetensorsReader saved = SafetensorsReader.open(file);
        assertEquals("pt", saved.metadata().get("format"));
        Path damaged = parent.resolve("damaged");
        try (WritableByteChannel channel = Drafts.open(damaged)) {
            SafetensorsWriter.write(
                    channel, saved.tensors(), Map.of("dataflex_base_sample", values));
        }
        Files.move(damaged, file, StandardCopyOption.REPLACE_EXISTING);
        assertEquals(
                file + " is damaged: dataflex_base_sample has " + problem,
                assertDoesNotFit(directory, TinyLm.model(manager)).getMessage());
    }

    @Test
    void attach_rankThatLies_isRefusedBeforeMemoryIsAskedFor() throws IOException {
        Path directory = copyOfPlain();
        edit(directory, "r", "2000000000");
        String message = assertDoesNotFit(directory, baseOfPython()).getMessage();
        assertEquals(1 + 28, message.lines().count());
        assertTrue(
                message.contains("q_proj.lora_A.weight is (4, 8), must be (2000000000, 8)\n"),
                message);
    }

    @Test
    void attach_unknownLayers_areNamed() throws IOException {
        Path directory = copyOfPlain();
        edit(directory, "target_modules", "[\"q_proj\", \"c_attn\"]");
        assertEquals(
                directory
                        + " does not fit the model: targets [c_attn] end no linear layer's name;"
                        + " the last parts are q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj,"
                        + " down_proj, lm_head",
                assertDoesNotFit(directory, baseOfPython()).getMessage());
    }

    @Test
    void attach_valuesThatAreNotFinite_areRefusedAndTheModelLeft() throws IOException {
        Lora lora = taught(TinyLm.model(manager), ON_TWO);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        lora.parameters().forEach((n, p) -> tensors.put(n, Tensor.of(p.getArray())));
        String bad = lora.parameters().keySet().iterator().next();
        lora.parameters().get(bad).getArray().set(new NDIndex("0, 0"), Float.NaN);
        Path directory = parent.resolve("adapter");
        AdapterDirectory adapter = new AdapterDirectory(directory);
        Exception e = assertThrows(IOException.class, () -> adapter.save(lora, null));
        assertTrue(e.getMessage().contains("not finite as F32 in " + bad), e.getMessage());
        assertEquals(List.of(), WeightFilesWriterTest.files(parent));
        lora.parameters().get(bad).getArray().set(new NDIndex("0, 0"), 0);
        adapter.save(lora, null);
        lora.parameters().get(bad).getArray().set(new NDIndex("0, 0"), Float.NaN);
        Path file = directory.resolve("adapter_model.safetensors");
        SafetensorsFiles.write(file, tensors);
        assertEquals(
                "weights are damaged, with NaN or infinite values; get the files anew, or take an"
                        + " earlier save:\n  "
                        + bad
                        + " in "
                        + file,
                assertDoesNotFit(directory, partlyFrozen()).getMessage());
    }

    private CausalLm partlyFrozen() {
        CausalLm model = TinyLm.model(manager);
        model.getParameters().get(0).getValue().freeze(true);
        return model;
    }

    @Test
    void attach_missingFiles_areNamed() throws IOException {
        Path directory = copyOfPlain();
        Files.delete(directory.resolve("adapter_model.safetensors"));
        assertEquals(directory + ": adapter_model.safetensors is not there", missing(directory));
        Files.createFile(directory.resolve("adapter_model.bin"));
        assertEquals(
                directory
                        + ": adapter_model.bin is not read; let PEFT save it again with"
                        + " safe_serialization",
                missing(directory));
        Files.delete(directory.resolve("adapter_config.json"));
        assertEquals(directory + ": adapter_config.json is not there", missing(directory));
    }

    private String missing(Path directory) throws IOException {
        AdapterDirectory adapter = new AdapterDirectory(directory);
        CausalLm model = baseOfPython();
        return assertThrows(NoSuchFileException.class, () -> adapter.attach(model, manager))
                .getMessage();
    }

    @Test
    void attach_modelWithAdapters_isRefused() throws IOException {
        CausalLm model = baseOfPython();
        AdapterDirectory adapter = new AdapterDirectory(fromPython("plain"));
        adapter.attach(model, manager);
        assertThrows(IllegalStateException.class, () -> adapter.attach(model, manager));
    }

    @Test
    void save_fullDisk_leavesTheEarlierSaveAndNoDrafts() throws IOException {
        Lora lora = taught(TinyLm.model(manager), ON_TWO);
        Path target = parent.resolve("adapter");
        new AdapterDirectory(target).save(lora, "first");
        long size = Files.size(target.resolve("adapter_model.safetensors"));
        byte[] config = Files.readAllBytes(target.resolve("adapter_config.json"));
        for (long bytes : new long[] {0, 1000, size, size + 100}) {
            AdapterDirectory full = new AdapterDirectory(target, SafetensorsFiles.diskOf(bytes));
            Exception e = assertThrows(IOException.class, () -> full.save(lora, "second"));
            assertTrue(e.getMessage().contains(": no space left; "), e.getMessage());
            assertEquals(List.of("adapter"), WeightFilesWriterTest.files(parent));
            assertArrayEquals(config, Files.readAllBytes(target.resolve("adapter_config.json")));
            new AdapterDirectory(target).attach(TinyLm.model(manager), manager);
        }
    }

    @Test
    void save_overAnAdapterOfPeft_keepsItsCard() throws IOException {
        Path target = copyOfPlain();
        Files.writeString(target.resolve("README.md"), "a card");
        new AdapterDirectory(target).save(taught(TinyLm.model(manager), ON_TWO), null);
        assertEquals("a card", Files.readString(target.resolve("README.md")));
        new AdapterDirectory(target).attach(TinyLm.model(manager), manager);
    }

    @Test
    void save_otherFilesOrMergedAdapters_areRefused() throws IOException {
        Path target = Files.createDirectory(parent.resolve("adapter"));
        Files.createFile(target.resolve("notes.txt"));
        AdapterDirectory adapter = new AdapterDirectory(target);
        Exception e = assertThrows(FileSystemException.class, adapter::requireWritable);
        assertEquals(
                target
                        + ": saving replaces this directory, and it holds what is no part of an"
                        + " adapter: notes.txt",
                e.getMessage());
        Lora lora = taught(TinyLm.model(manager), ON_TWO);
        lora.merge();
        e = assertThrows(IllegalStateException.class, () -> adapter.save(lora, null));
        assertEquals("the adapters were merged or removed before", e.getMessage());
    }
}
