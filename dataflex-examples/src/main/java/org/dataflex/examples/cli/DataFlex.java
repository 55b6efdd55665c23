package org.dataflex.examples.cli;

import org.dataflex.examples.Compare;
import org.dataflex.examples.ExampleCommand;
import org.dataflex.examples.Explain;
import org.dataflex.examples.Report;
import picocli.CommandLine.Command;

/** The command line: {@code train}, {@code export}, {@code evaluate} and what looks at runs. */
@Command(
        name = "dataflex",
        mixinStandardHelpOptions = true,
        subcommands = {
            TrainCommand.class,
            ExportCommand.class,
            EvaluateCommand.class,
            Report.class,
            Compare.class,
            Explain.class
        },
        description = "Trains, exports and measures language models.")
public final class DataFlex {

    DataFlex() {}

    /**
     * Runs a command.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.main(new DataFlex(), arguments);
    }
}
