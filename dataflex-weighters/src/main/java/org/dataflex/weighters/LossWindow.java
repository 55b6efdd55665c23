package org.dataflex.weighters;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;

/** The losses of the latest batches. */
final class LossWindow {

    private final int batches;
    private final Deque<double[]> losses = new ArrayDeque<>();

    LossWindow(int batches) {
        this.batches = batches;
    }

    /** Takes a batch and returns the losses of the window, the batch's last. */
    double[] add(double[] batch) {
        losses.addLast(batch.clone());
        if (losses.size() > batches) {
            losses.removeFirst();
        }
        return all();
    }

    private double[] all() {
        return losses.stream().flatMapToDouble(Arrays::stream).toArray();
    }

    Map<String, double[]> saveState() {
        double[] sizes = losses.stream().mapToDouble(batch -> batch.length).toArray();
        return losses.isEmpty() ? Map.of() : Map.of("window", all(), "windowSizes", sizes);
    }

    void restoreState(Map<String, double[]> state) {
        losses.clear();
        int from = 0;
        for (double size : state.getOrDefault("windowSizes", new double[0])) {
            int to = from + (int) size;
            losses.addLast(Arrays.copyOfRange(state.get("window"), from, to));
            from = to;
        }
    }
}
