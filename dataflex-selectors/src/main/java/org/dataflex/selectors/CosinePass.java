package org.dataflex.selectors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dataflex.data.Samples;
import org.dataflex.model.Alignment;
import org.dataflex.model.Direction;
import org.dataflex.model.ModelOps;

/**
 * A pass over candidates, chunk by chunk, that compares their gradients with S directions: float32
 * cosines, a row of S a candidate.
 */
final class CosinePass implements RowFile.ChunkRows {

    private final GradientComparison comparison;
    private final ModelOps model;
    private final List<Direction> directions;
    private final List<float[]> rows = new ArrayList<>();

    /**
     * Prepares a pass, which is made once.
     *
     * @param comparison how gradients are compared
     * @param model whose gradients
     * @param directions with what, all over the parameters of the comparison
     */
    CosinePass(GradientComparison comparison, ModelOps model, List<Direction> directions) {
        this.comparison = comparison;
        this.model = model;
        this.directions = directions;
    }

    /**
     * Computes all cosines.
     *
     * @param candidates n of them, at least one
     * @return [n][S]
     */
    float[][] over(Samples candidates) {
        chunks(candidates).forEach(chunk -> read(compute(chunk)));
        return rows.toArray(float[][]::new);
    }

    /**
     * Computes the cosines that a killed pass has not left in its file.
     *
     * @param candidates n of them, at least one
     * @param directory where files are
     * @param method the name that the file begins with
     * @param key of the pass, see {@link GradientComparison#key}
     * @return [n][S]
     */
    float[][] over(Samples candidates, Path directory, String method, String key) {
        try (RowFile file = RowFile.open(directory, method, key)) {
            file.forEach(chunks(candidates), this);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows.toArray(float[][]::new);
    }

    private List<Samples> chunks(Samples candidates) {
        return candidates.chunks(comparison.chunkSize());
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
