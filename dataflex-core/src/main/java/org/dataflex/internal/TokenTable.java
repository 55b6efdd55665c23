package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.dataflex.loss.CausalLmLoss.TokenLosses;
import org.dataflex.strategy.TokenWeights;

/**
 * A batch's token losses, read from the device.
 *
 * @param rows the samples
 * @param values what {@link TokenLosses} holds, one after the other, each of rows x columns
 */
record TokenTable(int rows, float[] values) {

    /** Reads losses at once. */
    static TokenTable read(TokenLosses losses) {
        try (NDArray both = NDArrays.concat(parts(losses))) {
            return new TokenTable((int) losses.values().getShape().get(0), both.toFloatArray());
        }
    }

    /** What a caller joins with other arrays to read all at once. */
    static NDList parts(TokenLosses losses) {
        return new NDList(losses.values().reshape(-1), losses.isTarget().reshape(-1));
    }

    private int columns() {
        return values.length / 2 / rows;
    }

    private boolean isTarget(int row, int column) {
        return values[values.length / 2 + row * columns() + column] != 0;
    }

    /** The losses of each sample's target tokens. */
    float[][] losses() {
        float[][] losses = new float[rows][columns()];
        for (int i = 0; i < rows; i++) {
            int n = 0;
            for (int c = 0; c < columns(); c++) {
                if (isTarget(i, c)) {
                    losses[i][n++] = values[i * columns() + c];
                }
            }
            losses[i] = Arrays.copyOf(losses[i], n);
        }
        return losses;
    }

    /** Puts weights where their tokens are; [B, C], 0 where there is no target. */
    NDArray spread(TokenWeights weights, NDManager manager) {
        float[] spread = new float[values.length / 2];
        for (int i = 0; i < rows; i++) {
            float[] own = weights.get(i);
            int n = 0;
            for (int c = 0; c < columns(); c++) {
                if (isTarget(i, c)) {
                    spread[i * columns() + c] = own[n++];
                }
            }
        }
        return manager.create(spread, new Shape(rows, columns()));
    }
}
