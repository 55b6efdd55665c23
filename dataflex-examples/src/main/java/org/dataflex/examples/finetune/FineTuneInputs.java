package org.dataflex.examples.finetune;

import java.io.IOException;
import java.nio.file.Path;
import org.dataflex.lm.HuggingFaceConfig;
import org.dataflex.lm.TextTokenizer;
import org.dataflex.lm.WeightFiles;

/**
 * What fine-tuning starts from, read and found to belong together before anything is computed.
 *
 * @param config the model's configuration
 * @param weights its weight files, not yet read
 * @param form says in one line what form the instructions are put in
 * @param samples the instructions
 */
public record FineTuneInputs(
        HuggingFaceConfig config, WeightFiles weights, String form, InstructionFile samples) {

    /**
     * Reads a model directory's descriptions and a file of instructions.
     *
     * @param model a Hugging Face model directory
     * @param data the instructions
     * @param maxLength tokens a sample may have
     * @return the inputs
     * @throws IOException if something cannot be read or does not fit; says what
     */
    public static FineTuneInputs read(Path model, Path data, int maxLength) throws IOException {
        HuggingFaceConfig config = HuggingFaceConfig.read(model.resolve("config.json"));
        int positions = config.decoder().maxPositions();
        if (maxLength > positions) {
            throw new IOException(
                    "--max-length = "
                            + maxLength
                            + " exceeds the model's "
                            + positions
                            + " positions; lower it");
        }
        WeightFiles weights = WeightFiles.open(model);
        try (TextTokenizer tokenizer = ModelTokenizer.open(model, config)) {
            InstructionForm form = InstructionForm.of(model, tokenizer, config.eosTokenIds());
            InstructionFile samples = samples(data, form, maxLength);
            return new FineTuneInputs(config, weights, form.description(), samples);
        }
    }

    private static InstructionFile samples(Path data, InstructionForm form, int maxLength)
            throws IOException {
        InstructionFile samples = InstructionFile.read(data, form.template(), maxLength);
        if (samples.training().size() == 0 || samples.heldOut().size() == 0) {
            throw new IOException(
                    data
                            + " leaves "
                            + samples.training().size()
                            + " samples to train on and "
                            + samples.heldOut().size()
                            + " to measure on, "
                            + samples.tooLong()
                            + " were longer than --max-length = "
                            + maxLength
                            + "; give at least two that fit, or raise --max-length");
        }
        return samples;
    }
}
