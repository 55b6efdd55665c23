package org.dataflex.selectors;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.model.HiddenStates;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Pooling;
import org.dataflex.strategy.Need;
import org.dataflex.strategy.SelectionContext;

/** Embeds by a model: the one in training, anew at each call, or another, each sample once. */
final class ModelEmbeddings extends EmbeddingSource {

    /** Samples that the model is asked for at a time. */
    private static final int CHUNK = 256;

    private final Model model;
    private final SampleSet targets;
    private final Pooling pooling;

    /** Of a fixed model, by position. */
    private final Map<Long, float[]> knownCandidates = new HashMap<>();

    private final Map<Long, float[]> knownTargets = new HashMap<>();

    /** Whose candidates are known; null before the first. */
    private CandidatePool pool;

    /** Where the model was last seen to compute. */
    private Device device;

    ModelEmbeddings(Model model, SampleSet targets, Pooling pooling) {
        this.model = model;
        this.targets = Objects.requireNonNull(targets, "targets");
        this.pooling = Objects.requireNonNull(pooling, "pooling");
        if (targets.size() == 0) {
            throw new IllegalArgumentException(
                    "targets has no samples; give samples of the task to be good at");
        }
        if (model != null) {
            requireHiddenStates(model);
        }
    }

    /**
     * Refuses a model that embeds nothing.
     *
     * @throws IllegalArgumentException if its block has no hidden states
     */
    static void requireHiddenStates(Model model) {
        if (!(model.getBlock() instanceof HiddenStates)) {
            throw new IllegalArgumentException(
                    "the model '%s', which is to embed samples, exposes no hidden states; give one whose block implements %s"
                            .formatted(model.getName(), HiddenStates.class.getName()));
        }
    }

    @Override
    NDManager newManager() {
        return NDManager.newBaseManager(device);
    }

    @Override
    Set<Need> needs() {
        return isFixed() ? Set.of() : Set.of(Need.HIDDEN_STATES);
    }

    @Override
    boolean isFixed() {
        return model != null;
    }

    @Override
    UnitVectors candidates(SelectionContext context) {
        if (pool != context.pool()) {
            knownCandidates.clear();
            pool = context.pool();
        }
        return embed(context, "candidate", context.candidates(), knownCandidates);
    }

    @Override
    UnitVectors targets(SelectionContext context) {
        return embed(context, "target", Samples.all(targets), knownTargets);
    }

    private UnitVectors embed(
            SelectionContext context, String kind, Samples samples, Map<Long, float[]> known) {
        Map<Long, float[]> vectors = isFixed() ? known : new HashMap<>();
        ModelOps ops = isFixed() ? context.modelOps(model) : context.model();
        long[] missing = samples.indices().stream().filter(i -> !vectors.containsKey(i)).toArray();
        Samples unknown = new Samples(samples.source(), SampleIndices.of(missing));
        for (Samples chunk : unknown.chunks(CHUNK)) {
            try (NDArray rows = ops.embed(chunk, pooling)) {
                device = rows.getDevice();
                keep(kind, rows, chunk.indices(), vectors);
            }
        }
        return new HeldVectors(
                samples.indices().stream().mapToObj(vectors::get).toArray(float[][]::new));
    }

    private static void keep(
            String kind, NDArray rows, SampleIndices positions, Map<Long, float[]> vectors) {
        float[] values = rows.toFloatArray();
        int dimension = values.length / positions.size();
        for (int i = 0; i < positions.size(); i++) {
            long position = positions.get(i);
            float[] row = new float[dimension];
            System.arraycopy(values, i * dimension, row, 0, dimension);
            UnitVectors.normalise(
                    row, 0, dimension, () -> "the model's embedding of " + kind + " " + position);
            vectors.put(position, row);
        }
    }

    @Override
    Map<String, SampleSet> targetSets() {
        return Map.of("targets", targets);
    }

    @Override
    Map<String, String> settings() {
        return new TreeMap<>(
                Map.of(
                        "embeddings", isFixed() ? "another model" : "training model",
                        "pooling", pooling.name().toLowerCase(Locale.ROOT),
                        "targets", targets.fingerprint())); // in order: a resume compares
    }

    @Override
    void check(CandidatePool pool) {}
}
