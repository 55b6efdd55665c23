package org.dataflex.examples;

import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.dataflex.examples.page.Table;
import org.dataflex.examples.quickstart.Comparison;
import org.dataflex.examples.quickstart.ComparisonPage;
import org.dataflex.examples.quickstart.History;
import org.dataflex.examples.quickstart.TextData;
import org.dataflex.examples.quickstart.TextRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Trains a small decoder on six kinds of real text twice, with the same seed and number of steps:
 * once plainly, once with a mixer, a selector and a weighter at work; prints what the strategies
 * chose and how held-out loss moved, and draws both.
 */
@Command(name = "QuickStart", mixinStandardHelpOptions = true)
public final class QuickStart implements Callable<Integer> {

    @Option(names = "--steps", defaultValue = "150", description = "Steps (${DEFAULT-VALUE}).")
    private long steps;

    @Option(names = "--seed", defaultValue = "42", description = "Seed (${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--output",
            defaultValue = "runs",
            description = "Where run directories are made (${DEFAULT-VALUE}).")
    private Path output;

    QuickStart() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.main(new QuickStart(), arguments);
    }

    @Override
    public Integer call() throws IOException, TranslateException {
        ExampleCommand.requireAtLeast(this, "--steps", steps, 1);
        TextData data = TextData.load();
        Path directory = ExampleCommand.newDirectory(output, "quickstart");
        System.out.printf(
                Locale.ROOT,
                "%,d windows of %d bytes from %d domains; %d steps, seed %d%n%n",
                data.pool().size(),
                TextData.WINDOW,
                data.pool().domains().size(),
                steps,
                seed);
        TextRun run = new TextRun(data, steps, seed);
        History plain = run.trainPlainly(directory.resolve("plain"));
        History dynamic = run.trainDynamically(directory.resolve("dynamic"));
        Comparison comparison = new Comparison(data, plain, dynamic);
        print(comparison.table());
        System.out.printf(
                Locale.ROOT,
                "%nplain run %d s, dynamic run %d s (strategies %d s of it)%n",
                plain.report().elapsed().toSeconds(),
                dynamic.report().elapsed().toSeconds(),
                dynamic.report().strategyTime().toSeconds());
        Path page = directory.resolve("comparison.html");
        new ComparisonPage(comparison).page().write(page);
        System.out.println("pictures:  " + page);
        System.out.println("decisions: " + directory.resolve("dynamic").resolve("events.jsonl"));
        return 0;
    }

    private static void print(Table table) {
        System.out.printf("%n%s%n", table.title());
        printRow(table.headers());
        table.rows().forEach(QuickStart::printRow);
    }

    private static void printRow(List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            line.append(String.format(i == 0 ? "%-12s" : "%15s", cells.get(i)));
        }
        System.out.println(line);
    }
}
