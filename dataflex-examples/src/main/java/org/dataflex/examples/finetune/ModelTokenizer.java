package org.dataflex.examples.finetune;

import java.io.IOException;
import java.nio.file.Path;
import org.dataflex.lm.HuggingFaceConfig;
import org.dataflex.lm.TextTokenizer;

/** The tokenizer of a model directory, found to belong to its model. */
public final class ModelTokenizer {

    private ModelTokenizer() {}

    /**
     * Opens a tokenizer.
     *
     * @param model a Hugging Face model directory
     * @param config its configuration
     * @return the tokenizer; the caller closes it
     * @throws IOException if it cannot be read, or has tokens that the model does not know
     */
    public static TextTokenizer open(Path model, HuggingFaceConfig config) throws IOException {
        TextTokenizer tokenizer = TextTokenizer.open(model);
        int known = config.decoder().vocabularySize();
        if (tokenizer.vocabularySize() > known) {
            tokenizer.close();
            throw new IOException(
                    "the tokenizer of %s has %d tokens, the model %d; they do not belong together"
                            .formatted(model, tokenizer.vocabularySize(), known));
        }
        return tokenizer;
    }
}
