package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import org.dataflex.checkpoint.SafetensorsFiles;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class ModelDirectoryTest {

    private static final WeightFilesWriter F32 = WeightFilesWriter.of(SafetensorsType.F32);

    private final NDManager manager = NDManager.newBaseManager();
    private final CausalLm model = TinyLm.model(manager);

    @TempDir Path parent;

    private Path source;
    private Path target;

    @BeforeEach
    void makeSource() throws IOException {
        source = Files.createDirectory(parent.resolve("source"));
        for (String name : List.of("tokenizer.json", "tokenizer.model", "README.md")) {
            Files.writeString(source.resolve(name), name);
        }
        target = parent.resolve("target");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void save_newDirectory_hasWeightsConfigAndFilesOfTheTokenizer() throws IOException {
        new ModelDirectory(target, F32).save(model, "{\"é\": 1}", source);
        assertEquals(
                List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer.model"),
                WeightFilesWriterTest.files(target));
        assertEquals("{\"é\": 1}", Files.readString(target.resolve("config.json")));
        assertEquals("tokenizer.model", Files.readString(target.resolve("tokenizer.model")));
        assertEquals(List.of("source", "target"), WeightFilesWriterTest.files(parent));
        WeightFiles.open(target).load(TinyLm.model(manager), manager);
    }

    @Test
    void save_chatTemplatesWithNames_areCopiedAndReplaced() throws IOException {
        Path templates = Files.createDirectory(source.resolve("additional_chat_templates"));
        Files.writeString(templates.resolve("tools.jinja"), "{{ tools }}");
        new ModelDirectory(target, F32).save(model, "{}", source);
        Path copied = target.resolve("additional_chat_templates/tools.jinja");
        assertEquals("{{ tools }}", Files.readString(copied));
        new ModelDirectory(target, F32).save(model, "{}", target);
        assertEquals("{{ tools }}", Files.readString(copied));
    }

    @Test
    void save_overAnEarlierSave_replacesItWholeEvenFromItself() throws IOException {
        new ModelDirectory(target, F32.withShardsOf(1000)).save(model, "{}", source);
        new ModelDirectory(target, F32).save(model, "{}", target);
        assertEquals(
                List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer.model"),
                WeightFilesWriterTest.files(target));
        new ModelDirectory(target, F32).save(model, "{}", null);
        assertEquals(
                List.of("config.json", "model.safetensors"), WeightFilesWriterTest.files(target));
        assertEquals(List.of("source", "target"), WeightFilesWriterTest.files(parent));
    }

    @Test
    void save_fullDisk_leavesTheEarlierSaveAndNoDrafts() throws IOException {
        new ModelDirectory(target, F32).save(model, "{}", source);
        byte[] weights = Files.readAllBytes(target.resolve("model.safetensors"));
        WeightFilesWriter failing =
                new WeightFilesWriter(SafetensorsType.F16, 1000, SafetensorsFiles.diskOf(2000));
        ModelDirectory directory = new ModelDirectory(target, failing);
        assertThrows(IOException.class, () -> directory.save(model, "{'new': 1}", source));
        assertEquals(List.of("source", "target"), WeightFilesWriterTest.files(parent));
        assertEquals("{}", Files.readString(target.resolve("config.json")));
        assertArrayEquals(weights, Files.readAllBytes(target.resolve("model.safetensors")));
    }

    @Test
    void save_afterAProcessDiedBetweenTheMoves_putsTheEarlierSaveBackFirst() throws IOException {
        new ModelDirectory(target, F32).save(model, "{}", source);
        Files.move(target, parent.resolve(".target.previous"));
        WeightFilesWriter failing =
                new WeightFilesWriter(SafetensorsType.F32, 1000, SafetensorsFiles.diskOf(0));
        ModelDirectory directory = new ModelDirectory(target, failing);
        assertThrows(IOException.class, () -> directory.save(model, "{}", source));
        assertEquals(List.of("source", "target"), WeightFilesWriterTest.files(parent));
        WeightFiles.open(target);
    }

    @Test
    void constructor_filesThatAreNoModels_areRefusedBeforeAnythingIsTrained() throws IOException {
        Exception e =
                assertThrows(FileSystemException.class, () -> new ModelDirectory(source, F32));
        assertEquals(
                source
                        + ": saving replaces this directory, and it holds what is no part of a"
                        + " model: README.md",
                e.getMessage());
        Path file = Files.createFile(parent.resolve("file"));
        e = assertThrows(FileSystemException.class, () -> new ModelDirectory(file, F32));
        assertEquals(file + ": is not a directory", e.getMessage());
    }

    @Test
    void constructor_placeThatCannotBeWritten_isRefusedBeforeAnythingIsTrained()
            throws IOException {
        Path below = Files.createFile(parent.resolve("file")).resolve("model");
        Exception e = assertThrows(FileSystemException.class, () -> new ModelDirectory(below, F32));
        assertTrue(
                e.getMessage().startsWith(below + ": cannot be written: java.nio.file."),
                e.getMessage());
        new ModelDirectory(target, F32);
        assertEquals(List.of("file", "source"), WeightFilesWriterTest.files(parent));
    }

    @Test
    void save_filesThatCameSince_areNotLost() throws IOException {
        ModelDirectory directory = new ModelDirectory(target, F32);
        Files.createDirectory(target);
        Files.createFile(target.resolve("thesis.txt"));
        assertThrows(FileSystemException.class, () -> directory.save(model, "{}", null));
        assertEquals(List.of("thesis.txt"), WeightFilesWriterTest.files(target));
    }

    @Test
    void save_aModelWithAdapters_isRefused() throws IOException {
        LoraConfig config = LoraConfig.builder().setRank(2).build();
        Lora lora = Lora.attach(model, config, 1);
        ModelDirectory directory = new ModelDirectory(target, F32);
        Exception e =
                assertThrows(IllegalStateException.class, () -> directory.save(model, "{}", null));
        String end =
                ": the model has adapters; merge them first, or save them alone with"
                        + " AdapterDirectory";
        assertTrue(
                e.getMessage().startsWith("cannot save ") && e.getMessage().endsWith(end),
                e.getMessage());
        assertEquals(List.of("source"), WeightFilesWriterTest.files(parent));
        lora.merge();
        directory.save(model, "{}", null);
    }

    @Test
    void save_sourceThatIsNoDirectory_isRefused() throws IOException {
        Path missing = parent.resolve("missing");
        Exception e =
                assertThrows(
                        NotDirectoryException.class,
                        () -> new ModelDirectory(target, F32).save(model, "{}", missing));
        assertEquals(missing.toString(), e.getMessage());
    }
}
