package org.dataflex.selectors;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.dataflex.data.Samples;
import org.dataflex.math.Quantiles;
import org.dataflex.math.WeightedSampling;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;

/**
 * Chooses candidates at random, with more chance for those whose loss lies in one band: low, medium
 * or high.
 *
 * <p>A method of <a href="https://arxiv.org/abs/2603.26164">DataFlex</a>; no paper of its own.
 *
 * <p>Formula: q1 and q2 are quantiles of the candidates' losses l_i; the bands are l_i &lt;= q1, q1
 * &lt; l_i &lt;= q2 and q2 &lt; l_i; w_i is the focus weight within the band in focus and 1
 * elsewhere; p_i ~ w_i^(1/tau). The budget is drawn without replacement by an exponential race,
 * -ln(u_i) / p_i, smallest first. The score of a candidate is its loss.
 *
 * <p>Needs: the model in training; no state. Cost: one forward pass over the candidates an update,
 * and O(n log n) for n candidates.
 *
 * <p>Deviations from DataFlex: a candidate whose loss is NaN or infinite is never drawn (there it
 * keeps a small chance); a budget beyond the finite losses is an error (there it silently switches
 * to drawing with replacement); candidates are scored in batches, not one by one.
 */
public final class LossSelector implements Selector {

    /** DataFlex 3c13e37, loss_selector.py. */
    public static final Focus FOCUS = Focus.HIGH;

    /** DataFlex 3c13e37, loss_selector.py. */
    public static final double FOCUS_WEIGHT = 5;

    /** DataFlex 3c13e37, loss_selector.py. */
    public static final double LOWER_QUANTILE = 0.33;

    /** DataFlex 3c13e37, loss_selector.py. */
    public static final double UPPER_QUANTILE = 0.66;

    /** DataFlex 3c13e37, loss_selector.py. */
    public static final double TEMPERATURE = 1;

    static final String NAME = "loss";

    private final Focus focus;
    private final double focusWeight;
    private final double lowerQuantile;
    private final double upperQuantile;
    private final double temperature;

    private LossSelector(Builder builder) {
        this.focus = builder.focus;
        this.focusWeight = builder.focusWeight;
        this.lowerQuantile = builder.lowerQuantile;
        this.upperQuantile = builder.upperQuantile;
        this.temperature = builder.temperature;
    }

    /** Makes a selector with every setting at its default. */
    public LossSelector() {
        this(builder());
    }

    /**
     * Starts a selector.
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
        settings.put("focus", focus.name().toLowerCase(Locale.ROOT));
        settings.put("focusWeight", String.valueOf(focusWeight));
        settings.put("quantiles", lowerQuantile + "," + upperQuantile);
        settings.put("temperature", String.valueOf(temperature));
        return Collections.unmodifiableMap(settings);
    }

    /**
     * Chooses {@code context.budget()} candidates.
     *
     * @throws IllegalStateException if fewer candidates than that have a finite loss
     */
    @Override
    public Selection select(SelectionContext context) {
        Samples candidates = context.candidates();
        float[] answer = context.model().losses(candidates);
        FiniteScores.require(answer, context.budget());
        double[] losses = IntStream.range(0, answer.length).mapToDouble(i -> answer[i]).toArray();
        int[] chosen =
                WeightedSampling.withoutReplacement(
                        probabilities(losses), context.budget(), context.random().nextLong());
        return Selection.of(candidates, losses, chosen);
    }

    /**
     * Computes p_i ~ w_i^(1/tau), 0 where the loss is not finite.
     *
     * @param losses at least one of them finite
     * @return a distribution
     */
    double[] probabilities(double[] losses) {
        double[] q = Quantiles.of(losses, lowerQuantile, upperQuantile);
        double within = StrictMath.log(focusWeight) / temperature; // ln w^(1/tau); 0 elsewhere
        double largest = Math.max(within, 0);
        double[] p = new double[losses.length];
        for (int i = 0; i < p.length; i++) {
            if (Double.isFinite(losses[i])) {
                double logit = focus.contains(losses[i], q[0], q[1]) ? within : 0;
                // a low temperature must not take a band's last chance: it may be needed to fill up
                p[i] = Math.max(StrictMath.exp(logit - largest), Double.MIN_NORMAL);
            }
        }
        double sum = Arrays.stream(p).sum();
        return Arrays.stream(p).map(value -> value / sum).toArray();
    }

    /** Which losses have more chance. */
    public enum Focus {
        /** At most the lower quantile. */
        LOW,
        /** Above the lower quantile, at most the upper. */
        MEDIUM,
        /** Above the upper quantile. */
        HIGH;

        private boolean contains(double loss, double lower, double upper) {
            return switch (this) {
                case LOW -> loss <= lower;
                case MEDIUM -> loss > lower && loss <= upper;
                case HIGH -> loss > upper;
            };
        }
    }

    /** Collects the settings of a {@link LossSelector}. */
    public static final class Builder {

        private Focus focus = FOCUS;
        private double focusWeight = FOCUS_WEIGHT;
        private double lowerQuantile = LOWER_QUANTILE;
        private double upperQuantile = UPPER_QUANTILE;
        private double temperature = TEMPERATURE;

        private Builder() {}

        /**
         * Sets the band in focus.
         *
         * @param focus by default {@link #FOCUS}
         * @return this
         */
        public Builder optFocus(Focus focus) {
            this.focus = Objects.requireNonNull(focus, "focus");
            return this;
        }

        /**
         * Sets the weight w of the band in focus; all others have weight 1.
         *
         * @param focusWeight finite, above 0, by default {@link #FOCUS_WEIGHT}; below 1 it turns
         *     the focus into avoidance
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder optFocusWeight(double focusWeight) {
            this.focusWeight = requirePositive("focusWeight", focusWeight);
            return this;
        }

        /**
         * Sets where the bands end.
         *
         * @param lower at least 0, by default {@link #LOWER_QUANTILE}
         * @param upper at least {@code lower}, at most 1, by default {@link #UPPER_QUANTILE}
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder optQuantiles(double lower, double upper) {
            if (!(0 <= lower && lower <= upper && upper <= 1)) {
                throw new IllegalArgumentException(
                        "quantiles = "
                                + lower
                                + ","
                                + upper
                                + ", must be lower,upper with 0 <= lower <= upper <= 1");
            }
            this.lowerQuantile = lower;
            this.upperQuantile = upper;
            return this;
        }

        /**
         * Sets the temperature tau: towards 0 only the band in focus is drawn as long as it lasts,
         * a high one makes all candidates alike.
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
         * Makes the selector.
         *
         * @return a new selector
         */
        public LossSelector build() {
            return new LossSelector(this);
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
