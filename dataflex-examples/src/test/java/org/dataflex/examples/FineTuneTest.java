package org.dataflex.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.checkpoint.SafetensorsWriter;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.examples.finetune.InstructionFile;
import org.dataflex.lm.TextTokenizer;
import org.dataflex.lm.WeightFiles;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fine-tunes a tiny model and tokenizer made here, and tries what cannot work. */
@ExtendWith(NoLeaks.class)
class FineTuneTest {

    @TempDir private Path directory;
    private Path source;
    private Path data;
    private Path output;

    @BeforeEach
    void writeInputs() throws IOException {
        source = Files.createDirectory(directory.resolve("model"));
        TinyModelDirectory.write(source);
        data = directory.resolve("data.jsonl");
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            lines.append("{\"instruction\":\"count " + i + "\",\"output\":\"" + i + " is it\"}\n");
        }
        Files.writeString(data, lines);
        output = directory.resolve("tuned");
    }

    private String[] arguments(String... more) {
        List<String> all =
                new ArrayList<>(List.of("--model", source.toString(), "--data", data.toString()));
        all.addAll(List.of("--output", output.toString(), "--steps", "6"));
        all.addAll(List.of("--learning-rate", "1e-2"));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private String refused(String... more) {
        return Printed.whenRefused(1, new FineTune(), arguments(more));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--lora=0", "--lora=4", "--bf16", "--checkpointing"})
    void run_writesADirectoryThatLoads(String option) throws Exception {
        String printed = Printed.by(() -> FineTune.main(arguments("--max-length", "64", option)));
        assertTrue(printed.contains("after 6 steps"), printed);
        assertTrue(printed.contains("tokens/s"), printed);
        assertEquals(WeightFiles.open(source).names(), WeightFiles.open(output).names());
        for (String file : List.of("config.json", "tokenizer.json")) {
            assertEquals(
                    Files.readString(source.resolve(file)), Files.readString(output.resolve(file)));
        }
    }

    @Test
    void run_adapterOnly_writesPeftsFiles() {
        Printed.by(
                () -> FineTune.main(arguments("--max-length", "64", "--lora=4", "--adapter-only")));
        assertTrue(Files.exists(output.resolve("adapter_config.json")));
        assertTrue(Files.exists(output.resolve("adapter_model.safetensors")));
    }

    @ParameterizedTest
    @CsvSource({
        "--lora=-1, '--lora = -1, must be at least 0'",
        "--steps=0, '--steps = 0, must be at least 1'",
        "--batch-size=0, '--batch-size = 0, must be at least 1'",
        "--max-length=1, '--max-length = 1, must be at least 2'",
        "--learning-rate=0, '--learning-rate = 0.0, must be positive and finite'",
        "--learning-rate=NaN, '--learning-rate = NaN, must be positive and finite'",
        "--adapter-only, '--adapter-only needs --lora: there is no adapter to write'",
        "--learning-rate=Infinity, '--learning-rate = Infinity, must be positive and finite'"
    })
    void run_numbersThatCannotBe_areRefusedBeforeAnythingIsRead(String option, String message) {
        String printed =
                Printed.whenRefused(
                        2, new FineTune(), "--model=none", "--data=none", "--output=none", option);
        assertEquals(message, printed.lines().findFirst().orElseThrow());
    }

    @Test
    void run_longerThanTheModelsPositions_isRefused() {
        String message = refused("--max-length", "100000");
        assertTrue(
                message.contains(
                        "--max-length = 100000 exceeds the model's 2048 positions; lower it"),
                message);
    }

    @Test
    void run_tokenizerOfAnotherModel_isRefused() throws IOException {
        Path config = source.resolve("config.json");
        Files.writeString(
                config,
                Files.readString(config).replace("\"vocab_size\" : 64", "\"vocab_size\" : 8"));
        String message = refused("--max-length", "64");
        assertTrue(message.contains(" tokens, the model 8; they do not belong together"), message);
    }

    @Test
    void run_modelOfAnUnknownType_isRefusedInOneLine() throws IOException {
        Path config = source.resolve("config.json");
        Files.writeString(
                config,
                Files.readString(config).replaceAll("(\"model_type\" : )\"\\w+", "$1\"mamba"));
        String message = refused("--max-length", "64");
        assertTrue(message.startsWith("FineTune: model_type = "), message);
        assertTrue(message.contains("mamba"), message);
        assertEquals(1, message.lines().count(), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--lora=0", "--lora=4"})
    void run_weightsInFloat64_areRefusedInOneLine(String option) throws IOException {
        storeInFloat64(source);
        assertEquals(
                "FineTune: most weights of "
                        + source
                        + " are F64, such as 'model.embed_tokens.weight'; only F32, F16 and BF16"
                        + " are read and written, convert them first",
                refused("--max-length", "64", option).strip());
    }

    private static void storeInFloat64(Path model) throws IOException {
        WeightFiles weights = WeightFiles.open(model);
        Map<String, Tensor> wide = new LinkedHashMap<>();
        for (String name : weights.names()) {
            Shape shape = weights.tensor(name).shape();
            double[] values = new double[(int) shape.size()];
            wide.put(name, new Tensor(SafetensorsType.F64, shape, Tensor.of(values).content()));
        }
        try (FileChannel file =
                FileChannel.open(
                        model.resolve("wide"),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE)) {
            SafetensorsWriter.write(file, wide);
        }
        Files.move(
                model.resolve("wide"),
                model.resolve("model.safetensors"),
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void run_outputThatHoldsSomethingElse_isRefusedBeforeTraining() throws IOException {
        Files.createDirectory(output);
        Files.writeString(output.resolve("thesis.tex"), "precious");
        String message = refused("--max-length", "64");
        assertTrue(message.contains("thesis.tex"), message);
        assertEquals("precious", Files.readString(output.resolve("thesis.tex")));
    }

    @Test
    void run_missingWeights_isRefused() throws IOException {
        Files.delete(source.resolve("model.safetensors"));
        String message = refused("--max-length", "64");
        assertTrue(message.contains("model.safetensors"), message);
    }

    @Test
    void run_everySampleTooLong_isRefused() {
        String message = refused("--max-length", "3");
        assertTrue(message.contains("leaves 0 samples to train on"), message);
    }

    @Test
    void instructionFile_badLines_areNamed() throws Exception {
        try (TextTokenizer tokenizer = TextTokenizer.open(source)) {
            Files.writeString(
                    data, "{\"instruction\":\"a\",\"output\":\"b\"}\n{\"instruction\":3}\n");
            assertEquals(
                    data + " line 2: column 'instruction' is not a text but 3; quote it",
                    message(tokenizer));
            Files.writeString(data, "\n\nnope");
            String message = message(tokenizer);
            assertTrue(
                    message.startsWith(
                            data + " is broken JSON at line 3, column 5: Unrecognized token"),
                    message);
        }
    }

    private String message(TextTokenizer tokenizer) {
        return assertThrows(
                        IOException.class,
                        () -> InstructionFile.read(data, tokenizer, List.of(), 64))
                .getMessage();
    }

    @Test
    void instructionFile_endOfText_isATarget() throws Exception {
        try (TextTokenizer tokenizer = TextTokenizer.open(source)) {
            InstructionFile file = InstructionFile.read(data, tokenizer, List.of(2, 3), 64);
            int[] ids = file.training().ids(0);
            assertEquals(2, ids[ids.length - 1]);
            assertTrue(file.training().targets(0)[ids.length - 1]);
        }
    }
}
