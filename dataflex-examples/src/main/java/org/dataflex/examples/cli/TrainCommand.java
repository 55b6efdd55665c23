package org.dataflex.examples.cli;

import ai.djl.training.util.ProgressBar;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.dataflex.TrainingReport;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.examples.config.ConfigFile;
import org.dataflex.examples.config.TrainConfig;
import org.dataflex.examples.report.RunReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains as a configuration file says, or shows what it would do. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Trains as a configuration file says.")
public final class TrainCommand implements Callable<Integer> {

    @Parameters(
            index = "0",
            paramLabel = "CONFIG",
            description = "YAML or JSON with the keys of LLaMA-Factory and DataFlex.")
    private Path config;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "KEY=VALUE",
            description = "Values that go before the file's.")
    private List<String> overrides = List.of();

    @Option(names = "--dry-run", description = "Show the plan; tokenize, but do not train.")
    private boolean isDryRun;

    TrainCommand() {}

    @Override
    public Integer call() throws IOException, TranslateException {
        TrainConfig read = TrainConfig.read(ConfigFile.read(config).with(overrides));
        read.warnings().forEach(warning -> System.err.println("warning: " + warning));
        try (TrainingRun run = TrainingRun.open(read)) {
            System.out.print(Plan.of(run));
            if (!isDryRun) {
                train(run);
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new IOException(config + ": " + e.getMessage(), e);
        }
        return 0;
    }

    private static void train(TrainingRun run) throws IOException, TranslateException {
        ProgressBar bar = new ProgressBar("training", run.steps());
        TrainingReport report = run.train(event -> show(bar, event));
        System.out.println();
        report.validationLosses()
                .forEach(
                        (name, losses) ->
                                System.out.printf(
                                        Locale.ROOT,
                                        "%s: held-out loss %.4f before, %.4f after %d steps%n",
                                        name,
                                        losses.firstEntry().getValue(),
                                        losses.lastEntry().getValue(),
                                        report.step()));
        Path output = run.config().output().directory();
        RunReport.of(output.resolve("run")).write(output.resolve("report.html"));
        System.out.printf(
                Locale.ROOT,
                "%d steps in %d s; written to %s%n",
                report.step(),
                report.elapsed().toSeconds(),
                output);
    }

    private static void show(ProgressBar bar, StepCompleted event) {
        bar.update(event.step() - 1, String.format(Locale.ROOT, "loss %.3f", event.loss()));
    }
}
