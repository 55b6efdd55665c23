package org.dataflex.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.dataflex.examples.report.SampleHistory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says when and why a sample was chosen or not, and when it was drawn, from a run's files. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = "Says when and why a sample was chosen or not, and when it was drawn.")
public final class Explain implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "RUN", description = "The run directory.")
    private Path run;

    @Parameters(index = "1", paramLabel = "SAMPLE", description = "A position of the pool.")
    private long sample;

    /** Makes the command. */
    public Explain() {}

    /**
     * Runs the command.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.main(new Explain(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        try {
            System.out.print(SampleHistory.of(run, sample).text());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        return 0;
    }
}
