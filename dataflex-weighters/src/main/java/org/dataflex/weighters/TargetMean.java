package org.dataflex.weighters;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.model.Pooling;
import org.dataflex.strategy.StrategyContext;
import org.dataflex.strategy.WeightingContext;

/**
 * The mean of a target set's unit embeddings, and a batch's.
 *
 * <p>phi(x) = sum_t omega_t h_t / |sum_t omega_t h_t| with omega_t proportional to t, the rank of a
 * token among the real ones, and h the last hidden states.
 */
final class TargetMean {

    private static final Pooling POOLING = Pooling.POSITION_WEIGHTED_MEAN;

    /** Targets embedded at a time. */
    private static final int CHUNK_SIZE = 256;

    private final SampleSet targets;
    private double[] mean = {};

    TargetMean(SampleSet targets) {
        this.targets = targets;
    }

    /** Embeds the targets with the model as it is, in inference mode. */
    void refresh(StrategyContext context) {
        double[] sum = {};
        for (Samples chunk : Samples.all(targets).chunks(CHUNK_SIZE)) {
            for (double[] phi : unitRows(context.model().embed(chunk, POOLING))) {
                sum = sum.length == 0 ? new double[phi.length] : sum;
                for (int d = 0; d < sum.length; d++) {
                    sum[d] += phi[d];
                }
            }
        }
        for (int d = 0; d < sum.length; d++) {
            sum[d] /= targets.size();
        }
        mean = sum;
    }

    /** phi of each sample of the batch, from the pass that trains. */
    double[][] embed(WeightingContext context) {
        return unitRows(context.embeddings(POOLING));
    }

    /** Closes the array; a row of zeros stays one. */
    private static double[][] unitRows(NDArray embeddings) {
        try (embeddings) {
            int rows = (int) embeddings.getShape().get(0);
            float[] values = embeddings.toFloatArray();
            int width = values.length / rows;
            double[][] units = new double[rows][width];
            for (int i = 0; i < rows; i++) {
                for (int d = 0; d < width; d++) {
                    units[i][d] = values[i * width + d];
                }
                double norm = Math.sqrt(dot(units[i], units[i]));
                for (int d = 0; d < width && norm > 0; d++) {
                    units[i][d] /= norm;
                }
            }
            return units;
        }
    }

    /** s_i = mean_j &lt;phi_i, a_j&gt; = &lt;phi_i, mean_j a_j&gt;. */
    double[] scores(double[][] phi) {
        return IntStream.range(0, phi.length).mapToDouble(i -> dot(phi[i], mean)).toArray();
    }

    /** The cosine of phi_i and mean_j a_j; 0 if the mean is. */
    double[] cosines(double[][] phi) {
        double norm = Math.sqrt(dot(mean, mean));
        return Arrays.stream(scores(phi)).map(s -> norm == 0 ? 0 : s / norm).toArray();
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int d = 0; d < a.length; d++) {
            sum += a[d] * b[d];
        }
        return sum;
    }

    Map<String, double[]> saveState() {
        return mean.length == 0 ? Map.of() : Map.of("mean", mean.clone());
    }

    void restoreState(Map<String, double[]> state) {
        mean = state.getOrDefault("mean", new double[0]).clone();
    }
}
