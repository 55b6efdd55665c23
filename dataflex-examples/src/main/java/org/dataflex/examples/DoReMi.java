package org.dataflex.examples;

import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.dataflex.data.Domain;
import org.dataflex.examples.corpus.TextDomain;
import org.dataflex.examples.mixdomains.DoReMiRuns;
import org.dataflex.examples.mixdomains.DomainRuns;
import org.dataflex.examples.mixdomains.MixOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The three runs of DoReMi: a reference model on natural proportions, a proxy that finds
 * proportions, and a final model on these. Killed anywhere and started again with the same options,
 * it goes on; finished runs are not repeated.
 */
@Command(name = "DoReMi", mixinStandardHelpOptions = true)
public final class DoReMi implements Callable<Integer> {

    @Mixin private MixOptions options;

    @Option(names = "--seed", defaultValue = "42", description = "Seed (${DEFAULT-VALUE}).")
    private long seed;

    DoReMi() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.main(new DoReMi(), arguments);
    }

    @Override
    public Integer call() throws IOException, TranslateException {
        List<TextDomain> domains = options.domains();
        DomainRuns runs = options.runs(domains);
        Path directory = options.directory("doremi").resolve("seed-" + seed);
        DoReMiRuns doremi =
                new DoReMiRuns(
                        domains,
                        runs,
                        seed,
                        directory.resolve("reference"),
                        directory.resolve("proxy"));
        Map<String, Double> found = doremi.find();
        try (DomainRuns.Trained reference =
                        runs.train(doremi.reference(), seed, DoReMiRuns::naturally);
                DomainRuns.Trained last = doremi.trainFinal(directory.resolve("final"))) {
            System.out.printf(
                    "%n%-15s%12s%12s%20s%20s%n",
                    "domain", "natural", "DoReMi", "loss, natural", "loss, DoReMi");
            for (Domain domain : runs.data().pool().domains()) {
                System.out.printf(
                        Locale.ROOT,
                        "%-15s%10.1f %%%10.1f %%%20.3f%20.3f%n",
                        domain,
                        100.0
                                * runs.data().pool().samples(domain).size()
                                / runs.data().pool().size(),
                        100 * found.get(domain.name()),
                        reference.finalLoss(domain.name()),
                        last.finalLoss(domain.name()));
            }
        }
        System.out.printf("%nproportions: %s%n", doremi.proportions());
        return 0;
    }
}
