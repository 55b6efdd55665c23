package org.dataflex.examples;

import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.dataflex.examples.corpus.LabelledText;
import org.dataflex.examples.corpus.WordNetGlosses;
import org.dataflex.examples.page.Table;
import org.dataflex.examples.selectfortarget.LabelledFile;
import org.dataflex.examples.selectfortarget.TargetComparison;
import org.dataflex.examples.selectfortarget.TargetData;
import org.dataflex.examples.selectfortarget.TargetPage;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Lets each selector choose for a target, a few samples of one category among short texts of many;
 * counts how much of the category it finds, and measures what a small decoder gains from it.
 *
 * <p>Takes about a minute a seed on two cores with the default settings.
 */
@Command(name = "SelectForTarget", mixinStandardHelpOptions = true)
public final class SelectForTarget implements Callable<Integer> {

    private static final String DEFAULT_CATEGORY = "noun.food";

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
        requirePositive("--candidates", candidates);
        requirePositive("--steps", steps);
        requirePositive("--seeds", seeds);
        TargetData samples = TargetData.split(texts(), requiredCategory(), candidates, seeds);
        requireEnough(samples);
        Path directory = ExampleCommand.newDirectory(output, "select-for-target");
        print(samples);
        TargetComparison comparison =
                TargetComparison.run(samples, steps, directory.resolve("pretrained"));
        print(comparison.table());
        Path page = directory.resolve("comparison.html");
        new TargetPage(comparison).page().write(page);
        System.out.printf("%npictures: %s%n", page);
        return 0;
    }

    private List<LabelledText> texts() throws IOException {
        return data == null ? WordNetGlosses.load() : LabelledFile.read(data);
    }

    private String requiredCategory() {
        if (category == null && data != null) {
            throw refused("--category is missing; name the category of --data that is the target");
        }
        return category == null ? DEFAULT_CATEGORY : category;
    }

    private void requirePositive(String option, int value) {
        if (value < 1) {
            throw refused(option + " = " + value + ", must be at least 1");
        }
    }

    /** A selector that must take nearly all has nothing to choose. */
    private void requireEnough(TargetData samples) throws IOException {
        long chosen = (long) steps * TargetComparison.BATCH_SIZE;
        if (2 * chosen > samples.pool().size()) {
            throw new IOException(
                    "%d steps train on %d samples, more than half of the %d candidates; lower --steps or give more candidates"
                            .formatted(steps, chosen, samples.pool().size()));
        }
    }

    private CommandLine.ParameterException refused(String message) {
        return new CommandLine.ParameterException(new CommandLine(this), message);
    }

    private void print(TargetData samples) {
        System.out.printf(
                Locale.ROOT,
                "%,d candidates of %d categories, %,d of them (%.1f %%) of %s; %d targets, %d held"
                        + " out; %d steps, %d seeds%n%n",
                samples.pool().size(),
                samples.pool().domains().size(),
                samples.ownCandidates(),
                100.0 * samples.ownCandidates() / samples.pool().size(),
                samples.category(),
                TargetData.TARGETS,
                samples.heldOut().size(),
                steps,
                seeds);
    }

    private static void print(Table table) {
        System.out.printf("%n%s%n", table.title());
        printRow(table.headers());
        table.rows().forEach(SelectForTarget::printRow);
    }

    private static void printRow(List<String> cells) {
        System.out.printf(
                "%-12s%14s%18s%9s  %s%n",
                cells.get(0), cells.get(1), cells.get(2), cells.get(3), cells.get(4));
    }
}
