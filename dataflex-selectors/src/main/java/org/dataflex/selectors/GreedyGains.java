package org.dataflex.selectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** Chooses rows one by one, each with the highest gain given those before. */
final class GreedyGains {

    private final NDArray gradients;
    private final double eta;

    /** g_z . g, and g_z . (sum of g_s), of each row z. */
    private final float[] alignment;

    private final double[] interaction;
    private final double[] scores;
    private final boolean[] isChosen;

    /**
     * Begins without a choice.
     *
     * @param gradients g_z, [n, k]
     * @param target g, [k, 1]
     * @param eta what a step multiplies gradients by
     */
    GreedyGains(NDArray gradients, NDArray target, double eta) {
        this.gradients = gradients;
        this.eta = eta;
        this.alignment = products(target);
        this.interaction = new double[alignment.length];
        this.scores = new double[alignment.length];
        this.isChosen = new boolean[alignment.length];
    }

    private float[] products(NDArray column) {
        try (NDArray products = gradients.matMul(column)) {
            return products.toFloatArray();
        }
    }

    /** Chooses so many rows, in the order of choice; rows that are not finite last. */
    int[] choose(int count) {
        int[] chosen = new int[count];
        for (int i = 0; i < count; i++) {
            rescore();
            chosen[i] = best();
            isChosen[chosen[i]] = true;
            interact(chosen[i]); // one that is not finite is followed by others of its kind only
        }
        rescore();
        return chosen;
    }

    private void rescore() {
        for (int z = 0; z < scores.length; z++) {
            if (!isChosen[z]) {
                scores[z] = eta * alignment[z] - eta * eta * interaction[z];
            }
        }
    }

    private int best() {
        int best = -1;
        for (int z = 0; z < scores.length; z++) {
            if (!isChosen[z] && (best < 0 || rank(z) > rank(best))) {
                best = z;
            }
        }
        return best;
    }

    private double rank(int row) {
        return Double.isFinite(scores[row]) ? scores[row] : Double.NEGATIVE_INFINITY;
    }

    private void interact(int chosen) {
        try (NDManager temporary = gradients.getManager().newSubManager();
                NDArray row = gradients.get(chosen)) {
            NDArray column = row.reshape(new Shape(-1, 1));
            column.attach(temporary);
            float[] products = products(column);
            for (int z = 0; z < products.length; z++) {
                interaction[z] += products[z];
            }
        }
    }

    /** Returns each row's gain: when it was chosen, or else now; NaN where it is not finite. */
    double[] scores() {
        return Arrays.stream(scores).map(s -> Double.isFinite(s) ? s : Double.NaN).toArray();
    }
}
