package org.dataflex.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.TrainingConfig;
import ai.djl.training.util.ProgressBar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dataflex.DynamicTrainer;
import org.dataflex.TrainingReport;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.ByteTokens;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.format.DatasetFile;
import org.dataflex.data.format.DatasetInfo;
import org.dataflex.data.format.DatasetLayout;
import org.dataflex.data.format.FollowedFiles;
import org.dataflex.data.store.PreparedData;
import org.dataflex.data.store.StreamingPool;
import org.dataflex.data.template.NamedTemplate;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.lm.HuggingFaceConfig;
import org.dataflex.lm.TextCompletion;
import org.dataflex.lm.TextTokenizer;
import org.dataflex.lm.WeightFiles;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.mixers.OnlineDataMixingMixer;
import org.dataflex.model.GenerationOptions;
import org.dataflex.model.GradientQuery;
import org.dataflex.selectors.LossSelector;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;
import org.dataflex.testing.NoLeaks;
import org.dataflex.weighters.LossBasedWeighter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The code of README and docs compiles, runs, and stands here to the letter. */
@ExtendWith(NoLeaks.class)
class ReadmeTest {

    private static final List<String> WIKI =
            List.of("Wiki text, of which there is too little here. ".repeat(20));
    private static final List<String> CODE = List.of("int x = 0; // code, likewise\n".repeat(30));

    @Test
    void firstProgram_runs(@TempDir Path runs) throws Exception {
        TrainingConfig config = new DefaultTrainingConfig(new CausalLmLoss());
        TrainingReport report;
        CandidatePool pool =
                CandidatePool.builder()
                        .addDomain("wiki", ByteTokens.sequences(WIKI, 128))
                        .addDomain("code", ByteTokens.sequences(CODE, 128))
                        .build();
        try (Model model = Model.newInstance("decoder")) {
            model.setBlock(new CausalLm(DecoderConfig.small(ByteTokens.VOCABULARY_SIZE), 42));
            try (DynamicTrainer trainer =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(config)
                            .setPool(pool)
                            .setSteps(6)
                            .setBatchSize(2)
                            .optMixer(new OnlineDataMixingMixer(), UpdateSchedule.every(1))
                            .optSelector(new LossSelector(), UpdateSchedule.every(2).afterWarmUp(2))
                            .optWeighter(new LossBasedWeighter(), UpdateSchedule.every(1))
                            .optRunDirectory(runs.resolve("first"))
                            .optCheckpointInterval(3)
                            .build()) {
                report = trainer.fit();
            }
        }
        assertEquals(6, report.step());
        String events = Files.readString(runs.resolve("first/events.jsonl"));
        for (String kind : List.of("mixture", "selection", "sampleweights")) {
            assertTrue(events.contains("\"kind\":\"" + kind + "\""), kind);
        }
    }

    @Test
    void lambdaAndGradients_work() throws Exception {
        DynamicTrainer.Builder builder = DynamicTrainer.builder();
        builder.optSelector(
                context ->
                        Selection.highest(
                                context.candidates(),
                                context.model().losses(context.candidates()),
                                context.budget()),
                UpdateSchedule.every(200));
        Selector byGradient = new LargestGradient();
        assertEquals("LargestGradient", byGradient.name());
    }

    static final class LargestGradient implements Selector {
        @Override
        public Selection select(SelectionContext context) {
            NDArray gradients =
                    context.model().gradients(context.candidates(), GradientQuery.full());
            NDArray norms = gradients.square().sum(new int[] {1});
            return Selection.highest(context.candidates(), norms.toFloatArray(), context.budget());
        }
    }

    public static final class LargestGradientProvider implements StrategyProvider<Selector> {
        @Override
        public Class<Selector> kind() {
            return Selector.class;
        }

        @Override
        public String name() {
            return "largest-gradient";
        }

        @Override
        public Selector create(Settings settings) {
            return new LargestGradient();
        }
    }

    @Test
    void generation_works(@TempDir Path directory) throws Exception {
        TinyModelDirectory.write(directory);
        HuggingFaceConfig config = HuggingFaceConfig.read(directory.resolve("config.json"));
        CausalLm model = new CausalLm(config.decoder(), 1);
        try (NDManager manager = NDManager.newBaseManager();
                TextTokenizer tokenizer = TextTokenizer.open(directory)) {
            WeightFiles.open(directory).load(model, manager);
            GenerationOptions options =
                    GenerationOptions.builder()
                            .setMaxNewTokens(24)
                            .optTemperature(0.8)
                            .optTopP(0.95)
                            .addStopTokens(config.stopTokenIds(directory))
                            .optSeed(1)
                            .build();
            List<String> answers =
                    new TextCompletion(model, tokenizer)
                            .complete(List.of("once upon a", "the"), options);
            assertEquals(2, answers.size());
            assertTrue(answers.stream().noneMatch(String::isEmpty), answers.toString());
        }
    }

    @Test
    void data_arePreparedOrStreamed(@TempDir Path directory) throws Exception {
        Path model = directory.resolve("model");
        TinyModelDirectory.write(model);
        Path files = Files.createDirectories(directory.resolve("data"));
        Files.writeString(
                files.resolve("dataset_info.json"),
                "{\"chat\": {\"file_name\": \"chat.jsonl\"}, \"wiki\": {\"file_name\": \"wiki.txt\"}}");
        Files.writeString(
                files.resolve("chat.jsonl"),
                numbered("{\"instruction\": \"a%d\", \"output\": \"b\"}", 20));
        Files.writeString(files.resolve("wiki.txt"), numbered("text %d", 20));
        Path exam = directory.resolve("exam.jsonl");
        Files.writeString(
                exam,
                "{\"messages\": [{\"role\": \"user\", \"content\": \"c\"}, {\"role\":"
                        + " \"assistant\", \"content\": \"d\"}]}\n");
        Path news = Files.writeString(directory.resolve("news.txt"), numbered("news %d", 9));
        Path store = directory.resolve("tokens");
        Path arrived = directory.resolve("arrived");
        DynamicTrainer.Builder builder = DynamicTrainer.builder();

        DatasetInfo info = DatasetInfo.read(files); // dataset_info.json
        try (TextTokenizer tokenizer = TextTokenizer.open(model);
                PreparedData data =
                        PreparedData.builder()
                                .setTokenizer(tokenizer)
                                .setStore(store)
                                // or ChatTemplate.open(model, tokenizer)
                                .optTemplate(NamedTemplate.of("vanilla", tokenizer))
                                .addDomain(info.dataset("chat"))
                                .addDomain(info.dataset("wiki").asTexts())
                                .addTargetSet(DatasetFile.of("exam", exam, DatasetLayout.openAi()))
                                .optValidationSize(0.05)
                                .optProgress(new ProgressBar())
                                .build()) {
            builder.setPool(data.pool());
            data.validationSets().forEach(builder::addValidationSet);
            CausalLm decoder = new CausalLm(DecoderConfig.small(512), 1);
            // a step's 64 samples, similar lengths together
            builder.setBatchSize(64).optTokensPerBatch(8_192);
            // a batch's samples end to end, each seeing itself alone
            decoder.setPacking(true);
            assertEquals(2, data.pool().domains().size());
        }

        try (TextTokenizer tokenizer = TextTokenizer.open(model);
                StreamingPool pool =
                        StreamingPool.builder()
                                .setTokenizer(tokenizer)
                                .setStream(FollowedFiles.of(news, DatasetLayout.text("text")))
                                .setStore(arrived)
                                .setWindow(10_000)
                                .setInterval(100)
                                .build()) {
            builder.setPool(pool).optSelector(new LossSelector(), UpdateSchedule.every(100));
            assertEquals(9, pool.window().size());
        }
    }

    private static String numbered(String line, int lines) {
        return IntStream.range(0, lines)
                .mapToObj(line::formatted)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    @Test
    void documentedCode_standsInThisClass() throws Exception {
        String here =
                squeeze(
                        Files.readString(
                                Path.of("src/test/java/org/dataflex/examples/ReadmeTest.java")));
        int blocks = 0;
        for (String document :
                List.of(
                        "../README.md",
                        "../docs/extending.md",
                        "../docs/language-models.md",
                        "../docs/data.md")) {
            Matcher block =
                    Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                            .matcher(Files.readString(Path.of(document)));
            while (block.find()) {
                assertTrue(
                        here.contains(squeeze(block.group(1))),
                        () -> document + ":\n" + block.group(1));
                blocks++;
            }
        }
        assertTrue(blocks >= 5, "only " + blocks + " blocks of code found");
    }

    /** White space is the formatter's business. */
    private static String squeeze(String code) {
        return code.replaceAll("\\s+", "");
    }
}
