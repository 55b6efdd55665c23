package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;

/** Counts, while a pass runs, how many real tokens each layer sends to each expert. */
final class ExpertLoads {

    private final NDArray tokenMask;
    private final List<double[]> layers = new ArrayList<>();

    /**
     * Starts to count.
     *
     * @param tokenMask 1 at a real token and 0 at padding, [B, T]
     */
    ExpertLoads(NDArray tokenMask) {
        this.tokenMask = tokenMask;
    }

    /**
     * Counts the tokens of the next layer.
     *
     * @param chosen 1 where an expert is a token's, else 0, [B, T, E]
     */
    void add(NDArray chosen) {
        NDArray real = tokenMask.expandDims(2).toType(chosen.getDataType(), false);
        float[] counts = chosen.mul(real).sum(new int[] {0, 1}).toFloatArray();
        double[] loads = new double[counts.length];
        for (int e = 0; e < loads.length; e++) {
            loads[e] = counts[e];
        }
        layers.add(loads);
    }

    double[][] counts() {
        return layers.toArray(double[][]::new);
    }
}
