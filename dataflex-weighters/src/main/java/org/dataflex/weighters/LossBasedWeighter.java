package org.dataflex.weighters;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.dataflex.math.Quantiles;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Stateful;
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
 * l_i). The B losses are those of a micro-batch, or of more, see {@link Scope}. Losses count as
 * equal if D &lt; 1e-6 max(1, |l_max|, |l_min|): what is left is rounding.
 *
 * <p>Needs: nothing but the batch's losses; state unless the scope is the batch. Cost: O(B) a
 * batch; no forward pass.
 *
 * <p>Deviations from the paper: r is constant by default, as in the paper's code (its text lowers r
 * over time: {@link TemperatureSchedule}); weights are not multiplied by a sample's share of
 * tokens, since a sample's loss is the mean of its tokens here. With {@link
 * Compatibility#DATAFLEX}, {@code uniform} means f(h) = h as in DataFlex, which is far from
 * uniform, and D is at least 1e-6 instead of the test for equality.
 */
public final class LossBasedWeighter implements Weighter, Stateful {

    /** DataFlex 3c13e37, loss_weighter.py; the paper's main strategy. */
    public static final Emphasis STRATEGY = Emphasis.LINUPPER;

    /** DataFlex 3c13e37, loss_weighter.py, and the paper's code. */
    public static final double DELTA = 1;

    /** DataFlex 3c13e37, loss_weighter.py; the paper's code has 0.4 or 1. */
    public static final double TEMPERATURE = 1;

    /** The paper's: the micro-batch that is weighed. */
    public static final Scope SCOPE = Scope.BATCH;

    /** Ours, for {@link Scope#WINDOW}; the run's accumulation is a good choice. */
    public static final int WINDOW = 8;

    /** Ours, for {@link Scope#MOVING}: a memory of about ten batches. */
    public static final double DECAY = 0.9;

    /** Ours, for {@link Scope#MOVING}: the extremes, as in the paper. */
    public static final double QUANTILE = 0;

    /** True to the formula. */
    public static final Compatibility COMPATIBILITY = Compatibility.NONE;

    static final String NAME = "loss";

    private final LossFormula formula;
    private final TemperatureSchedule temperature;
    private final Scope scope;
    private final int windowSize;
    private final double decay;
    private final double quantile;
    private final LossWindow window;
    private final MovingAverages range;
    private final MovingAverages normaliser;

    LossBasedWeighter(LossBasedWeighterBuilder builder) {
        this.formula = new LossFormula(builder.strategy, builder.delta, builder.compatibility);
        this.temperature = builder.temperature;
        this.scope = builder.scope;
        this.windowSize = builder.window;
        this.decay = builder.decay;
        this.quantile = builder.quantile;
        this.window = new LossWindow(windowSize);
        this.range = new MovingAverages(decay);
        this.normaliser = new MovingAverages(decay);
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
    public static LossBasedWeighterBuilder builder() {
        return new LossBasedWeighterBuilder();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("strategy", lowerCase(formula.strategy()));
        settings.put("delta", String.valueOf(formula.delta()));
        settings.put("temperature", String.valueOf(temperature.first()));
        settings.put("finalTemperature", String.valueOf(temperature.last()));
        settings.put("temperatureSchedule", lowerCase(temperature.form()));
        settings.put("scope", lowerCase(scope));
        settings.put("window", String.valueOf(windowSize));
        settings.put("decay", String.valueOf(decay));
        settings.put("quantile", String.valueOf(quantile));
        settings.put("compatibility", lowerCase(formula.compatibility()));
        return Collections.unmodifiableMap(settings);
    }

    private static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public SampleWeights weigh(WeightingContext context) {
        float[] read = context.losses();
        double[] losses = IntStream.range(0, read.length).mapToDouble(i -> read[i]).toArray();
        double r = temperature.at(context.step(), context.totalSteps());
        return switch (scope) {
            case BATCH -> SampleWeights.normalized(floats(formula.weights(losses, r)));
            case WINDOW -> SampleWeights.absolute(floats(windowWeights(losses, r)));
            case MOVING -> SampleWeights.absolute(floats(movingWeights(losses, r)));
        };
    }

    /** Weights that are not 0, which not all may be. */
    private static float[] floats(double[] weights) {
        float[] values = new float[weights.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.max(weights[i], Float.MIN_NORMAL);
        }
        return values;
    }

    /** The batch's part of the weights of the window, which have mean 1. */
    private double[] windowWeights(double[] losses, double r) {
        double[] weights = formula.weights(window.add(losses), r);
        return Arrays.stream(weights)
                .skip(weights.length - losses.length)
                .map(w -> w * weights.length)
                .toArray();
    }

    /** exp(f_i / r) over its moving average, f with the moving averages of extreme losses. */
    private double[] movingWeights(double[] losses, double r) {
        double[] extremes = range.add(Quantiles.of(losses, quantile, 1 - quantile));
        double[] exp =
                Arrays.stream(formula.normalizedLosses(losses, extremes[0], extremes[1]))
                        .map(u -> formula.emphasize(Math.max(-1, Math.min(1, u))))
                        .map(f -> StrictMath.exp((f - formula.largest()) / r))
                        .toArray();
        double mean = normaliser.add(Arrays.stream(exp).average().orElseThrow())[0];
        return Arrays.stream(exp).map(e -> e / Math.max(mean, Double.MIN_NORMAL)).toArray();
    }

    @Override
    public Map<String, double[]> saveState() {
        Map<String, double[]> state = new LinkedHashMap<>(window.saveState());
        state.putAll(range.saveState("range"));
        state.putAll(normaliser.saveState("normaliser"));
        return state;
    }

    @Override
    public void restoreState(Map<String, double[]> state) {
        window.restoreState(state);
        range.restoreState("range", state);
        normaliser.restoreState("normaliser", state);
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

    /** Which losses a sample's is compared with. */
    public enum Scope {
        /** Those of its micro-batch. */
        BATCH,
        /**
         * Those of the latest micro-batches, its own included; weights have mean 1 over these. With
         * as many as a step accumulates, batches may be small.
         */
        WINDOW,
        /**
         * Moving averages over batches: of the lowest and highest loss or of quantiles, beyond
         * which losses count as these, and of exp(f / r), which normalises.
         */
        MOVING
    }

    /** Whose quirks to keep. */
    public enum Compatibility {
        /** Nobody's. */
        NONE,
        /** DataFlex's, see {@link LossBasedWeighter}. */
        DATAFLEX
    }
}
