package org.dataflex.selectors;

import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.Projection;

/**
 * Mean cosines of projected gradients, phi(G) = G R / |G R|; the candidates' are kept in a file as
 * float16 rows [n, k], and used again whatever the targets.
 */
final class StoredCosines implements TargetCosines {

    private final GradientComparison comparison;
    private final Path directory;
    private final Projection projection;

    StoredCosines(GradientComparison comparison, Path directory, Projection projection) {
        this.comparison = comparison;
        this.directory = directory;
        this.projection = projection;
    }

    @Override
    public float[][] of(ModelOps model, String at, Samples candidates) {
        String key = comparison.key(at, candidates, projection.toString());
        try (NDArray targets = targets(model);
                RowFile file = RowFile.open(directory, LessSelector.NAME, key)) {
            Pass pass = new Pass(model, targets);
            file.forEach(candidates.chunks(comparison.chunkSize()), pass);
            return pass.rows.toArray(float[][]::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The mean of each target set's features, [k, S]. */
    private NDArray targets(ModelOps model) {
        NDList means = new NDList();
        for (SampleSet set : comparison.targets().values()) {
            means.add(mean(model, Samples.all(set)));
        }
        NDArray targets = NDArrays.stack(means, 1);
        means.close();
        return targets;
    }

    private NDArray mean(ModelOps model, Samples targets) {
        NDArray sum = null;
        for (Samples chunk : targets.chunks(comparison.chunkSize())) {
            NDArray rows = unitRows(model, chunk, new Preconditioner.None());
            NDArray part = rows.sum(new int[] {0});
            rows.close();
            if (sum == null) {
                sum = part;
            } else {
                sum.addi(part);
                part.close();
            }
        }
        requireFinite(sum);
        return sum.divi(targets.size());
    }

    private static void requireFinite(NDArray sum) {
        for (float value : sum.toFloatArray()) {
            if (!Float.isFinite(value)) {
                throw new TrainingDivergedException(
                        "the gradient of a target sample is not finite; score without a store to"
                                + " learn which");
            }
        }
    }

    /**
     * Computes phi of each sample, float32 [n, k]: 0 where the gradient is 0, NaN where it is not
     * finite.
     */
    private NDArray unitRows(ModelOps model, Samples samples, Preconditioner preconditioner) {
        GradientQuery query = new GradientQuery(comparison.names(), projection, preconditioner);
        NDArray rows = model.gradients(samples, query);
        NDManager scope = rows.getManager();
        try (NDManager temporary = scope.newSubManager()) {
            rows.attach(temporary);
            NDArray norms = rows.square().sum(new int[] {1}, true).sqrt();
            NDArray divisors = norms.add(norms.eq(0).toType(DataType.FLOAT32, false));
            NDArray unit = rows.div(divisors);
            unit.attach(scope);
            return unit;
        }
    }

    /** Float16 rows of k features a candidate. */
    private final class Pass implements RowFile.ChunkRows {

        private static final int MAGNITUDE = 0x7FFF;
        private static final int INFINITY = 0x7C00;

        private final ModelOps model;
        private final NDArray targets;
        private final List<float[]> rows = new ArrayList<>();

        Pass(ModelOps model, NDArray targets) {
            this.model = model;
            this.targets = targets;
        }

        @Override
        public ByteBuffer compute(Samples chunk) {
            try (NDArray unit = unitRows(model, chunk, comparison.preconditioner());
                    NDArray halves = unit.toType(DataType.FLOAT16, true)) {
                return halves.toByteBuffer();
            }
        }

        /** Multiplies a block of rows with the targets. */
        @Override
        public void read(ByteBuffer bytes) {
            int width = Math.toIntExact(targets.getShape().get(0));
            int sets = comparison.targets().size();
            int count = bytes.remaining() / (Short.BYTES * width);
            try (NDManager temporary = targets.getManager().newSubManager()) {
                NDArray block =
                        temporary
                                .create(bytes, new Shape(count, width), DataType.FLOAT16)
                                .toType(DataType.FLOAT32, false);
                float[] products = block.matMul(targets).toFloatArray();
                for (int i = 0; i < count; i++) {
                    rows.add(Arrays.copyOfRange(products, i * sets, (i + 1) * sets));
                }
            }
        }

        @Override
        public boolean tellsModels(ByteBuffer bytes) {
            while (bytes.hasRemaining()) {
                int magnitude = bytes.getShort() & MAGNITUDE;
                if (magnitude != 0 && magnitude < INFINITY) {
                    return true;
                }
            }
            return false;
        }
    }
}
