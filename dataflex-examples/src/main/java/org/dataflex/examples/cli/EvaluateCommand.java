package org.dataflex.examples.cli;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.dataflex.data.TokenSequences;
import org.dataflex.data.store.PreparedData;
import org.dataflex.examples.ScratchDirectory;
import org.dataflex.examples.config.ConfigFile;
import org.dataflex.examples.config.DataKeys;
import org.dataflex.examples.evaluate.Answers;
import org.dataflex.examples.evaluate.Answers.Score;
import org.dataflex.examples.evaluate.Question;
import org.dataflex.examples.evaluate.QuestionFile;
import org.dataflex.examples.evaluate.TokenLosses;
import org.dataflex.lm.AdapterDirectory;
import org.dataflex.lm.CausalLm;
import org.dataflex.strategy.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures a model: perplexity by domain, or how often it finds the right one of some answers. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        description = "Prints perplexity by dataset, or multiple-choice accuracy by subject.")
public final class EvaluateCommand implements Callable<Integer> {

    @Option(names = "--model", required = true, description = "Hugging Face model directory.")
    private Path model;

    @Option(names = "--adapter", description = "Adapter in PEFT's format to put on it.")
    private Path adapter;

    @Option(
            names = "--data",
            description = "Configuration with dataset, dataset_dir, stage, template, cutoff_len.")
    private Path data;

    @Option(
            names = "--questions",
            description = "JSON lines (question, choices, answer) or CSV, as MMLU has them.")
    private Path questions;

    EvaluateCommand() {}

    @Override
    public Integer call() throws IOException {
        if ((data == null) == (questions == null)) {
            throw new IOException("name either --data or --questions");
        }
        List<Question> asked = questions == null ? List.of() : QuestionFile.read(questions);
        try (ModelSource source = ModelSource.open(model, true);
                Model djl = Model.newInstance("evaluate")) {
            CausalLm decoder = source.load(djl, 0);
            if (adapter != null) {
                new AdapterDirectory(adapter).attach(decoder, djl.getNDManager());
            }
            if (data != null) {
                printPerplexities(source, djl);
            } else {
                print(
                        Answers.scores(
                                djl,
                                source.tokenizer(),
                                asked,
                                source.config().decoder().maxPositions()));
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
        return 0;
    }

    private void printPerplexities(ModelSource source, Model djl) throws IOException {
        ConfigFile file = ConfigFile.read(data);
        DataKeys keys = DataKeys.read(new Settings(file.name(), file.values()));
        try (ScratchDirectory scratch = ScratchDirectory.create("dataflex-tokens");
                PreparedData prepared = RunData.open(keys, source, scratch.path(), 0)) {
            Map<String, TokenSequences> sets = new LinkedHashMap<>(prepared.trainingSets());
            sets.putAll(prepared.evaluationSets());
            long vocabulary = source.config().decoder().vocabularySize();
            for (Map.Entry<String, TokenSequences> set : sets.entrySet()) {
                TokenLosses losses = TokenLosses.of(djl, vocabulary, set.getValue());
                System.out.printf(
                        Locale.ROOT,
                        "%-20s perplexity %10.3f, %,d tokens of %,d samples%n",
                        set.getKey(),
                        losses.perplexity(),
                        losses.numTokens(),
                        set.getValue().size());
            }
        }
    }

    private static void print(Map<String, Score> scores) {
        int right = 0;
        int asked = 0;
        for (Map.Entry<String, Score> entry : scores.entrySet()) {
            print(entry.getKey(), entry.getValue());
            right += entry.getValue().right();
            asked += entry.getValue().asked();
        }
        print("all", new Score(right, asked));
    }

    private static void print(String subject, Score score) {
        System.out.printf(
                Locale.ROOT,
                "%-40s %5.1f %% of %d questions%n",
                subject,
                100 * score.accuracy(),
                score.asked());
    }
}
