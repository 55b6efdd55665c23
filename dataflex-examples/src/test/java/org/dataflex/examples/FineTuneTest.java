package org.dataflex.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dataflex.checkpoint.Drafts;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.checkpoint.SafetensorsWriter;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.data.TokenSequences;
import org.dataflex.data.format.Conversation;
import org.dataflex.data.template.Template;
import org.dataflex.data.template.Template.EncodedTurn;
import org.dataflex.examples.evaluate.TokenLosses;
import org.dataflex.examples.finetune.FineTuneInputs;
import org.dataflex.examples.finetune.InstructionFile;
import org.dataflex.examples.finetune.InstructionForm;
import org.dataflex.examples.finetune.PlainTemplate;
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

    private static final String CHAT =
            "{% for m in messages %}{{ m.role }} {{ m.content }}{{ eos_token }}{% endfor %}"
                    + "{% if add_generation_prompt %}{{ 'assistant ' }}{% endif %}";

    private void addChatTemplate(String template) throws IOException {
        Files.writeString(
                source.resolve("tokenizer_config.json"),
                "{\"eos_token\": \"</s>\", \"chat_template\": \"" + template + "\"}");
    }

    @Test
    void inputs_modelWithAChatTemplate_arePutInIt() throws IOException {
        Files.writeString(data, "{\"instruction\":\"say\",\"input\":\"a\",\"output\":\"b c\"}\n");
        addChatTemplate(CHAT);
        assertEquals("user say\na.assistant |b c.", firstSample());
    }

    @Test
    void inputs_modelWithoutAChatTemplate_arePlain() throws IOException {
        Files.writeString(data, "{\"instruction\":\"say\",\"input\":\"a\",\"output\":\"b c\"}\n");
        assertEquals("say\na\n\n|b c", firstSample());
    }

    /** What the file's first sample is put in, with a bar where its targets begin. */
    private String firstSample() throws IOException {
        try (TextTokenizer tokenizer = TextTokenizer.open(source)) {
            Template template = InstructionForm.of(source, tokenizer, List.of()).template();
            TokenSequences samples = InstructionFile.read(data, template, 64).training();
            int[] ids = samples.ids(0);
            int prompt = 0;
            while (!samples.targets(0)[prompt]) {
                prompt++;
            }
            return text(tokenizer, Arrays.copyOf(ids, prompt))
                    + "|"
                    + text(tokenizer, Arrays.copyOfRange(ids, prompt, ids.length));
        }
    }

    /** Decodes token by token; the end of text, which decoding leaves out, is a full stop. */
    private static String text(TextTokenizer tokenizer, int[] ids) {
        return Arrays.stream(ids)
                .mapToObj(id -> tokenizer.decode(new int[] {id}))
                .map(text -> text.isEmpty() ? "." : text)
                .collect(Collectors.joining());
    }

    @Test
    void run_saysWhichTemplateItPutsSamplesIn() throws IOException {
        String plain = tune("--lora=0");
        assertTrue(plain.startsWith(source + " has no chat template: samples are prompt,"), plain);
        output = directory.resolve("tuned-chat");
        addChatTemplate(CHAT);
        String chat = tune("--lora=0");
        assertTrue(chat.startsWith("samples are put in the chat template of " + source), chat);
    }

    @Test
    void run_sampleThatTheChatTemplateRefuses_isNamed() throws IOException {
        addChatTemplate("{{ raise_exception('no user here') }}");
        String message = refused("--max-length", "64");
        assertEquals(
                "FineTune: " + data + " row 1: the chat template cannot be rendered: no user here",
                message.strip());
    }

    @Test
    void run_chatTemplateThatLeavesOutputsOut_isRefused() throws IOException {
        addChatTemplate("{{ messages[0].content }}");
        String message = refused("--max-length", "64");
        assertTrue(message.contains(" row 1: the template leaves its output out"), message);
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
    void run_modelOfAnUnknownType_isRefusedWithTheFileAndTheSetting() throws IOException {
        Path config = source.resolve("config.json");
        Files.writeString(
                config,
                Files.readString(config).replaceAll("(\"model_type\" : )\"\\w+", "$1\"mamba"));
        String message = refused("--max-length", "64");
        List<String> lines = message.lines().toList();
        assertEquals("FineTune: " + config + " is not supported:", lines.get(0));
        assertTrue(lines.get(1).startsWith("  model_type = mamba: must be one of "), message);
        assertEquals(2, lines.size(), message);
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
    void run_emptyWeights_areRefused() throws IOException {
        Path weights = source.resolve("model.safetensors");
        try (WritableByteChannel channel = Drafts.open(weights)) {
            SafetensorsWriter.write(channel, Map.of());
        }
        String message = refused("--max-length", "64");
        assertTrue(message.contains(" has no weights; get the model's files anew"), message);
    }

    @Test
    void instructionFile_ofFewSamples_holdsOneOut() throws Exception {
        try (TextTokenizer tokenizer = TextTokenizer.open(source)) {
            Template plain = new PlainTemplate(tokenizer, List.of());
            List<String> lines = Files.readAllLines(data);
            for (int n = 1; n < 12; n++) {
                Files.write(data, lines.subList(0, n));
                InstructionFile file = InstructionFile.read(data, plain, 64);
                assertEquals(n, file.training().size() + file.heldOut().size());
                assertTrue(file.training().size() > 0);
                assertEquals(n > 1, file.heldOut().size() > 0);
            }
        }
    }

    @Test
    void plainTemplate_tokenizerThatEndsTexts_endsTheResponseOnly() throws Exception {
        Path file = source.resolve("tokenizer.json");
        String ending =
                "\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":["
                        + "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},"
                        + "{\"SpecialToken\":{\"id\":\"</s>\",\"type_id\":0}}],\"pair\":[],"
                        + "\"special_tokens\":{\"</s>\":{\"id\":\"</s>\",\"ids\":[63],"
                        + "\"tokens\":[\"</s>\"]}}}";
        String json = Files.readString(file).replace("\"post_processor\":null", ending);
        Files.writeString(file, json);
        try (TextTokenizer tokenizer = TextTokenizer.open(source)) {
            assertEquals(63, tokenizer.encode("a")[1]);
            EncodedTurn turn =
                    new PlainTemplate(tokenizer, List.of(63))
                            .encode(Conversation.of("a", "b"))
                            .get(0);
            assertArrayEquals(tokenizer.encodePlain("a\n\n"), turn.prompt());
            assertEquals(63, turn.response()[1]);
        }
    }

    @Test
    void run_everySampleTooLong_isRefused() {
        String message = refused("--max-length", "3");
        assertTrue(message.contains("leaves 0 samples to train on"), message);
        assertTrue(
                message.contains("--max-length = 3; give at least two that fit, or raise"),
                message);
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
                        () ->
                                InstructionFile.read(
                                        data, new PlainTemplate(tokenizer, List.of()), 64))
                .getMessage();
    }

    @Test
    void instructionFile_endOfText_isATarget() throws Exception {
        try (TextTokenizer tokenizer = TextTokenizer.open(source)) {
            Template template = new PlainTemplate(tokenizer, List.of(2, 3));
            InstructionFile file = InstructionFile.read(data, template, 64);
            int[] ids = file.training().ids(0);
            assertEquals(2, ids[ids.length - 1]);
            assertTrue(file.training().targets(0)[ids.length - 1]);
        }
    }
}
