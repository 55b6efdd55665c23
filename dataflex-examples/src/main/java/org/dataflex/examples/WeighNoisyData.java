package org.dataflex.examples;

import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.dataflex.examples.corpus.TextDomain;
import org.dataflex.examples.mixdomains.DomainRuns;
import org.dataflex.examples.mixdomains.MixOptions;
import org.dataflex.examples.page.Table;
import org.dataflex.examples.weighnoisydata.NoisyData;
import org.dataflex.examples.weighnoisydata.WeighterComparison;
import org.dataflex.examples.weighnoisydata.WeighterPage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains small decoders on text of which a share is corrupted, and compares weighters. */
@Command(name = "WeighNoisyData", mixinStandardHelpOptions = true)
public final class WeighNoisyData implements Callable<Integer> {

    @Mixin private MixOptions options;

    @Option(
            names = "--noise",
            defaultValue = "0.3",
            description = "Corrupted share of the training windows (${DEFAULT-VALUE}).")
    private double noise;

    @Option(
            names = "--seeds",
            defaultValue = "3",
            description = "Runs of each weighter (${DEFAULT-VALUE}).")
    private int seeds;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "The first seed (${DEFAULT-VALUE}).")
    private long seed;

    WeighNoisyData() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.main(new WeighNoisyData(), arguments);
    }

    @Override
    public Integer call() throws IOException, TranslateException {
        ExampleCommand.requireAtLeast(this, "--seeds", seeds, 1);
        ExampleCommand.requireShare(this, "--noise", noise);
        List<TextDomain> domains = options.domains();
        DomainRuns shape = options.runs(domains);
        Path directory =
                options.directory("weigh-noisy-data").resolve("noise-" + noise + "-seed-" + seed);
        if (Files.exists(directory)) {
            throw new IOException(directory + " exists; delete it or give another --output");
        }
        int rows = Math.multiplyExact(shape.steps(), DomainRuns.BATCH_SIZE);
        WeighterComparison comparison = new WeighterComparison();
        for (long s = seed; s < seed + seeds; s++) {
            NoisyData data = NoisyData.of(domains, rows, noise, s);
            System.out.printf(
                    Locale.ROOT,
                    "seed %d: %d clean and %d corrupted windows%n",
                    s,
                    data.clean().size(),
                    data.corrupted().size());
            comparison.run(data, shape, s, directory.resolve("seed-" + s));
        }
        Table table = comparison.table();
        System.out.printf("%n%s", table.toText());
        Path page = directory.resolve("comparison.html");
        new WeighterPage(comparison).page().write(page);
        System.out.printf("%npictures: %s%n", page);
        return 0;
    }
}
