package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dataflex.data.SampleIndices;

/** What the micro-batches of a step showed, on the device until it is read at once. */
final class StepLosses {

    private final NDManager scope;
    private final NDList losses = new NDList();
    private final NDList termCounts = new NDList();
    private final List<double[]> weighed = new ArrayList<>();

    /** Keeps arrays until a scope closes. */
    StepLosses(NDManager scope) {
        this.scope = scope;
    }

    int size() {
        return losses.size();
    }

    /**
     * Adds a micro-batch.
     *
     * @param loss [b], or [] if the loss is not per sample
     * @param counts the terms each sample stands for, [b], or null for 1 each
     * @param weights what the samples and their tokens weigh, or null for 1 each
     */
    void add(NDArray loss, NDArray counts, BatchWeights weights) {
        loss.attach(scope);
        losses.add(loss);
        if (counts != null) {
            counts.attach(scope);
            termCounts.add(counts);
        }
        if (weights != null) {
            weighed.add(weights.weighedLosses());
        }
    }

    /** Returns the terms of all micro-batches together, at least 1; null if samples are terms. */
    NDArray numTerms() {
        if (termCounts.isEmpty()) {
            return null;
        }
        NDArray total = join(termCounts).sum().maximum(1);
        total.attach(scope);
        return total;
    }

    /**
     * Takes the step's one look at the device.
     *
     * @param rows the samples of all micro-batches, in order
     * @param isPerSample whether there is a loss a sample
     */
    StepResult read(SampleIndices rows, boolean isPerSample) {
        if (!isPerSample) {
            float[] values = NDArrays.stack(losses).toFloatArray();
            double sum = 0;
            for (float value : values) {
                sum += value;
            }
            return new StepResult(sum / values.length, rows, null);
        }
        NDList all = new NDList(losses);
        all.addAll(termCounts);
        float[] read = join(all).toFloatArray();
        int n = termCounts.isEmpty() ? read.length : read.length / 2;
        float[] values = Arrays.copyOf(read, n);
        double[] weighedLosses = weighed.stream().flatMapToDouble(Arrays::stream).toArray();
        double sum = 0;
        double terms = 0;
        for (int i = 0; i < n; i++) {
            float count = n < read.length ? read[n + i] : 1;
            sum += count * (weighedLosses.length == 0 ? values[i] : weighedLosses[i]);
            terms += count;
        }
        return new StepResult(sum / Math.max(1, terms), rows, values);
    }

    private static NDArray join(NDList arrays) {
        return arrays.size() == 1 ? arrays.get(0) : NDArrays.concat(arrays);
    }
}
