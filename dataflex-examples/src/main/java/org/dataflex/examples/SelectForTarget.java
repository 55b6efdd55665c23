package org.dataflex.examples;

import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.dataflex.examples.corpus.LabelledText;
import org.dataflex.examples.corpus.WordNetGlosses;
import org.dataflex.examples.selectfortarget.LabelledFile;
import org.dataflex.examples.selectfortarget.Pretraining;
import org.dataflex.examples.selectfortarget.TargetComparison;
import org.dataflex.examples.selectfortarget.TargetData;
import org.dataflex.examples.selectfortarget.TargetPage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Lets each selector choose for a target, a few samples of one category among short texts of many;
 * counts how much of the category it finds, and measures what a small decoder gains from it.
 *
 * <p>Takes about a minute a seed on two cores with the default settings; the decoder may be
 * pretrained on other texts first.
 */
@Command(name = "SelectForTarget", mixinStandardHelpOptions = true)
public final class SelectForTarget implements Callable<Integer> {

    private static final String DEFAULT_CATEGORY = "noun.food";

    /** The decoder's attention takes the square of it. */
    private static final int LONGEST = 4096;

    @Option(
            names = "--data",
            description =
                    "JSON lines with text (or instruction, input, output) and category (or"
                            + " domain); default: glosses of WordNet.")
    private Path data;

    @Option(
            names = "--category",
            description = "The target category; of WordNet by default " + DEFAULT_CATEGORY + ".")
    private String category;

    @Option(
            names = "--candidates",
            defaultValue = "20000",
            description = "The most candidates (${DEFAULT-VALUE}).")
    private int candidates;

    @Option(
            names = "--length",
            defaultValue = "48",
            description =
                    "Bytes of a sample, at most 4096; longer ones are cut (${DEFAULT-VALUE}).")
    private int length;

    @Option(
            names = "--pretrain",
            description =
                    "Folder of files *.train.jsonl, JSON lines with text, to pretrain on; default:"
                            + " random candidates.")
    private Path pretrain;

    @Option(
            names = "--pretraining-steps",
            defaultValue = "320",
            description = "Steps before any selector is asked (${DEFAULT-VALUE}).")
    private int pretrainingSteps;

    @Option(
            names = "--steps",
            defaultValue = "40",
            description = "Steps on what was chosen, 16 samples each (${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--seeds",
            defaultValue = "3",
            description = "Runs of each selector, each with its target set (${DEFAULT-VALUE}).")
    private int seeds;

    @Option(
            names = "--output",
            defaultValue = "runs",
            description = "Where a directory is made (${DEFAULT-VALUE}).")
    private Path output;

    SelectForTarget() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.main(new SelectForTarget(), arguments);
    }

    @Override
    public Integer call() throws IOException, TranslateException {
        ExampleCommand.requireAtLeast(this, "--candidates", candidates, 1);
        ExampleCommand.requireBetween(this, "--length", length, 2, LONGEST);
        ExampleCommand.requireAtLeast(this, "--pretraining-steps", pretrainingSteps, 1);
        ExampleCommand.requireAtLeast(this, "--steps", steps, 1);
        ExampleCommand.requireAtLeast(this, "--seeds", seeds, 1);
        TargetData samples =
                TargetData.split(
                        texts(),
                        requiredCategory(),
                        new TargetData.Sizes(length, candidates, seeds));
        requireEnough(samples);
        Pretraining pretraining = pretraining(samples);
        Path directory = ExampleCommand.newDirectory(output, "select-for-target");
        print(samples, pretraining);
        TargetComparison comparison =
                TargetComparison.run(samples, pretraining, steps, directory.resolve("pretrained"));
        System.out.printf("%n%s", comparison.table().toText());
        Path page = directory.resolve("comparison.html");
        new TargetPage(comparison).page().write(page);
        System.out.printf("%npictures: %s%n", page);
        return 0;
    }

    private List<LabelledText> texts() throws IOException {
        return data == null ? WordNetGlosses.load() : from("--data", () -> LabelledFile.read(data));
    }

    private Pretraining pretraining(TargetData samples) throws IOException {
        return pretrain == null
                ? new Pretraining(samples.pool(), pretrainingSteps)
                : from("--pretrain", () -> Pretraining.on(pretrain, length, pretrainingSteps));
    }

    /** Reads files. */
    private interface Reading<T> {
        T read() throws IOException;
    }

    /** Names the option that files come from, should they be bad. */
    private static <T> T from(String option, Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (IOException e) {
            throw new IOException(option + ": " + e.getMessage(), e);
        }
    }

    private String requiredCategory() {
        if (category == null && data != null) {
            throw ExampleCommand.refused(
                    this, "--category is missing; name the category of --data that is the target");
        }
        return category == null ? DEFAULT_CATEGORY : category;
    }

    /** A selector that must take nearly all has nothing to choose. */
    private void requireEnough(TargetData samples) throws IOException {
        long chosen = (long) steps * TargetComparison.BATCH_SIZE;
        if (2 * chosen > samples.pool().size()) {
            throw new IOException(
                    "--steps = %d trains on %d samples, more than half of the %d candidates; lower --steps or give more candidates"
                            .formatted(steps, chosen, samples.pool().size()));
        }
    }

    private void print(TargetData samples, Pretraining pretraining) {
        System.out.printf(
                Locale.ROOT,
                "%,d candidates of %d categories, %,d of them (%.1f %%) of %s; %d targets, %d held"
                        + " out; %d steps, %d seeds%n"
                        + "pretraining: %,d steps on %,d samples of %d domains%n%n",
                samples.pool().size(),
                samples.pool().domains().size(),
                samples.ownCandidates(),
                100.0 * samples.ownCandidates() / samples.pool().size(),
                samples.category(),
                TargetData.TARGETS,
                samples.heldOut().size(),
                steps,
                seeds,
                pretraining.steps(),
                pretraining.pool().size(),
                pretraining.pool().domains().size());
    }
}
