package org.dataflex.weighters;

import java.util.Map;

/** Exponential moving averages of numbers that every batch shows, from the first batch's on. */
final class MovingAverages {

    private final double decay;
    private double[] averages = {};

    MovingAverages(double decay) {
        this.decay = decay;
    }

    /**
     * Takes a batch's numbers, always as many, and returns the averages: decay a + (1 - decay) x.
     */
    double[] add(double... numbers) {
        if (averages.length == 0) {
            averages = numbers.clone();
        } else {
            for (int k = 0; k < averages.length; k++) {
                averages[k] = decay * averages[k] + (1 - decay) * numbers[k];
            }
        }
        return averages.clone();
    }

    Map<String, double[]> saveState(String name) {
        return averages.length == 0 ? Map.of() : Map.of(name, averages.clone());
    }

    void restoreState(String name, Map<String, double[]> state) {
        averages = state.getOrDefault(name, new double[0]).clone();
    }
}
