package org.dataflex.selectors;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
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
import org.dataflex.math.Sha256;
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

    /** Where the files are; once they have been looked at, also what they hold. */
    @Override
    Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>(); // in order: a resume compares
        settings.put("candidateEmbeddings", candidates.toString());
        settings.put("targetEmbeddings", targets.toString());
        if (candidateRows != null) {
            settings.put("candidateRows", candidateRows.description());
            settings.put("targetRows", targetRows.description());
        }
        return settings;
    }

    @Override
    void check(CandidatePool pool) {
        requireKnown(pool);
        if (candidateRows == null) {
            open();
        }
        if (candidateRows.size() != pool.size()) {
            throw new IllegalArgumentException(
                    "candidateEmbeddings = %s has %d rows for a pool of %d samples; embed every sample, in the pool's order"
                            .formatted(candidates, candidateRows.size(), pool.size()));
        }
    }

    private void open() {
        Tensor ofCandidates = open("candidateEmbeddings", candidates);
        Tensor ofTargets = open("targetEmbeddings", targets);
        if (ofTargets.shape().get(0) == 0) {
            throw new IllegalArgumentException(
                    "targetEmbeddings = %s has no rows; embed samples of the task to be good at"
                            .formatted(targets));
        }
        if (ofCandidates.shape().get(1) != ofTargets.shape().get(1)) {
            throw new IllegalArgumentException(
                    "targetEmbeddings = %s has rows of %d values, candidateEmbeddings = %s of %d; embed both by the same model"
                            .formatted(
                                    targets,
                                    ofTargets.shape().get(1),
                                    candidates,
                                    ofCandidates.shape().get(1)));
        }
        targetRows = Rows.read(targets, ofTargets);
        candidateRows = Rows.read(candidates, ofCandidates);
    }

    private static Tensor open(String setting, Path file) {
        Map<String, Tensor> tensors;
        try {
            tensors = SafetensorsReader.open(file).tensors();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "%s = %s cannot be read (%s); give a safetensors file of embeddings"
                            .formatted(setting, file, reason(file, e)),
                    e);
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
        return tensor;
    }

    /** What a file system's message, which may be the path alone, leaves out. */
    private static String reason(Path file, IOException e) {
        if (Files.notExists(file)) {
            return "there is no such file";
        }
        return Files.isDirectory(file) ? "it is a directory" : e.getMessage();
    }

    /** Some rows of a file, each read and scaled when it is asked for. */
    private record Rows(Path file, Tensor tensor, SampleIndices which, String digest)
            implements UnitVectors {

        /** The most bytes that a tensor shows at a time. */
        private static final int PIECE_BYTES = 1 << 22;

        private static final int DIGITS = 16;

        /** Looks at every row once, and refuses those without a direction. */
        static Rows read(Path file, Tensor tensor) {
            SampleIndices all = SampleIndices.range(0, tensor.shape().get(0));
            Rows rows = new Rows(file, tensor, all, "");
            float[] row = new float[rows.dimension()];
            ByteBuffer bytes = ByteBuffer.allocate(row.length * Float.BYTES);
            Sha256 sha = new Sha256();
            for (int i = 0; i < all.size(); i++) {
                rows.copy(i, row, 0);
                bytes.clear().asFloatBuffer().put(row);
                sha.update(bytes);
            }
            return new Rows(file, tensor, all, sha.hex().substring(0, DIGITS));
        }

        Rows at(SampleIndices rows) {
            return new Rows(file, tensor, rows, digest);
        }

        /** Tells the content from another's. */
        String description() {
            return tensor.shape().get(0) + "-" + digest;
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
