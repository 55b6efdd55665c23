package org.dataflex.examples.cli;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.examples.finetune.ModelTokenizer;
import org.dataflex.examples.finetune.ResultWriter;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.HuggingFaceConfig;
import org.dataflex.lm.TextTokenizer;
import org.dataflex.lm.WeightFiles;
import org.dataflex.lm.WeightFilesWriter;

/**
 * A Hugging Face model directory, found to be whole before anything is computed.
 *
 * @param directory the directory
 * @param config its configuration
 * @param weights its weight files, not yet read; null if there shall be random values
 * @param tokenizer its tokenizer; to be closed
 */
record ModelSource(
        Path directory, HuggingFaceConfig config, WeightFiles weights, TextTokenizer tokenizer)
        implements AutoCloseable {

    /**
     * Opens a directory.
     *
     * @param directory the directory
     * @param isRead whether its weights are wanted
     * @return the model, not yet in memory
     * @throws IOException if a file is missing or damaged, or the tokenizer is another model's
     */
    static ModelSource open(Path directory, boolean isRead) throws IOException {
        HuggingFaceConfig config = HuggingFaceConfig.read(directory.resolve("config.json"));
        WeightFiles weights = isRead ? WeightFiles.open(directory) : null;
        TextTokenizer tokenizer = ModelTokenizer.open(directory, config);
        return new ModelSource(directory, config, weights, tokenizer);
    }

    /**
     * Makes the decoder in memory.
     *
     * @param model gets it as its block
     * @param seed of random values
     * @return the decoder
     * @throws IOException if the weights cannot be read
     */
    CausalLm load(Model model, long seed) throws IOException {
        CausalLm decoder = new CausalLm(config.decoder(), seed);
        model.setBlock(decoder);
        if (weights != null) {
            weights.load(decoder, model.getNDManager());
        }
        decoder.initialize(
                model.getNDManager(),
                DataType.FLOAT32,
                new Shape(1, config.decoder().maxPositions()));
        return decoder;
    }

    /** Returns what writes in the type that most weights are stored in, float32 without any. */
    WeightFilesWriter writer() throws IOException {
        return weights == null
                ? WeightFilesWriter.of(SafetensorsType.F32)
                : ResultWriter.like(directory, weights);
    }

    /** Returns the text of {@code config.json}. */
    String configText() throws IOException {
        return Files.readString(directory.resolve("config.json"));
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
