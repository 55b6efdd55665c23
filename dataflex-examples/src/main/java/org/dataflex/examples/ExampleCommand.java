package org.dataflex.examples;

import ai.djl.TrainingDivergedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.data.format.InvalidSampleException;
import org.dataflex.model.UnsupportedModelException;
import org.dataflex.strategy.StrategyException;
import picocli.CommandLine;

/** Runs an example's command: options by picocli, errors of files, models and runs as one line. */
public final class ExampleCommand {

    private ExampleCommand() {}

    /**
     * Runs a command and, if it failed, ends the process with its exit code.
     *
     * @param command has picocli's annotations
     * @param arguments its arguments
     */
    public static void main(Object command, String... arguments) {
        int exit = run(command, arguments);
        if (exit != 0) {
            System.exit(exit);
        }
    }

    /**
     * Runs a command.
     *
     * @param command has picocli's annotations
     * @param arguments its arguments
     * @return 0, 1 if it failed, or 2 if the arguments are wrong
     */
    public static int run(Object command, String... arguments) {
        return new CommandLine(command)
                .setExecutionExceptionHandler(
                        (exception, line, parsed) -> {
                            if (!isRefusal(exception)) {
                                throw exception;
                            }
                            line.getErr().println(line.getCommandName() + ": " + text(exception));
                            return line.getCommandSpec().exitCodeOnExecutionException();
                        })
                .execute(arguments);
    }

    /** Whether it says what is wrong with files, a model or a run, rather than with the program. */
    private static boolean isRefusal(Throwable e) {
        return e instanceof IOException
                || e instanceof UncheckedIOException
                || e instanceof UnsupportedModelException
                || e instanceof TrainingDivergedException
                || e instanceof StrategyException strategy && isRefusal(strategy);
    }

    /** A strategy says what is wrong by these, whatever it was asked. */
    private static boolean isRefusal(StrategyException e) {
        Throwable cause = e.getCause();
        return cause == null
                || cause instanceof IllegalArgumentException
                || cause instanceof IllegalStateException
                || isRefusal(cause);
    }

    /** What a message of a library leaves to its exception's name is said with it. */
    private static String text(Exception e) {
        return saysAll(e) ? e.getMessage() : e.toString();
    }

    private static boolean saysAll(Exception e) {
        return e.getClass() == IOException.class
                || e instanceof CheckpointException
                || e instanceof InvalidSampleException
                || e instanceof UnsupportedModelException
                || e instanceof TrainingDivergedException
                || e instanceof UncheckedIOException
                || e instanceof StrategyException
                || e instanceof FileSystemException f && f.getReason() != null;
    }

    /**
     * Refuses a number that is too small.
     *
     * @param command whose option it is
     * @param option its option
     * @param value the number
     * @param least what it must be at least
     */
    public static void requireAtLeast(Object command, String option, long value, long least) {
        if (value < least) {
            throw refused(command, option + " = " + value + ", must be at least " + least);
        }
    }

    /**
     * Refuses a number that is too small or too large.
     *
     * @param command whose option it is
     * @param option its option
     * @param value the number
     * @param least what it must be at least
     * @param most what it must be at most
     */
    public static void requireBetween(
            Object command, String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw refused(
                    command, "%s = %d, must be in [%d, %d]".formatted(option, value, least, most));
        }
    }

    /** Refuses a number that is not in [0, 1). */
    static void requireShare(Object command, String option, double value) {
        if (!(value >= 0 && value < 1)) {
            throw refused(command, option + " = " + value + ", must be in [0, 1)");
        }
    }

    /**
     * Makes what prints a message and the command's usage.
     *
     * @param command whose arguments are wrong
     * @param message what is wrong with them
     * @return to be thrown
     */
    public static CommandLine.ParameterException refused(Object command, String message) {
        return new CommandLine.ParameterException(new CommandLine(command), message);
    }

    /** The first of name, name-2, name-3 ... that does not exist yet. */
    static Path newDirectory(Path parent, String name) throws IOException {
        Path directory = parent.resolve(name);
        for (int number = 2; Files.exists(directory); number++) {
            directory = parent.resolve(name + "-" + number);
        }
        try {
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw new IOException(
                    "cannot make the directory "
                            + directory
                            + " ("
                            + e
                            + "); choose another --output",
                    e);
        }
    }
}
