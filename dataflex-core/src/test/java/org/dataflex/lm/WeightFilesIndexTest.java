package org.dataflex.lm;

import static org.dataflex.checkpoint.SafetensorsFiles.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.checkpoint.SafetensorsFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightFilesIndexTest {

    @TempDir Path directory;

    private void shard(String name, String... tensors) throws IOException {
        StringBuilder header = new StringBuilder("{");
        for (int i = 0; i < tensors.length; i++) {
            header.append(i > 0 ? "," : "").append(entry(tensors[i], "U8", "[1]", i, i + 1));
        }
        SafetensorsFiles.write(directory.resolve(name), header + "}", tensors.length);
    }

    private String indexProblem(String json) throws IOException {
        Path index = directory.resolve("model.safetensors.index.json");
        Files.writeString(index, json.replace('\'', '"'));
        Exception e = assertThrows(CheckpointException.class, () -> WeightFiles.open(directory));
        return e.getMessage().replace(index + " is damaged: ", "");
    }

    @Test
    void open_indexThatIsNotSound_isRefused() throws IOException {
        assertEquals("it is not a JSON object", indexProblem("[]"));
        assertTrue(indexProblem("{").startsWith("it is not sound JSON: "));
        assertTrue(
                indexProblem("{'weight_map':{'a':'b.safetensors','a':'c.safetensors'}}")
                        .endsWith("Duplicate field 'a'"));
        String problem = "weight_map must map each tensor to its shard";
        assertEquals(problem, indexProblem("{}"));
        assertEquals(problem, indexProblem("{'weight_map':{}}"));
        for (String name :
                new String[] {
                    "../x.safetensors",
                    "/x.safetensors",
                    "a/b.safetensors",
                    "a\\\\b.safetensors",
                    "..",
                    "..safetensors",
                    "",
                    "C:x.safetensors",
                    "weights.bin"
                }) {
            assertEquals(
                    "tensor 'a' is said to be in \"%s\", which is no shard's file name"
                            .formatted(name),
                    indexProblem("{'weight_map':{'a':'" + name + "'}}"));
        }
    }

    @Test
    void open_indexThatDiffersFromItsShards_isRefusedWithAllDifferences() throws IOException {
        shard("s1.safetensors", "a", "stray");
        shard("s2.safetensors", "a", "b");
        assertEquals(
                Set.of(
                        "it differs from the shards:",
                        "s1.safetensors has tensor 'stray', which is listed nowhere",
                        "s2.safetensors has tensor 'a', which is listed in s1.safetensors",
                        "s2.safetensors lacks tensor 'c'",
                        "shard s3.safetensors is missing"),
                Set.of(
                        indexProblem(
                                        "{'weight_map':{'a':'s1.safetensors','b':'s2.safetensors',"
                                                + "'c':'s2.safetensors','d':'s3.safetensors'}}")
                                .split("\n  ")));
    }

    @Test
    void open_truncatedShard_isNamed() throws IOException {
        Path source = SafetensorsFiles.fromPython("sharded");
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.toList()) {
                Files.copy(file, directory.resolve(file.getFileName().toString()));
            }
        }
        Path shard = WeightFiles.open(directory).shards().get(1).file();
        byte[] bytes = Files.readAllBytes(shard);
        Files.delete(shard);
        Files.write(shard, Arrays.copyOf(bytes, bytes.length - 5));
        Exception e = assertThrows(CheckpointException.class, () -> WeightFiles.open(directory));
        assertTrue(e.getMessage().startsWith(shard + " is damaged: tensor '"), e.getMessage());
        assertTrue(e.getMessage().contains("its data ends at byte "), e.getMessage());
        assertTrue(e.getMessage().endsWith("; get the file anew"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pytorch_model.bin",
                "pytorch_model-00001-of-00002.bin",
                "model.pt",
                "consolidated.00.pth"
            })
    void open_pickledWeights_saysHowToMend(String file) throws IOException {
        Files.createFile(directory.resolve(file));
        Files.createFile(directory.resolve("training_args.bin"));
        Files.createFile(directory.resolve("optimizer.pt"));
        Exception e = assertThrows(NoSuchFileException.class, () -> WeightFiles.open(directory));
        assertEquals(
                directory
                        + ": "
                        + file
                        + " is not read; let transformers save the model again as safetensors, by"
                        + " save_pretrained with safe_serialization",
                e.getMessage());
        Files.delete(directory.resolve(file));
        e = assertThrows(NoSuchFileException.class, () -> WeightFiles.open(directory));
        assertTrue(e.getMessage().contains("neither model.safetensors"), e.getMessage());
    }

    @Test
    void open_truncatedSingleFile_isNamedWithAMend() throws IOException {
        Path file = directory.resolve("model.safetensors");
        byte[] bytes =
                Files.readAllBytes(
                        SafetensorsFiles.fromPython("single").resolve("model.safetensors"));
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 5));
        for (Executable open :
                List.<Executable>of(
                        () -> WeightFiles.open(directory), () -> WeightFiles.openFile(file))) {
            String message = assertThrows(CheckpointException.class, open).getMessage();
            assertTrue(message.startsWith(file + " is damaged: tensor '"), message);
            assertTrue(message.endsWith("; get the file anew"), message);
        }
    }

    @Test
    void open_emptyDirectory_saysWhatIsMissing() {
        Exception e = assertThrows(NoSuchFileException.class, () -> WeightFiles.open(directory));
        assertEquals(
                directory + ": neither model.safetensors nor model.safetensors.index.json is there",
                e.getMessage());
    }
}
