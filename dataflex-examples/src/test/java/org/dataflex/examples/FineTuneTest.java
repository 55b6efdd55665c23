package org.dataflex.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
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
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.checkpoint.SafetensorsWriter;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.data.TokenSequences;
import org.dataflex.examples.evaluate.TokenLosses;
import org.dataflex.examples.finetune.FineTuneInputs;
import org.dataflex.examples.finetune.InstructionFile;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.lm.HuggingFaceConfig;
import org.dataflex.lm.TextTokenizer;
import org.dataflex.lm.WeightFiles;
import org.dataflex.model.BackbonePass;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

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

    private String tune(String... options) {
        List<String> all = new ArrayList<>(List.of("--max-length", "64"));
        all.addAll(List.of(options));
        return Printed.by(() -> FineTune.main(arguments(all.toArray(String[]::new))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--lora=0", "--lora=4", "--bf16", "--checkpointing"})
    void run_writesTheModelWhoseLossItPrints(String option) throws Exception {
        String printed = tune(option);
        assertTrue(printed.contains("tokens/s"), printed);
        for (String file : List.of("config.json", "tokenizer.json")) {
            assertEquals(
                    Files.readString(source.resolve(file)), Files.readString(output.resolve(file)));
        }
        Matcher losses =
                Pattern.compile("held-out loss (\\S+) before, (\\S+) after 6 steps")
                        .matcher(printed);
        assertTrue(losses.find(), printed);
        double before = Double.parseDouble(losses.group(1));
        double after = Double.parseDouble(losses.group(2));
        assertTrue(after < before, printed);
        assertEquals(before, heldOutLoss(source, option), 1e-3);
        assertEquals(after, heldOutLoss(output, option), 1e-3);
    }

    /** The loss of what is held out, under the model in a directory. */
    private double heldOutLoss(Path tuned, String option) throws IOException {
        DecoderConfig sizes = HuggingFaceConfig.read(tuned.resolve("config.json")).decoder();
        try (Model model = Model.newInstance("tuned")) {
            CausalLm decoder = withOption(option).decoder(sizes);
            model.setBlock(decoder);
            WeightFiles.open(tuned).load(decoder, model.getNDManager());
            decoder.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 64));
            TokenSequences heldOut = FineTuneInputs.read(tuned, data, 64).samples().heldOut();
            float[] losses = TokenLosses.of(model, sizes.vocabularySize(), heldOut).losses();
            return IntStream.range(0, losses.length)
                    .mapToDouble(i -> losses[i])
                    .average()
                    .orElse(0);
        }
    }

    private FineTune withOption(String option) {
        FineTune command = new FineTune();
        new CommandLine(command).parseArgs(arguments(option));
        return command;
    }

    @Test
    void run_trainsAllWeights_withLoraThoseOfLinearLayers() throws IOException {
        Set<String> all = WeightFiles.open(source).names();
        tune("--lora=0");
        assertEquals(all, WeightFiles.open(output).names());
        assertEquals(all, differing(source, output));

        output = directory.resolve("tuned-lora");
        tune("--lora=4");
        assertEquals(all, WeightFiles.open(output).names());
        assertEquals(
                all.stream().filter(n -> n.endsWith("_proj.weight")).collect(Collectors.toSet()),
                differing(source, output));
    }

    @Test
    void run_bfloat16_trainsOtherValues_checkpointingTheSame() throws IOException {
        tune();
        Path plain = output;
        output = directory.resolve("tuned-checkpointing");
        tune("--checkpointing");
        assertEquals(Set.of(), differing(plain, output));
        output = directory.resolve("tuned-bf16");
        tune("--bf16");
        assertNotEquals(Set.of(), differing(plain, output));
    }

    private static Set<String> differing(Path one, Path other) throws IOException {
        WeightFiles weights = WeightFiles.open(one);
        WeightFiles others = WeightFiles.open(other);
        return weights.names().stream()
                .filter(name -> !weights.tensor(name).hasSameContent(others.tensor(name)))
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @CsvSource({"--checkpointing, CheckpointedStates", "--bf16, RecordedStates"})
    void checkpointing_keepsTheInputsOfLayersOnly(String option, String states) throws IOException {
        DecoderConfig sizes = HuggingFaceConfig.read(source.resolve("config.json")).decoder();
        CausalLm decoder = withOption(option).decoder(sizes);
        try (NDManager manager = NDManager.newBaseManager()) {
            decoder.initialize(manager, DataType.FLOAT32, new Shape(1, 4));
            NDList ids = new NDList(manager.create(new long[][] {{1, 2, 3}}));
            BackbonePass pass = decoder.backbone(new ParameterStore(manager, false), ids);
            assertEquals(states, pass.getClass().getSimpleName());
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
