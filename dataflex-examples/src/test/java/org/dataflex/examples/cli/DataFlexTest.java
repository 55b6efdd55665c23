package org.dataflex.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dataflex.examples.ExampleCommand;
import org.dataflex.examples.Printed;
import org.dataflex.examples.TinyModelDirectory;
import org.dataflex.lm.WeightFiles;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the commands on a tiny model and two small datasets. */
@ExtendWith(NoLeaks.class)
class DataFlexTest {

    @TempDir private Path directory;
    private Path config;

    @BeforeEach
    void writeInputs() throws IOException {
        Path data = Files.createDirectory(directory.resolve("data"));
        TinyModelDirectory.write(Files.createDirectory(directory.resolve("model")));
        Files.writeString(
                data.resolve("dataset_info.json"),
                """
                {"sums": {"file_name": "sums.jsonl"}, "words": {"file_name": "words.jsonl"},
                 "exam": {"file_name": "exam.jsonl"}, "held": {"file_name": "held.jsonl"}}
                """);
        write(data.resolve("sums.jsonl"), "add %d and 1", "it is %d", 0, 40);
        write(data.resolve("words.jsonl"), "say word %d", "word %d", 0, 30);
        write(data.resolve("exam.jsonl"), "add %d and 1", "it is %d", 50, 56);
        write(data.resolve("held.jsonl"), "add %d and 1", "it is %d", 60, 66);
        config =
                Files.writeString(
                        directory.resolve("train.yaml"),
                        """
                        model_name_or_path: %1$s/model
                        dataset_dir: %1$s/data
                        dataset: sums,words
                        eval_dataset: held
                        template: vanilla
                        cutoff_len: 64
                        per_device_train_batch_size: 4
                        learning_rate: 1.0e-2
                        train_step: 6
                        save_steps: 3
                        output_dir: %1$s/out
                        """
                                .formatted(directory));
    }

    private static void write(Path file, String prompt, String answer, int from, int to)
            throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = from; i < to; i++) {
            lines.append(
                    "{\"instruction\": \"%s\", \"output\": \"%s\"}\n"
                            .formatted(prompt.formatted(i), answer.formatted(i)));
        }
        Files.writeString(file, lines);
    }

    private String printed(String... arguments) {
        return Printed.by(() -> assertEquals(0, ExampleCommand.run(new DataFlex(), arguments)));
    }

    private String train(String... overrides) {
        return printed(arguments(overrides));
    }

    private String[] arguments(String... overrides) {
        List<String> all = new ArrayList<>(List.of("train", config.toString()));
        all.addAll(List.of(overrides));
        return all.toArray(String[]::new);
    }

    private String refused(String... overrides) {
        return Printed.whenRefused(1, new DataFlex(), arguments(overrides));
    }

    @Test
    void train_refused_saysWhyAndNoClass() {
        String printed = refused("lora_ran=4");
        assertTrue(printed.startsWith("train: " + config + " has no"), printed);
        assertTrue(printed.contains("did you mean 'lora_rank'?"), printed);
    }

    @Test
    void train_lora_thenExport_thenEvaluate() {
        String printed = train("lora_rank=4");
        assertTrue(printed.contains("held: held-out loss"), printed);
        assertTrue(Files.exists(directory.resolve("out/adapter/adapter_config.json")), printed);
        assertTrue(Files.exists(directory.resolve("out/run/events.jsonl")), printed);

        Path merged = directory.resolve("merged");
        printed(
                "export",
                "--model",
                directory.resolve("model").toString(),
                "--adapter",
                directory.resolve("out/adapter").toString(),
                "--output",
                merged.toString());
        String ofAdapter = perplexities("--adapter", directory.resolve("out/adapter").toString());
        String ofMerged = perplexitiesOf(merged);
        assertEquals(perplexity(ofAdapter, "held"), perplexity(ofMerged, "held"), 1e-3, ofMerged);
    }

    private String perplexities(String... more) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "evaluate",
                                "--model",
                                directory.resolve("model").toString(),
                                "--data",
                                config.toString()));
        all.addAll(List.of(more));
        return printed(all.toArray(String[]::new));
    }

    private String perplexitiesOf(Path model) {
        return printed("evaluate", "--model", model.toString(), "--data", config.toString());
    }

    private static double perplexity(String printed, String set) {
        String line = printed.lines().filter(l -> l.startsWith(set)).findFirst().orElseThrow();
        return Double.parseDouble(line.split("\\s+")[2].replace(",", ""));
    }

    @Test
    void train_full_withAStrategyOfEachKind_writesAModel() throws IOException {
        Files.writeString(
                config,
                """
                finetuning_type: full
                selector:
                  name: loss
                  update_step: 3
                mixer:
                  name: odm
                weighter:
                  name: loss
                """,
                StandardOpenOption.APPEND);
        String printed = train();
        assertTrue(printed.contains("selector loss: every 3 steps from step 0"), printed);
        assertTrue(printed.contains("6 steps of 4 rows"), printed);
        assertEquals(
                WeightFiles.open(directory.resolve("model")).names(),
                WeightFiles.open(directory.resolve("out/model")).names());
    }

    @Test
    void train_byTokens_packed_measuresWhatTrainingByCountDoes() {
        String byCount = train("lora_rank=2", "lora_dropout=0");
        String byTokens =
                train(
                        "lora_rank=2",
                        "tokens_per_batch=128",
                        "neat_packing=true",
                        "output_dir=" + directory.resolve("packed"));
        assertTrue(byTokens.contains("6 steps of 4 rows (128 tokens a batch)"), byTokens);
        assertEquals(heldOut(byCount), heldOut(byTokens));
        String refused =
                refused("tokens_per_batch=8", "output_dir=" + directory.resolve("refused"));
        assertTrue(
                refused.contains("tokensPerBatch = 8, but the pool's samples have up to"), refused);
    }

    private static String heldOut(String printed) {
        return printed.lines().filter(line -> line.contains("held-out loss")).findFirst().get();
    }

    @Test
    void train_less_steersTowardsTheTargetDataset() {
        String printed =
                train(
                        "train_type=dynamic_select",
                        "component_name=less",
                        "update_step=3",
                        "warmup_step=3",
                        "target_dataset=exam",
                        "lora_rank=2");
        assertTrue(printed.contains("selector less: every 3 steps from step 3"), printed);
        assertTrue(printed.contains("exam                  6 target samples"), printed);
    }

    @Test
    void train_less_seesAndChoosesAsManyAsAsked() throws IOException {
        String out = directory.resolve("out, of less").toString();
        String[] selecting = {
            "train_type=dynamic_select",
            "component_name=less",
            "update_step=3",
            "target_dataset=exam",
            "candidate_limit=16",
            "selection_budget=8",
            "lora_rank=2",
            "output_dir=" + out
        };
        String printed = train(selecting);
        assertTrue(
                printed.contains("scoring the candidates at each takes about 0.7 times"), printed);
        String run = Files.readString(Path.of(out, "run", "run.json"));
        assertTrue(run.contains("\"selectionBudget\" : \"8\""), run);
        assertTrue(run.contains("\"candidateLimit\" : \"16\""), run);
        for (String key : List.of("candidate_limit", "selection_budget")) {
            String refused = refused(key + "=8");
            assertTrue(
                    refused.contains(
                            key
                                    + " = 8 has no effect: there is no selector; leave it out or"
                                    + " name one"),
                    refused);
        }
    }

    @Test
    void train_dryRun_refusesWhatATrainingWould() throws IOException {
        Files.writeString(
                config,
                """
                selector:
                  name: less
                  parameters: lora_C
                """,
                StandardOpenOption.APPEND);
        String printed = refused("target_dataset=exam", "lora_rank=2", "--dry-run");
        assertTrue(
                printed.startsWith(
                        "train: "
                                + config
                                + ": less: parameters = 'lora_C' is found in the names of none of"
                                + " the trainable parameters, ["),
                printed);
    }

    @Test
    void train_greats_multipliesByTheRateOverTheRowsOfAStep() throws IOException {
        train(
                "train_type=dynamic_select",
                "component_name=greats",
                "update_step=3",
                "warmup_step=3",
                "target_dataset=exam",
                "gradient_accumulation_steps=2", // of 4 rows, at a rate of 0.01
                "lora_rank=2");
        String run = Files.readString(directory.resolve("out/run/run.json"));
        assertTrue(run.contains("learningRate=0.00125"), run);
    }

    @Test
    void train_tokenWeighter_comparesWithTheReferenceModel_whoseLossesAreKept() throws IOException {
        String[] keys = {
            "lora_rank=2",
            "token_weighter={\"name\":\"excess-loss\",\"share\":0.5}",
            "reference_model_path=" + directory.resolve("model")
        };
        String plan = train("--dry-run", keys[0], keys[1], keys[2]);
        assertTrue(plan.contains("token_weighter excess-loss: every 1 step"), plan);
        assertTrue(plan.contains("/model on the pool take about 1.0 times what training"), plan);
        assertFalse(Files.exists(directory.resolve("out/references")), plan);
        train(keys);
        String events = Files.readString(directory.resolve("out/run/events.jsonl"));
        assertTrue(events.contains("\"kind\":\"tokenweights\""), events);
        String page = Files.readString(directory.resolve("out/report.html"));
        assertTrue(page.contains("tokenWeighter excess-loss"), page);
        assertTrue(page.contains("weighing tokens (excess-loss)"), page);
        train(keys); // finds the losses, and goes on at the end
        try (Stream<Path> kept = Files.list(directory.resolve("out/references"))) {
            assertEquals(1, kept.count());
        }
    }

    @Test
    void train_doremi_findsItsReferenceModelInTheComponentsFile() throws IOException {
        Path components =
                Files.writeString(
                        directory.resolve("components.yaml"),
                        """
                        mixers:
                          doremi:
                            name: doremi
                            params:
                              reference_model_path: %s/model
                              reweight_eta: 1.0
                        """
                                .formatted(directory));
        String[] keys = {
            "lora_rank=2",
            "train_type=dynamic_mix",
            "component_name=doremi",
            "warmup_step=1",
            "update_step=2",
            "update_times=-1",
            "components_cfg_file=" + components
        };
        List<String> dry = new ArrayList<>(List.of(keys));
        dry.add(0, "--dry-run");
        String plan = train(dry.toArray(String[]::new));
        assertEquals(
                """
                mixer doremi: every 2 steps from step 1, 3 updates
                  the losses of %s/model on the pool take about 1.0 times what training takes, unless they are kept from before
                weighter doremi: every 1 steps from step 1, 5 updates
                """
                        .formatted(directory),
                plan.lines()
                        .filter(line -> line.contains("doremi") || line.startsWith("  the losses"))
                        .map(line -> line + "\n")
                        .collect(Collectors.joining()));
        String printed = train(keys);
        assertTrue(printed.contains(plan.substring(plan.indexOf("mixer doremi"))), printed);
        String run = Files.readString(directory.resolve("out/run/run.json"));
        assertTrue(run.matches("(?s).*\"weighter\" : \"doremi .*"), run);
    }

    @Test
    void dryRun_tellsOfOneReferenceModelOnce_andOfAnotherWeighterThanTheMixer() {
        String printed =
                train(
                        "--dry-run",
                        "lora_rank=2",
                        "mixer={\"name\":\"doremi\"}",
                        "weighter={\"name\":\"loss\"}",
                        "token_weighter={\"name\":\"excess-loss\"}",
                        "reference_model_path=" + directory.resolve("model"));
        assertEquals(1, printed.lines().filter(line -> line.startsWith("  the losses of")).count());
        assertTrue(printed.contains("weighter loss: "), printed);
        assertFalse(printed.contains("weighter doremi"), printed);
    }

    @Test
    void referenceModelWithFewerPositionsThanTheCutoff_isRefused() throws IOException {
        assertReferenceRefused(
                "max_position_embeddings",
                "cutoff_len = 64 exceeds the 32 positions of reference_model_path = %s; lower it");
    }

    @Test
    void referenceModelThatKnowsFewerTokensThanItsTokenizer_isRefused() throws IOException {
        assertReferenceRefused(
                "vocab_size",
                "reference_model_path: the tokenizer of %s has 64 tokens, the model 32; they do not"
                        + " belong together");
    }

    /** With 32 of something in the reference model's configuration. */
    private void assertReferenceRefused(String key, String expected) throws IOException {
        Path small = Files.createDirectory(directory.resolve("small"));
        TinyModelDirectory.write(small);
        replaceInConfig(small, key, 32);
        String message =
                refused(
                        "token_weighter={\"name\":\"excess-loss\"}",
                        "reference_model_path=" + small);
        assertTrue(message.contains(expected.formatted(small)), message);
    }

    private static void replaceInConfig(Path model, String key, int value) throws IOException {
        Path config = model.resolve("config.json");
        String before = Files.readString(config);
        String after = before.replaceAll("(\"" + key + "\" *: *)[0-9]+", "$1" + value);
        assertNotEquals(before, after);
        Files.writeString(config, after);
    }

    @Test
    void referenceModelOfAnotherTokenizer_isRefused() throws IOException {
        Path other = Files.createDirectory(directory.resolve("other"));
        TinyModelDirectory.write(other);
        Path tokenizer = other.resolve("tokenizer.json");
        Files.writeString(
                tokenizer,
                Files.readString(tokenizer).replace("\"a\":2,\"b\":3", "\"b\":2,\"a\":3"));
        String message =
                refused(
                        "token_weighter={\"name\":\"excess-loss\"}",
                        "reference_model_path=" + other);
        assertTrue(
                message.contains(other + " has another tokenizer than model_name_or_path = "),
                message);
    }

    @Test
    void datasetFileThatChangesBetweenTwoStarts_isRefused_untilItIsAsItWas() throws IOException {
        train("lora_rank=2");
        Path sums = directory.resolve("data/sums.jsonl");
        String before = Files.readString(sums);
        Files.writeString(sums, before.replace("it is 7\"", "it is 8\""));
        String message = refused("lora_rank=2");
        assertTrue(
                message.contains(
                        sums
                                + " has changed since the run in "
                                + directory.resolve("out")
                                + " began; put back what was there, or choose another output_dir"),
                message);
        Files.writeString(sums, before);
        assertTrue(train("lora_rank=2").contains("6 steps in "));
    }

    @Test
    void train_again_goesOnWhereItStopped() throws IOException {
        train("lora_rank=2");
        Path log = directory.resolve("out/run/events.jsonl");
        long steps = count(log, "StepCompleted");
        train("lora_rank=2");
        assertEquals(steps, count(log, "StepCompleted"));
    }

    private static long count(Path log, String event) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(event)).count();
        }
    }

    @Test
    void dryRun_printsThePlanAndTrainsNothing() {
        String printed = train("--dry-run", "lora_rank=2", "val_size=0.1", "eval_dataset=");
        assertTrue(printed.contains("6 steps of 4 rows (4 x 1)"), printed);
        assertTrue(printed.contains("samples held out"), printed);
        assertTrue(printed.contains("parameters, "), printed);
        assertFalse(Files.exists(directory.resolve("out/run")), printed);
    }

    @Test
    void questions_areAnsweredByTheLikeliestOption() throws IOException {
        Path questions =
                Files.writeString(
                        directory.resolve("sums.csv"), "what is 1 and 1,2,3,A\nwhat is 2,2,3,A\n");
        String printed =
                printed(
                        "evaluate",
                        "--model",
                        directory.resolve("model").toString(),
                        "--questions",
                        questions.toString());
        assertTrue(printed.contains("sums"), printed);
        assertTrue(printed.contains("of 2 questions"), printed);
    }

    @Test
    void question_longerThanTheModelsPositions_isRefused() throws IOException {
        replaceInConfig(directory.resolve("model"), "max_position_embeddings", 32);
        Path questions =
                Files.writeString(
                        directory.resolve("sums.csv"),
                        "what is one and one and one and one and one,2,3,A\n");
        String message =
                Printed.whenRefused(
                        1,
                        new DataFlex(),
                        "evaluate",
                        "--model",
                        directory.resolve("model").toString(),
                        "--questions",
                        questions.toString());
        assertTrue(message.contains("tokens, the model takes 32: 'what is one"), message);
        assertTrue(message.contains("...'; leave it out"), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    dataset=numbers | has no dataset named 'numbers'
                    template=llama9 | there is no template named 'llama9'
                    cutoff_len=100000 | cutoff_len = 100000 exceeds the model's
                    finetuning_type=freeze freeze_trainable_layers=3 | freeze_trainable_layers = 3 exceeds the model's 2 layers; lower it
                    init_mixture_proportions=[1,1,1] | init_mixture_proportions has 3 numbers for 2 datasets; give one to each
                    target_dataset=exam | target_dataset = [exam] has no effect
                    model_name_or_path=nowhere | nowhere
                    train_step=0 num_train_epochs=0 | num_train_epochs = 0.0, must be above 0
                    eval_dataset=sums | two datasets are named 'sums'
                    train_type=dynamic_select component_name=les update_step=2 | did you mean 'less'
                    train_type=dynamic_select component_name=less update_step=2 | name it by target_dataset
                    token_weighter={"name":"excess-loss"} | token_weighter 'excess-loss' compares with a reference model, and there is none; name it by reference_model_path
                    token_weighter={"name":"excess-los","reference":"x"} | did you mean 'excess-loss'
                    token_weighter={"name":"excess-loss","reference":"a","reference_model_path":"b"} | leave one out
                    token_weighter={"name":"excess-loss"} reference_model_path=nowhere | reference_model_path: nowhere
                    mixer={"name":"doremi"} | mixer 'doremi' compares with a reference model, and there is none
                    reference_model_path=nowhere | reference_model_path = nowhere has no effect: no strategy compares with it; leave it out or add one of [doremi, excess-loss]
                    token_weigher={"name":"excess-loss"} | token_weigher is no section
                    """)
    void whatCannotWork_isRefusedBeforeTraining(String overrides, String expected) {
        String message = refused(overrides.strip().split(" "));
        assertTrue(message.contains(expected), message);
        assertFalse(Files.exists(directory.resolve("out/run")), message);
    }

    @Test
    void evaluate_withoutAnythingToMeasure_isRefused() {
        String message =
                Printed.whenRefused(
                        1,
                        new DataFlex(),
                        "evaluate",
                        "--model",
                        directory.resolve("model").toString());
        assertTrue(message.contains("name either --data or --questions"), message);
    }
}
