package org.dataflex.examples.weighnoisydata;

import java.util.NavigableMap;
import java.util.TreeMap;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.TokenWeights;

/** The mean weights, step by step, of a run's clean and corrupted samples, or of their tokens. */
final class WeightsByKind {

    private final long clean;
    private final NavigableMap<Long, Sums> steps = new TreeMap<>();

    /**
     * Starts without weights.
     *
     * @param clean how many samples are clean: those before this position in the pool
     */
    WeightsByKind(long clean) {
        this.clean = clean;
    }

    private static final class Sums {

        private final double[] weights = new double[2];
        private final int[] counts = new int[2];

        void add(int kind, double weight) {
            weights[kind] += weight;
            counts[kind]++;
        }
    }

    /** Takes the weights of a decision; those that have none are passed over. */
    void add(DecisionApplied event) {
        Sums sums = steps.computeIfAbsent(event.step(), step -> new Sums());
        for (int i = 0; i < event.samples().size(); i++) {
            int kind = event.samples().get(i) < clean ? 0 : 1;
            if (event.decision() instanceof SampleWeights weights) {
                sums.add(kind, weights.get(i));
            } else if (event.decision() instanceof TokenWeights weights) {
                for (float weight : weights.get(i)) {
                    sums.add(kind, weight);
                }
            }
        }
    }

    /** The mean over the run's clean samples; NaN if none was weighed. */
    double clean() {
        return mean(0, steps);
    }

    /** The mean over the run's corrupted samples; NaN if none was weighed. */
    double corrupted() {
        return mean(1, steps);
    }

    /**
     * How much corrupted samples weighed, compared with clean ones, around each step.
     *
     * @param smoothing steps whose weights are averaged
     * @return by step the ratio of means; NaN where one kind was not weighed
     */
    NavigableMap<Long, Double> ratios(int smoothing) {
        NavigableMap<Long, Double> ratios = new TreeMap<>();
        for (long step : steps.keySet()) {
            NavigableMap<Long, Sums> near = steps.subMap(step - smoothing, false, step, true);
            ratios.put(step, mean(1, near) / mean(0, near));
        }
        return ratios;
    }

    private static double mean(int kind, NavigableMap<Long, Sums> some) {
        double weights = some.values().stream().mapToDouble(s -> s.weights[kind]).sum();
        return weights / some.values().stream().mapToInt(s -> s.counts[kind]).sum();
    }
}
