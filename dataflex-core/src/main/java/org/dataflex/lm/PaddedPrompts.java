package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * The prompts of a batch, padded on the left, so that the next token of all rows has one column.
 *
 * <p>A row's positions count from its first real token: it computes what it would alone.
 *
 * @param rows the prompts' token ids, B of them, none empty
 */
record PaddedPrompts(List<int[]> rows) {

    /** The longest prompt's tokens, P. */
    int length() {
        return rows.stream().mapToInt(row -> row.length).max().orElseThrow();
    }

    boolean arePadded() {
        return rows.stream().anyMatch(row -> row.length < length());
    }

    /** Token ids, int64 [B, P], 0 at padding. */
    NDArray ids(NDManager manager) {
        int length = length();
        long[] ids = new long[rows.size() * length];
        for (int b = 0; b < rows.size(); b++) {
            int[] row = rows.get(b);
            for (int i = 0; i < row.length; i++) {
                ids[(b + 1) * length - row.length + i] = row[i];
            }
        }
        return manager.create(ids, new Shape(rows.size(), length));
    }

    /** Tells the prompts and what follows from padding: float32 [B, width], 0 at padding. */
    NDArray mask(NDManager manager, long width) {
        int columns = Math.toIntExact(width);
        float[] mask = new float[Math.multiplyExact(rows.size(), columns)];
        for (int b = 0; b < rows.size(); b++) {
            for (int column = padding(b); column < columns; column++) {
                mask[b * columns + column] = 1;
            }
        }
        return manager.create(mask, new Shape(rows.size(), columns));
    }

    /** The positions of columns, float32 [B, 1, columns, 1]; 0 at padding. */
    NDArray positions(NDManager manager, long first, int columns) {
        float[] positions = new float[rows.size() * columns];
        for (int b = 0; b < rows.size(); b++) {
            for (int i = 0; i < columns; i++) {
                positions[b * columns + i] = Math.max(0, first + i - padding(b));
            }
        }
        return manager.create(positions, new Shape(rows.size(), 1, columns, 1));
    }

    private int padding(int row) {
        return length() - rows.get(row).length;
    }
}
