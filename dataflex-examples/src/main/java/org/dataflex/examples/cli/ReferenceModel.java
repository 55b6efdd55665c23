package org.dataflex.examples.cli;

import ai.djl.Model;
import ai.djl.training.util.ProgressBar;
import java.io.IOException;
import java.nio.file.Path;
import org.dataflex.ReferenceLosses;
import org.dataflex.data.CandidatePool;

/**
 * A model that strategies compare the trained one with, token by token.
 *
 * @param directory a Hugging Face model directory
 */
record ReferenceModel(Path directory) {

    /** Refuses a directory that cannot be read, or whose model does not take the samples. */
    void requireFit(ModelSource trained, int cutoff) throws IOException {
        try (ModelSource source = open()) {
            if (!source.tokenizer().fingerprint().equals(trained.tokenizer().fingerprint())) {
                throw new IOException(
                        "reference_model_path = %s has another tokenizer than model_name_or_path = %s, and tokens are compared one by one; take a model of the same tokenizer"
                                .formatted(directory, trained.directory()));
            }
            int positions = source.config().decoder().maxPositions();
            if (cutoff > positions) {
                throw new IOException(
                        "cutoff_len = %d exceeds the %d positions of reference_model_path = %s; lower it"
                                .formatted(cutoff, positions, directory));
            }
        }
    }

    /**
     * Computes the losses of the pool's tokens, unless the cache has them.
     *
     * @param pool the samples
     * @param cache where losses are kept by content
     * @return where in the cache they are
     */
    Path losses(CandidatePool pool, Path cache) throws IOException {
        try (ModelSource source = open();
                Model model = Model.newInstance("reference")) {
            source.load(model, 0);
            try (ReferenceLosses losses =
                    ReferenceLosses.compute(model, pool, cache, new ProgressBar())) {
                return losses.directory();
            }
        }
    }

    private ModelSource open() throws IOException {
        try {
            return ModelSource.open(directory, true);
        } catch (IOException e) {
            throw new IOException("reference_model_path: " + e.getMessage(), e);
        }
    }
}
