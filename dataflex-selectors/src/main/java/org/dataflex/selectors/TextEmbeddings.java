package org.dataflex.selectors;

import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDManager;
import ai.djl.translate.TranslateException;
import ai.djl.util.Progress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleSet;
import org.dataflex.math.Sha256;
import org.dataflex.strategy.SelectionContext;

/** Embeddings of texts, made when the source is and kept in the heap. */
final class TextEmbeddings extends EmbeddingSource {

    /** Texts that the model is given at a time. */
    private static final int BATCH = 32;

    private final float[][] candidates;
    private final float[][] targets;

    TextEmbeddings(
            List<String> candidates,
            List<String> targets,
            Predictor<String, float[]> model,
            Progress progress)
            throws TranslateException {
        if (targets.isEmpty()) {
            throw new IllegalArgumentException(
                    "targets has no texts; give texts of the task to be good at");
        }
        this.targets = embed("target", targets, model, progress);
        this.candidates = embed("candidate", candidates, model, progress);
        requireOneDimension();
    }

    private static float[][] embed(
            String kind, List<String> texts, Predictor<String, float[]> model, Progress progress)
            throws TranslateException {
        if (progress != null) {
            progress.reset(kind + "s", texts.size());
        }
        List<float[]> rows = new ArrayList<>();
        for (int from = 0; from < texts.size(); from += BATCH) {
            int to = Math.min(texts.size(), from + BATCH);
            for (float[] row : model.batchPredict(texts.subList(from, to))) {
                rows.add(unit(kind + " text " + rows.size(), row.clone()));
            }
            if (progress != null) {
                progress.update(to - 1);
            }
        }
        if (progress != null) {
            progress.end();
        }
        return rows.toArray(float[][]::new);
    }

    private static float[] unit(String name, float[] row) {
        UnitVectors.normalise(row, 0, row.length, () -> "the embedding of " + name);
        return row;
    }

    private void requireOneDimension() {
        int dimension = targets[0].length;
        for (float[][] rows : List.of(targets, candidates)) {
            for (int i = 0; i < rows.length; i++) {
                if (rows[i].length != dimension) {
                    throw new IllegalArgumentException(
                            "the embedding of %s text %d has %d values, that of target text 0 %d; embed all texts to vectors of one size"
                                    .formatted(
                                            rows == targets ? "target" : "candidate",
                                            i,
                                            rows[i].length,
                                            dimension));
                }
            }
        }
    }

    @Override
    NDManager newManager() {
        return NDManager.newBaseManager();
    }

    @Override
    boolean isFixed() {
        return true;
    }

    @Override
    UnitVectors candidates(SelectionContext context) {
        check(context.pool());
        return new HeldVectors(
                context.candidates().indices().stream()
                        .mapToObj(position -> candidates[(int) position])
                        .toArray(float[][]::new));
    }

    @Override
    UnitVectors targets(SelectionContext context) {
        return new HeldVectors(targets);
    }

    @Override
    Map<String, SampleSet> targetSets() {
        return Map.of();
    }

    @Override
    Map<String, String> settings() {
        return new TreeMap<>(
                Map.of(
                        "candidateEmbeddings", digest(candidates),
                        "targetEmbeddings", digest(targets))); // in order: a resume compares
    }

    private static String digest(float[][] rows) {
        Sha256 digest = new Sha256();
        for (float[] row : rows) {
            ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * row.length);
            bytes.asFloatBuffer().put(row);
            digest.update(bytes);
        }
        return digest.hex();
    }

    @Override
    void check(CandidatePool pool) {
        requireKnown(pool);
        if (candidates.length != pool.size()) {
            throw new IllegalArgumentException(
                    "candidates has %d texts for a pool of %d samples; give the text of every sample, in the pool's order"
                            .formatted(candidates.length, pool.size()));
        }
    }
}
