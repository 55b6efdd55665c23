package org.dataflex.selectors;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.dataflex.checkpoint.SafetensorsReader;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.strategy.SelectionContext;

/** Embeddings in two mapped files, a row a sample. */
final class FileEmbeddings extends EmbeddingSource {

    private final Path candidates;
    private final Path targets;

    /** Opened at the first look. */
    private Rows candidateRows;

    private Rows targetRows;

    FileEmbeddings(Path candidates, Path targets) {
        this.candidates = Objects.requireNonNull(candidates, "candidates");
        this.targets = Objects.requireNonNull(targets, "targets");
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
        return candidateRows.at(context.candidates().indices());
    }

    @Override
    UnitVectors targets(SelectionContext context) {
        check(context.pool());
        return targetRows;
    }

    @Override
    Map<String, SampleSet> targetSets() {
        return Map.of();
    }

    @Override
    Map<String, String> settings() {
        return new TreeMap<>(
                Map.of(
                        "candidateEmbeddings", candidates.toString(),
                        "targetEmbeddings", targets.toString())); // in order: a resume compares
    }

    @Override
    void check(CandidatePool pool) {
        if (candidateRows == null) {
            candidateRows = open("candidateEmbeddings", candidates);
            targetRows = open("targetEmbeddings", targets);
        }
        if (candidateRows.size() != pool.size()) {
            throw new IllegalArgumentException(
                    "candidateEmbeddings = %s has %d rows for a pool of %d samples; embed every sample, in the pool's order"
                            .formatted(candidates, candidateRows.size(), pool.size()));
        }
        if (targetRows.size() == 0) {
            throw new IllegalArgumentException(
                    "targetEmbeddings = %s has no rows; embed samples of the task to be good at"
                            .formatted(targets));
        }
        if (candidateRows.dimension() != targetRows.dimension()) {
            throw new IllegalArgumentException(
                    "targetEmbeddings = %s has rows of %d values, candidateEmbeddings = %s of %d; embed both by the same model"
                            .formatted(
                                    targets,
                                    targetRows.dimension(),
                                    candidates,
                                    candidateRows.dimension()));
        }
    }

    private static Rows open(String setting, Path file) {
        Map<String, Tensor> tensors;
        try {
            tensors = SafetensorsReader.open(file).tensors();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    setting + " = " + file + " cannot be read: " + e.getMessage(), e);
        }
        if (tensors.size() != 1) {
            throw new IllegalArgumentException(
                    "%s = %s has %d tensors, must have one"
                            .formatted(setting, file, tensors.size()));
        }
        Tensor tensor = tensors.values().iterator().next();
        if (tensor.type() != SafetensorsType.F32
                || tensor.shape().dimension() != 2
                || tensor.shape().get(0) > Integer.MAX_VALUE
                || tensor.shape().get(1) < 1) {
            throw new IllegalArgumentException(
                    "%s = %s holds %s %s, must be F32 of shape (samples, features)"
                            .formatted(setting, file, tensor.type(), tensor.shape()));
        }
        return new Rows(file, tensor, SampleIndices.range(0, tensor.shape().get(0)));
    }

    /** Some rows of a file, each read and scaled when it is asked for. */
    private record Rows(Path file, Tensor tensor, SampleIndices which) implements UnitVectors {

        /** The most bytes that a tensor shows at a time. */
        private static final int PIECE_BYTES = 1 << 22;

        Rows at(SampleIndices rows) {
            return new Rows(file, tensor, rows);
        }

        @Override
        public int size() {
            return which.size();
        }

        @Override
        public int dimension() {
            return (int) tensor.shape().get(1);
        }

        @Override
        public void copy(int row, float[] into, int offset) {
            long position = which.get(row);
            long rowBytes = (long) dimension() * Float.BYTES;
            for (long done = 0; done < rowBytes; done += PIECE_BYTES) {
                int length = (int) Math.min(PIECE_BYTES, rowBytes - done);
                tensor.content()
                        .bytes(position * rowBytes + done, length)
                        .asFloatBuffer()
                        .get(into, offset + (int) (done / Float.BYTES), length / Float.BYTES);
            }
            UnitVectors.normalise(
                    into, offset, dimension(), () -> "row " + position + " of " + file);
        }
    }
}
