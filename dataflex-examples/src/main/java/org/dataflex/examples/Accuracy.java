package org.dataflex.examples;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;

/** How often a classifier is right. */
final class Accuracy {

    private Accuracy() {}

    /** The share of a set's samples whose highest score is their label's. */
    static double of(Model model, SampleSet samples) throws IOException, TranslateException {
        try (NDManager scope = model.getNDManager().newSubManager();
                Batch batch = samples.batch(scope, SampleIndices.range(0, samples.size()))) {
            ParameterStore parameters = new ParameterStore(scope, false);
            NDList scores = model.getBlock().forward(parameters, batch.getData(), false);
            NDArray right = scores.head().argMax(1).eq(batch.getLabels().head());
            return right.sum().toLongArray()[0] / (double) samples.size();
        }
    }

    /** Mean and half width of the 95 % interval over seeds, in percent. */
    static String percent(double... shares) {
        double mean = Arrays.stream(shares).average().orElseThrow();
        double variance =
                Arrays.stream(shares).map(s -> (s - mean) * (s - mean)).sum()
                        / Math.max(1, shares.length - 1);
        double halfWidth =
                StudentT.quantile975(shares.length - 1) * Math.sqrt(variance / shares.length);
        return shares.length == 1
                ? String.format(Locale.ROOT, "%.1f %%", 100 * mean)
                : String.format(Locale.ROOT, "%.1f %% +- %.1f", 100 * mean, 100 * halfWidth);
    }
}
