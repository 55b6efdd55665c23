package org.dataflex.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.dataflex.examples.report.RunReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Draws what a run did as a self-contained HTML page, from its run directory. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Draws what a run did as a self-contained HTML page.")
public final class Report implements Callable<Integer> {

    @Parameters(paramLabel = "RUN", description = "The run directory.")
    private Path run;

    @Option(names = "--output", description = "The page (RUN/report.html).")
    private Path output;

    /** Makes the command. */
    public Report() {}

    /**
     * Runs the command.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.main(new Report(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        Path page = output == null ? run.resolve("report.html") : output;
        RunReport.of(run).write(page);
        System.out.println("page: " + page);
        return 0;
    }
}
