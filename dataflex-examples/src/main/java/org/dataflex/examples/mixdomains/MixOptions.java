package org.dataflex.examples.mixdomains;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.dataflex.examples.ExampleCommand;
import org.dataflex.examples.corpus.DomainFiles;
import org.dataflex.examples.corpus.TextDomain;
import org.dataflex.examples.quickstart.TextData;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What the examples of mixing have in common: the text, the model's size, the place. */
public final class MixOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--data",
            description =
                    "A directory of DOMAIN.train.jsonl and DOMAIN.valid.jsonl, each line with a"
                            + " text; default: six kinds of bundled text.")
    private Path data;

    @Option(
            names = "--steps",
            defaultValue = "60",
            description = "Steps of a run, 16 windows of 128 bytes each (${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--width",
            defaultValue = "96",
            description = "Features of a token, a multiple of 32 (${DEFAULT-VALUE}).")
    private int width;

    @Option(
            names = "--layers",
            defaultValue = "2",
            description = "Decoder layers (${DEFAULT-VALUE}).")
    private int layers;

    @Option(
            names = "--output",
            defaultValue = "runs",
            description =
                    "Where the runs are kept; given the same settings again, they go on"
                            + " (${DEFAULT-VALUE}).")
    private Path output;

    /** Filled by picocli. */
    public MixOptions() {}

    /**
     * Reads the text.
     *
     * @return at least two domains
     * @throws IOException if the files cannot be read, or hold one domain only
     */
    public List<TextDomain> domains() throws IOException {
        Object example = command.userObject();
        ExampleCommand.requireAtLeast(example, "--steps", steps, 1);
        ExampleCommand.requireAtLeast(example, "--layers", layers, 1);
        if (width < 32 || width % 32 != 0) {
            throw ExampleCommand.refused(
                    example, "--width = " + width + ", must be a multiple of 32");
        }
        List<TextDomain> domains = data == null ? TextData.bundled() : DomainFiles.read(data);
        if (domains.size() < 2) {
            throw new IOException(
                    data
                            + " has one domain, '"
                            + domains.get(0).name()
                            + "'; there is nothing to mix");
        }
        return domains;
    }

    /**
     * Makes the runs.
     *
     * @param domains the text
     * @return the runs
     * @throws IOException if a domain has no held-out text of a window's length
     */
    public DomainRuns runs(List<TextDomain> domains) throws IOException {
        try {
            return new DomainRuns(TextData.of(domains), width, layers, steps);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * Names the place of the runs; other lengths and sizes have others.
     *
     * @param example the example's
     * @return a directory within the output
     */
    public Path directory(String example) {
        return output.resolve(example)
                .resolve(
                        String.format(
                                Locale.ROOT, "steps-%d-width-%d-layers-%d", steps, width, layers));
    }
}
