package org.dataflex.selectors;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.math.TopK;
import org.dataflex.math.WeightedSampling;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Stateful;

/**
 * Prefers candidates in a window over the ranking by how much their loss fell since the first
 * update; the window slides from the largest falls to the smallest as the run goes on.
 *
 * <p>A method of <a href="https://arxiv.org/abs/2603.26164">DataFlex</a>; no paper of its own.
 *
 * <p>Formula: delta_i = loss_i(first update) - loss_i(now), ranked largest first; n is the number
 * of delta_i &gt;= 0; at update t of 0..T and window size s the window is the ranks from floor(a)
 * to floor(a + s n), at least one, where a = sigmoid(10 (t/T - 1/2)) (1 - s) n. A candidate is
 * drawn without replacement with a chance of 1 within the window to 0.025 outside. The first update
 * draws uniformly. The score of a candidate is its delta, in the loss's unit.
 *
 * <p>Needs: the model in training. State: the first loss of every candidate. Cost: one forward pass
 * over the candidates an update.
 *
 * <p>Deviations from DataFlex: the window slides over the candidates whose loss did not rise; there
 * it slides over all and is then cut, so that late windows are mostly empty ({@link
 * Compatibility#DATAFLEX} brings that back).
 */
public final class DeltaLossSelector implements Selector, Stateful {

    /** DataFlex 3c13e37, delta_loss_selector.py. */
    public static final double WINDOW_SIZE = 0.2;

    /** DataFlex 3c13e37, delta_loss_selector.py. */
    static final double OUTSIDE_WEIGHT = 0.025;

    /** DataFlex 3c13e37, delta_loss_selector.py. */
    static final double STEEPNESS = 10;

    static final String NAME = "delta-loss";

    private static final String POSITIONS = "positions";
    private static final String LOSSES = "losses";
    private static final String CLOCK = "clock";
    private static final long NONE = -1;

    private final double windowSize;
    private final int updates;
    private final Compatibility compatibility;

    /** By position of the pool. */
    private final Map<Long, Double> firstLosses = new TreeMap<>();

    private long firstStep = NONE;
    private long secondStep = NONE;

    private DeltaLossSelector(Builder builder) {
        this.windowSize = builder.windowSize;
        this.updates = builder.updates;
        this.compatibility = builder.compatibility;
    }

    /** Makes a selector with every setting at its default. */
    public DeltaLossSelector() {
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
        settings.put("windowSize", String.valueOf(windowSize));
        if (updates > 0) {
            settings.put("updates", String.valueOf(updates));
        }
        settings.put("compatibility", compatibility.name().toLowerCase(Locale.ROOT));
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
        float[] losses = context.model().losses(candidates);
        FiniteScores.require(losses, context.budget());
        observe(context.step());
        double[] falls = falls(candidates, losses);
        double[] chances = chances(losses, falls, progress(context.step(), context.totalSteps()));
        int[] chosen =
                WeightedSampling.withoutReplacement(
                        chances, context.budget(), context.random().nextLong());
        return Arrays.stream(falls).allMatch(Double::isNaN)
                ? Selection.of(positions(candidates, chosen))
                : Selection.of(candidates, falls, chosen);
    }

    private void observe(long step) {
        if (firstStep == NONE) {
            firstStep = step;
        } else if (secondStep == NONE && step > firstStep) {
            secondStep = step;
        }
    }

    /** The falls of losses; NaN for those that are not finite or seen for the first time. */
    private double[] falls(Samples candidates, float[] losses) {
        double[] falls = new double[losses.length];
        for (int i = 0; i < falls.length; i++) {
            Double first = firstLosses.get(candidates.indices().get(i));
            boolean finite = Float.isFinite(losses[i]);
            falls[i] = first == null || !finite ? Double.NaN : first - losses[i];
            if (first == null && finite) {
                firstLosses.put(candidates.indices().get(i), (double) losses[i]);
            }
        }
        return falls;
    }

    /** t / T, from 0 at the first update to 1 at the last. */
    double progress(long step, long totalSteps) {
        if (secondStep == NONE) {
            return 0;
        }
        long interval = secondStep - firstStep;
        long last = updates > 0 ? updates - 1 : (totalSteps - 1 - firstStep) / interval;
        return Math.min(1, (double) ((step - firstStep) / interval) / Math.max(1, last));
    }

    /** A weight for every candidate; 0 if its loss is not finite, all alike without a window. */
    double[] chances(float[] losses, double[] falls, double progress) {
        double[] chances = new double[losses.length];
        for (int i = 0; i < chances.length; i++) {
            chances[i] = Float.isFinite(losses[i]) ? OUTSIDE_WEIGHT : 0;
        }
        int known = (int) Arrays.stream(falls).filter(fall -> !Double.isNaN(fall)).count();
        int[] ranked = TopK.largest(falls, known);
        int[] window = window(falls, known, progress);
        for (int rank = window[0]; rank < window[1]; rank++) {
            chances[ranked[rank]] = 1;
        }
        return chances;
    }

    private int[] window(double[] falls, int known, double progress) {
        int notRisen = (int) Arrays.stream(falls).filter(fall -> fall >= 0).count();
        if (compatibility == Compatibility.DATAFLEX) {
            int[] window = window(progress, known, windowSize);
            return new int[] {window[0], Math.min(window[1], notRisen)};
        }
        int[] window = window(progress, notRisen, windowSize);
        return new int[] {window[0], Math.min(notRisen, Math.max(window[1], window[0] + 1))};
    }

    /** The first rank and the one after the last, of {@code count} ranks. */
    static int[] window(double progress, int count, double size) {
        double sigmoid = 1 / (1 + StrictMath.exp(-STEEPNESS * (progress - 0.5)));
        double start = sigmoid * (count - size * count);
        return new int[] {(int) start, (int) (start + size * count)};
    }

    private static SampleIndices positions(Samples candidates, int[] chosen) {
        return SampleIndices.of(
                Arrays.stream(chosen).mapToLong(candidates.indices()::get).toArray());
    }

    @Override
    public Map<String, double[]> saveState() {
        Map<String, double[]> state = new LinkedHashMap<>(); // equal states give equal files
        state.put(
                POSITIONS, firstLosses.keySet().stream().mapToDouble(Long::doubleValue).toArray());
        state.put(LOSSES, firstLosses.values().stream().mapToDouble(Double::doubleValue).toArray());
        state.put(CLOCK, new double[] {firstStep, secondStep});
        return state;
    }

    @Override
    public void restoreState(Map<String, double[]> state) {
        firstLosses.clear();
        double[] positions = state.get(POSITIONS);
        double[] losses = state.get(LOSSES);
        for (int i = 0; i < positions.length; i++) {
            firstLosses.put((long) positions[i], losses[i]);
        }
        firstStep = (long) state.get(CLOCK)[0];
        secondStep = (long) state.get(CLOCK)[1];
    }

    /** Collects the settings of a {@link DeltaLossSelector}. */
    public static final class Builder {

        private double windowSize = WINDOW_SIZE;
        private int updates;
        private Compatibility compatibility = Compatibility.NONE;

        private Builder() {}

        /**
         * Sets the share of the ranks that the window covers.
         *
         * @param windowSize above 0, at most 1, by default {@link #WINDOW_SIZE}
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder optWindowSize(double windowSize) {
            if (!(windowSize > 0 && windowSize <= 1)) {
                throw new IllegalArgumentException(
                        "windowSize = " + windowSize + ", must be above 0 and at most 1");
            }
            this.windowSize = windowSize;
            return this;
        }

        /**
         * Sets T + 1, the updates after which the window has reached the smallest falls.
         *
         * @param updates at least 2, by default as many as the run makes at the interval between
         *     the first two; to be set where the schedule has fewer
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder optUpdates(long updates) {
            if (updates < 2 || updates > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "updates = "
                                + updates
                                + ", must be at least 2: the first only measures the losses");
            }
            this.updates = (int) updates;
            return this;
        }

        /**
         * Sets whose behaviour to follow.
         *
         * @param compatibility by default {@link Compatibility#NONE}
         * @return this
         */
        public Builder optCompatibility(Compatibility compatibility) {
            this.compatibility = Objects.requireNonNull(compatibility, "compatibility");
            return this;
        }

        /**
         * Makes the selector.
         *
         * @return a new selector
         */
        public DeltaLossSelector build() {
            return new DeltaLossSelector(this);
        }
    }
}
