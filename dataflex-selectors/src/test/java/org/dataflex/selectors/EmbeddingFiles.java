package org.dataflex.selectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.dataflex.checkpoint.SafetensorsWriter;
import org.dataflex.checkpoint.Tensor;

/** Writes embeddings for tests. */
final class EmbeddingFiles {

    private EmbeddingFiles() {}

    static Path write(Path file, float[][] rows) {
        int dimension = rows.length == 0 ? 1 : rows[0].length;
        float[] flat = new float[rows.length * dimension];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, flat, i * dimension, dimension);
        }
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array =
                    rows.length == 0
                            ? manager.create(new Shape(0, 1))
                            : manager.create(flat, new Shape(rows.length, dimension));
            return write(file, Map.of("embeddings", Tensor.of(array)));
        }
    }

    static Path write(Path file, Map<String, Tensor> tensors) {
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            SafetensorsWriter.write(channel, tensors);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static float[][] random(int count, int dimension, long seed) {
        float[][] rows = new float[count][];
        for (int i = 0; i < count; i++) {
            rows[i] = row(dimension, seed, i);
        }
        return rows;
    }

    static float[] row(int dimension, long seed, long index) {
        double[] wide = GaussianRows.of(dimension, seed, index);
        float[] row = new float[dimension];
        for (int f = 0; f < dimension; f++) {
            row[f] = (float) wide[f];
        }
        return row;
    }
}
