package org.dataflex.examples.cli;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.dataflex.lm.AdapterDirectory;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.Lora;
import org.dataflex.lm.ModelDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Merges adapters into their base, as a directory that transformers loads. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = "Merges adapters into their model.")
public final class ExportCommand implements Callable<Integer> {

    @Option(names = "--model", required = true, description = "The adapter's base model.")
    private Path model;

    @Option(names = "--adapter", required = true, description = "Directory in PEFT's format.")
    private Path adapter;

    @Option(names = "--output", required = true, description = "Directory to write.")
    private Path output;

    ExportCommand() {}

    @Override
    public Integer call() throws IOException {
        AdapterDirectory adapters = new AdapterDirectory(adapter);
        try (ModelSource source = ModelSource.open(model, true);
                Model djl = Model.newInstance("export")) {
            ModelDirectory directory = new ModelDirectory(output, source.writer());
            CausalLm decoder = source.load(djl, 0);
            Lora lora = adapters.attach(decoder, djl.getNDManager());
            lora.merge();
            directory.save(decoder, source.configText(), source.directory());
        }
        System.out.println("merged " + adapter + " into " + output);
        return 0;
    }
}
