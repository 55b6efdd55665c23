package org.dataflex.weighters;

import java.util.Objects;
import org.dataflex.weighters.LossBasedWeighter.Compatibility;
import org.dataflex.weighters.LossBasedWeighter.Emphasis;
import org.dataflex.weighters.LossBasedWeighter.Scope;

/** Collects the settings of a {@link LossBasedWeighter}. */
public final class LossBasedWeighterBuilder {

    Emphasis strategy = LossBasedWeighter.STRATEGY;
    double delta = LossBasedWeighter.DELTA;
    TemperatureSchedule temperature =
            new TemperatureSchedule(
                    LossBasedWeighter.TEMPERATURE,
                    LossBasedWeighter.TEMPERATURE,
                    TemperatureSchedule.Form.CONSTANT);
    Scope scope = LossBasedWeighter.SCOPE;
    int window = LossBasedWeighter.WINDOW;
    double decay = LossBasedWeighter.DECAY;
    double quantile = LossBasedWeighter.QUANTILE;
    Compatibility compatibility = LossBasedWeighter.COMPATIBILITY;

    LossBasedWeighterBuilder() {}

    /**
     * Sets which losses weigh more.
     *
     * @param strategy by default {@link LossBasedWeighter#STRATEGY}
     * @return this
     */
    public LossBasedWeighterBuilder optStrategy(Emphasis strategy) {
        this.strategy = Objects.requireNonNull(strategy, "strategy");
        return this;
    }

    /**
     * Sets the range of the normalised loss, [-delta, delta]; {@link Emphasis#QUADRATIC} and {@link
     * Emphasis#UNIFORM} do not depend on it.
     *
     * @param delta finite, above 0, by default {@link LossBasedWeighter#DELTA}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public LossBasedWeighterBuilder optDelta(double delta) {
        this.delta = Positive.require("delta", delta);
        return this;
    }

    /**
     * Sets a constant r: a high one makes all weights alike, towards 0 only the most emphasised
     * samples count.
     *
     * @param temperature finite, above 0, by default {@link LossBasedWeighter#TEMPERATURE}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public LossBasedWeighterBuilder optTemperature(double temperature) {
        return optTemperature(
                new TemperatureSchedule(
                        temperature, temperature, TemperatureSchedule.Form.CONSTANT));
    }

    /**
     * Sets an r that changes over the run.
     *
     * @param temperature by default {@link LossBasedWeighter#TEMPERATURE} throughout
     * @return this
     */
    public LossBasedWeighterBuilder optTemperature(TemperatureSchedule temperature) {
        this.temperature = Objects.requireNonNull(temperature, "temperature");
        return this;
    }

    /**
     * Sets which losses a sample's is compared with.
     *
     * @param scope by default {@link LossBasedWeighter#SCOPE}
     * @return this
     */
    public LossBasedWeighterBuilder optScope(Scope scope) {
        this.scope = Objects.requireNonNull(scope, "scope");
        return this;
    }

    /**
     * Sets how many micro-batches make a {@link Scope#WINDOW}.
     *
     * @param batches at least 1, by default {@link LossBasedWeighter#WINDOW}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public LossBasedWeighterBuilder optWindow(int batches) {
        if (batches < 1) {
            throw new IllegalArgumentException("window = " + batches + ", must be at least 1");
        }
        this.window = batches;
        return this;
    }

    /**
     * Sets what the averages of {@link Scope#MOVING} keep of their value at each batch.
     *
     * @param decay in [0, 1), by default {@link LossBasedWeighter#DECAY}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public LossBasedWeighterBuilder optDecay(double decay) {
        if (!(decay >= 0 && decay < 1)) {
            throw new IllegalArgumentException("decay = " + decay + ", must be in [0, 1)");
        }
        this.decay = decay;
        return this;
    }

    /**
     * Sets which quantiles of a batch's losses {@link Scope#MOVING} averages, q and 1 - q: above 0,
     * single outliers do not matter.
     *
     * @param quantile in [0, 0.5), by default {@link LossBasedWeighter#QUANTILE}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public LossBasedWeighterBuilder optQuantile(double quantile) {
        if (!(quantile >= 0 && quantile < 0.5)) {
            throw new IllegalArgumentException("quantile = " + quantile + ", must be in [0, 0.5)");
        }
        this.quantile = quantile;
        return this;
    }

    /**
     * Sets whose quirks to keep.
     *
     * @param compatibility by default {@link LossBasedWeighter#COMPATIBILITY}
     * @return this
     */
    public LossBasedWeighterBuilder optCompatibility(Compatibility compatibility) {
        this.compatibility = Objects.requireNonNull(compatibility, "compatibility");
        return this;
    }

    /**
     * Makes the weighter.
     *
     * @return a new weighter
     */
    public LossBasedWeighter build() {
        return new LossBasedWeighter(this);
    }
}
