package org.dataflex.weighters;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.dataflex.math.Simplex;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Weighter;
import org.dataflex.strategy.WeightingContext;

/**
 * Weighs the samples of a batch by where their losses lie between the batch's lowest and highest.
 *
 * <p>Paper: <a href="https://arxiv.org/abs/2502.06733">Dynamic Loss-Based Sample Reweighting for
 * Improved Large Language Model Pretraining</a>, ICLR 2025.
 *
 * <p>Formula, for a batch of B losses l_i with extremes l_min and l_max, D = l_max - l_min:
 *
 * <pre>
 * h_i = delta (2 l_i - l_max - l_min) / D            in [-delta, delta]; 0 if all are equal
 * f_i = f(h_i)                                       see {@link Emphasis}
 * w_i = exp(f_i / r) / sum_j exp(f_j / r)
 * </pre>
 *
 * <p>The run is given B w_i, of mean 1, so that its sum(weight_i l_i) / B is the paper's sum(w_i
 * l_i). Losses count as equal if D &lt; 1e-6 max(1, |l_max|, |l_min|): what is left is rounding.
 *
 * <p>Needs: nothing but the batch's losses; no state. Cost: O(B) a batch; no forward pass.
 *
 * <p>Deviations from the paper: r is constant, as in the paper's code (its text lowers r over
 * time); weights are not multiplied by a sample's share of tokens, since a sample's loss is the
 * mean of its tokens here. With {@link Compatibility#DATAFLEX}, {@code uniform} means f(h) = h as
 * in DataFlex, which is far from uniform, and D is at least 1e-6 instead of the test for equality.
 */
public final class LossBasedWeighter implements Weighter {

    /** DataFlex 3c13e37, loss_weighter.py; the paper's main strategy. */
    public static final Emphasis STRATEGY = Emphasis.LINUPPER;

    /** DataFlex 3c13e37, loss_weighter.py, and the paper's code. */
    public static final double DELTA = 1;

    /** DataFlex 3c13e37, loss_weighter.py; the paper's code has 0.4 or 1. */
    public static final double TEMPERATURE = 1;

    /** True to the formula. */
    public static final Compatibility COMPATIBILITY = Compatibility.NONE;

    static final String NAME = "loss";

    /** DataFlex's least D, and our relative one: losses are float32, of 7 digits. */
    private static final double LEAST_SPREAD = 1e-6;

    private final Emphasis strategy;
    private final double delta;
    private final double temperature;
    private final Compatibility compatibility;

    private LossBasedWeighter(Builder builder) {
        this.strategy = builder.strategy;
        this.delta = builder.delta;
        this.temperature = builder.temperature;
        this.compatibility = builder.compatibility;
    }

    /** Makes a weighter with every setting at its default. */
    public LossBasedWeighter() {
        this(builder());
    }

    /**
     * Starts a weighter.
     *
     * @return a new builder; every setting has a default
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("strategy", strategy.name().toLowerCase(Locale.ROOT));
        settings.put("delta", String.valueOf(delta));
        settings.put("temperature", String.valueOf(temperature));
        settings.put("compatibility", compatibility.name().toLowerCase(Locale.ROOT));
        return Collections.unmodifiableMap(settings);
    }

    @Override
    public SampleWeights weigh(WeightingContext context) {
        double[] w = weights(context.losses());
        float[] raw = new float[w.length];
        for (int i = 0; i < w.length; i++) {
            raw[i] = (float) w[i];
        }
        return SampleWeights.normalized(raw);
    }

    /** w_i = exp(f_i / r) / sum_j exp(f_j / r). */
    double[] weights(float[] losses) {
        double[] f = Arrays.stream(normalizedLosses(losses)).map(this::emphasize).toArray();
        double largest = Arrays.stream(f).max().orElseThrow();
        return Simplex.softmax(Arrays.stream(f).map(x -> (x - largest) / temperature).toArray());
    }

    /** h_i / delta = (2 l_i - l_max - l_min) / D, in [-1, 1]. */
    double[] normalizedLosses(float[] losses) {
        double[] l = IntStream.range(0, losses.length).mapToDouble(i -> losses[i]).toArray();
        double min = Arrays.stream(l).min().orElseThrow();
        double max = Arrays.stream(l).max().orElseThrow();
        double spread = max - min;
        if (compatibility == Compatibility.DATAFLEX) {
            spread = Math.max(spread, LEAST_SPREAD);
        } else if (spread < LEAST_SPREAD * Math.max(1, Math.max(Math.abs(min), Math.abs(max)))) {
            return new double[l.length];
        }
        double divisor = spread;
        return Arrays.stream(l).map(x -> (2 * x - max - min) / divisor).toArray();
    }

    /** f(delta u), for u = h / delta. */
    double emphasize(double u) {
        return switch (strategy) {
            case LINUPPER -> Math.min(delta * u + delta, delta);
            case UPPER -> 0.5 * (delta * u + delta);
            case QUADRATIC -> 1 - u * u;
            case EXTREMES -> Math.abs(delta * u);
            case UNIFORM -> compatibility == Compatibility.DATAFLEX ? delta * u : 0;
        };
    }

    /** Which losses weigh more: the function f of the normalised loss h. */
    public enum Emphasis {
        /** All but low losses, f = min(h + delta, delta): rises up to the middle, then flat. */
        LINUPPER,
        /** High losses, f = h/2 + delta/2. */
        UPPER,
        /** Losses in the middle, f = 1 - h^2 / delta^2. */
        QUADRATIC,
        /** Lowest and highest losses, f = |h|. */
        EXTREMES,
        /** None, f = 0. */
        UNIFORM
    }

    /** Whose quirks to keep. */
    public enum Compatibility {
        /** Nobody's. */
        NONE,
        /** DataFlex's, see {@link LossBasedWeighter}. */
        DATAFLEX
    }

    /** Collects the settings of a {@link LossBasedWeighter}. */
    public static final class Builder {

        private Emphasis strategy = STRATEGY;
        private double delta = DELTA;
        private double temperature = TEMPERATURE;
        private Compatibility compatibility = COMPATIBILITY;

        private Builder() {}

        /**
         * Sets which losses weigh more.
         *
         * @param strategy by default {@link #STRATEGY}
         * @return this
         */
        public Builder optStrategy(Emphasis strategy) {
            this.strategy = Objects.requireNonNull(strategy, "strategy");
            return this;
        }

        /**
         * Sets the range of the normalised loss, [-delta, delta]; {@link Emphasis#QUADRATIC} and
         * {@link Emphasis#UNIFORM} do not depend on it.
         *
         * @param delta finite, above 0, by default {@link #DELTA}
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder optDelta(double delta) {
            this.delta = requirePositive("delta", delta);
            return this;
        }

        /**
         * Sets r: a high one makes all weights alike, towards 0 only the most emphasised samples
         * count.
         *
         * @param temperature finite, above 0, by default {@link #TEMPERATURE}
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder optTemperature(double temperature) {
            this.temperature = requirePositive("temperature", temperature);
            return this;
        }

        /**
         * Sets whose quirks to keep.
         *
         * @param compatibility by default {@link #COMPATIBILITY}
         * @return this
         */
        public Builder optCompatibility(Compatibility compatibility) {
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

        private static double requirePositive(String name, double value) {
            if (!(value > 0 && value <= Double.MAX_VALUE)) {
                throw new IllegalArgumentException(
                        name + " = " + value + ", must be finite and above 0");
            }
            return value;
        }
    }
}
