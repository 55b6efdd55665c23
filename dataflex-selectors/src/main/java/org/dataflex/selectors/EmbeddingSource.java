package org.dataflex.selectors;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDManager;
import ai.djl.translate.TranslateException;
import ai.djl.util.Progress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleSet;
import org.dataflex.model.Pooling;
import org.dataflex.strategy.Need;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Settings;

/**
 * Where the embeddings of candidates and of a target set come from.
 *
 * <p>All are scaled to length 1, so that neighbours are those with the largest cosine. Those of the
 * model in training are made anew at every update; those of another model, of texts and of files
 * are fixed, made once and kept.
 */
public abstract sealed class EmbeddingSource
        permits ModelEmbeddings, TextEmbeddings, FileEmbeddings {

    EmbeddingSource() {}

    /**
     * Embeds by the model in training, as it stands at each update.
     *
     * @param targets the target set, at least one sample
     * @param pooling how token states become one vector
     * @return the source
     * @throws IllegalArgumentException if the target set is empty
     */
    public static EmbeddingSource trainingModel(SampleSet targets, Pooling pooling) {
        return new ModelEmbeddings(null, targets, pooling);
    }

    /**
     * Embeds by another model, each sample once.
     *
     * @param model an initialized model on the device of the one in training, whose block
     *     implements {@code HiddenStates}; it is given the samples as they are, so that a language
     *     model must have the tokenizer that made them; it stays open and belongs to the caller
     * @param targets the target set, at least one sample
     * @param pooling how token states become one vector
     * @return the source
     * @throws IllegalArgumentException if the target set is empty, or the model's block has no
     *     hidden states
     */
    public static EmbeddingSource model(Model model, SampleSet targets, Pooling pooling) {
        Objects.requireNonNull(model, "model");
        return new ModelEmbeddings(model, targets, pooling);
    }

    /**
     * Embeds texts by any model, such as a sentence-embedding model of DJL's; at once, so that the
     * model may be closed then. The embeddings are kept in the heap, 4 bytes a value.
     *
     * @param candidates the text of each sample, in the pool's order
     * @param targets the texts of the target set, at least one
     * @param model embeds a text; texts are given to it by batches
     * @param progress is shown how many texts are done, such as {@code new ProgressBar()}, or null
     * @return the source
     * @throws TranslateException if the model fails
     * @throws IllegalArgumentException if there are no targets, or embeddings differ in size or
     *     have no direction
     */
    public static EmbeddingSource texts(
            List<String> candidates,
            List<String> targets,
            Predictor<String, float[]> model,
            Progress progress)
            throws TranslateException {
        return new TextEmbeddings(candidates, targets, model, progress);
    }

    /**
     * Reads embeddings that were made elsewhere, such as by a sentence-embedding model.
     *
     * <p>Each file is of the safetensors format and has one float32 tensor, a row a sample. Files
     * are mapped, not loaded, and must not change during the run.
     *
     * @param candidates [n, d]: row i embeds the sample at position i of the pool
     * @param targets [m, d]: the target set, at least one row
     * @return the source; the files are looked at when the trainer is built
     */
    public static EmbeddingSource files(Path candidates, Path targets) {
        return new FileEmbeddings(candidates, targets);
    }

    /** Makes the source that settings name. */
    static EmbeddingSource of(Settings settings) {
        return files(
                Path.of(requireFile(settings, "candidateEmbeddings", "the pool's samples")),
                Path.of(requireFile(settings, "targetEmbeddings", "the target set")));
    }

    private static String requireFile(Settings settings, String name, String of) {
        String file = settings.text(name, null);
        if (file == null || file.isBlank()) {
            throw new IllegalArgumentException(
                    name
                            + " = "
                            + file
                            + ", must name a safetensors file with the embeddings of "
                            + of);
        }
        return file;
    }

    static void requireSet(EmbeddingSource source) {
        if (source == null) {
            throw new IllegalStateException(
                    "setEmbeddings was not called; give the embeddings of candidates and target"
                            + " set");
        }
    }

    /** Refuses a pool that grows where every sample's embedding must be there before training. */
    static void requireKnown(CandidatePool pool) {
        if (pool.isGrowing()) {
            throw new IllegalArgumentException(
                    "embeddings of files and texts are of samples that are known before training,"
                            + " and a streaming pool grows; embed by a model, or take a pool of"
                            + " files");
        }
    }

    /** Starts native memory where neighbours are to be searched. */
    abstract NDManager newManager();

    /** Returns what is asked of the model in training. */
    Set<Need> needs() {
        return Set.of();
    }

    /** Tells whether a sample's embedding never changes. */
    abstract boolean isFixed();

    /** Returns the embeddings of {@code context.candidates()}, in order. */
    abstract UnitVectors candidates(SelectionContext context);

    /** Returns the embeddings of the target set. */
    abstract UnitVectors targets(SelectionContext context);

    /** Returns the target set by its name, as far as its samples are known. */
    abstract Map<String, SampleSet> targetSets();

    /** Returns what a resume must find the same. */
    abstract Map<String, String> settings();

    /** Refuses a pool that the embeddings are not of. */
    abstract void check(CandidatePool pool);
}
