package org.dataflex.selectors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.model.Alignment;
import org.dataflex.model.Direction;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Normalisation;

/**
 * Mean cosines of whole gradients: mean_j cos(G_i, u_j) = (G_i / |G_i|) . (mean_j u_j / |u_j|), so
 * one direction a target set is all that is kept.
 */
final class ExactCosines implements TargetCosines {

    private final GradientComparison comparison;
    private final Path directory;

    /**
     * Compares.
     *
     * @param comparison what with what
     * @param directory where a killed pass leaves what it has computed, or null
     */
    ExactCosines(GradientComparison comparison, Path directory) {
        this.comparison = comparison;
        this.directory = directory;
    }

    @Override
    public float[][] of(ModelOps model, String at, Samples candidates) {
        List<Direction> directions = new ArrayList<>();
        for (SampleSet targets : comparison.targets().values()) {
            directions.add(
                    model.meanGradient(
                            Samples.all(targets), comparison.names(), Normalisation.UNIT));
        }
        List<Samples> chunks = candidates.chunks(comparison.chunkSize());
        Pass pass = new Pass(model, directions);
        if (directory == null) {
            chunks.forEach(chunk -> pass.read(pass.compute(chunk)));
        } else {
            try (RowFile file = RowFile.open(directory, key(at, candidates))) {
                file.forEach(chunks, pass);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return pass.rows.toArray(float[][]::new);
    }

    private String key(String at, Samples candidates) {
        StringBuilder targets = new StringBuilder("exact");
        for (Map.Entry<String, SampleSet> set : comparison.targets().entrySet()) {
            targets.append('\n').append(set.getKey()).append('\n');
            targets.append(set.getValue().fingerprint());
        }
        return comparison.key(at, candidates, targets.toString());
    }

    /** Float32 cosines, a row of S a candidate. */
    private final class Pass implements RowFile.ChunkRows {

        private final ModelOps model;
        private final List<Direction> directions;
        private final List<float[]> rows = new ArrayList<>();

        Pass(ModelOps model, List<Direction> directions) {
            this.model = model;
            this.directions = directions;
        }

        @Override
        public ByteBuffer compute(Samples chunk) {
            Alignment alignment = model.alignment(chunk, directions, comparison.preconditioner());
            ByteBuffer bytes =
                    ByteBuffer.allocate(Float.BYTES * chunk.size() * directions.size())
                            .order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < chunk.size(); i++) {
                for (int s = 0; s < directions.size(); s++) {
                    bytes.putFloat(alignment.unitProduct(i, s));
                }
            }
            return bytes.flip();
        }

        @Override
        public void read(ByteBuffer bytes) {
            while (bytes.hasRemaining()) {
                float[] row = new float[directions.size()];
                for (int s = 0; s < row.length; s++) {
                    row[s] = bytes.getFloat();
                }
                rows.add(row);
            }
        }

        @Override
        public boolean tellsModels(ByteBuffer bytes) {
            while (bytes.hasRemaining()) {
                float cosine = bytes.getFloat();
                if (Float.isFinite(cosine) && cosine != 0) {
                    return true;
                }
            }
            return false;
        }
    }
}
