package org.dataflex.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.dataflex.examples.report.RunComparison;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lays runs over each other on a self-contained HTML page, with intervals over seeds. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description = {
            "Lays runs over each other on a self-contained HTML page.",
            "Runs that differ only in the seed are drawn as their mean, with its 95 % interval."
        })
public final class Compare implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Parameters(
            paramLabel = "RUN",
            arity = "1..*",
            description = "Run directories; the others are compared to the first.")
    private List<Path> runs;

    @Option(names = "--steps", description = "Compare the first so many steps (all, if equal).")
    private Long steps;

    @Option(
            names = "--output",
            defaultValue = "comparison.html",
            description = "The page (${DEFAULT-VALUE}).")
    private Path output;

    /** Makes the command. */
    public Compare() {}

    /**
     * Runs the command.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.main(new Compare(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        try {
            RunComparison comparison =
                    steps == null ? RunComparison.of(runs) : RunComparison.of(runs, steps);
            comparison.write(output);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        System.out.println("page: " + output);
        return 0;
    }
}
