package org.dataflex.examples;

import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.dataflex.examples.corpus.TextDomain;
import org.dataflex.examples.mixdomains.DomainRuns;
import org.dataflex.examples.mixdomains.MixComparison;
import org.dataflex.examples.mixdomains.MixOptions;
import org.dataflex.examples.mixdomains.MixPage;
import org.dataflex.examples.page.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Trains small decoders on real text of several domains, mixed in natural, uniform, DoReMi's and
 * ODM's proportions, each with the same number of steps and several seeds; compares held-out losses
 * of all domains.
 */
@Command(name = "MixDomains", mixinStandardHelpOptions = true)
public final class MixDomains implements Callable<Integer> {

    @Mixin private MixOptions options;

    @Option(
            names = "--seeds",
            defaultValue = "3",
            description = "Runs of each mixer (${DEFAULT-VALUE}).")
    private int seeds;

    MixDomains() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.main(new MixDomains(), arguments);
    }

    @Override
    public Integer call() throws IOException, TranslateException {
        ExampleCommand.requireAtLeast(this, "--seeds", seeds, 1);
        List<TextDomain> domains = options.domains();
        DomainRuns runs = options.runs(domains);
        Path directory = options.directory("mix-domains");
        System.out.printf(
                Locale.ROOT,
                "%,d windows of %d domains; decoders of %,d parameters; %d steps, %d seeds%n%n",
                runs.data().pool().size(),
                domains.size(),
                runs.decoder().numParameters(),
                runs.steps(),
                seeds);
        MixComparison comparison = MixComparison.run(domains, runs, seeds, directory);
        for (Table table : List.of(comparison.losses(), comparison.shares(), comparison.times())) {
            System.out.printf("%n%s", table.toText());
        }
        Path page = directory.resolve("comparison.html");
        new MixPage(comparison).page().write(page);
        System.out.printf("%npictures: %s%n", page);
        return 0;
    }
}
