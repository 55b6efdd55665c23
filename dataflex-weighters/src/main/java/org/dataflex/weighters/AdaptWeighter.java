package org.dataflex.weighters;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.dataflex.data.SampleSet;
import org.dataflex.strategy.Need;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Stateful;
import org.dataflex.strategy.StrategyContext;
import org.dataflex.strategy.Weighter;
import org.dataflex.strategy.WeightingContext;

/**
 * Weighs a sample by how near its embedding is to those of a target set: a learning rate of its
 * own.
 *
 * <p>Paper: ADAPT, <a href="https://arxiv.org/abs/2605.05227">arXiv 2605.05227</a>; the formula is
 * that of DataFlex's {@code adapt} weighter, not checked against the paper's equations.
 *
 * <p>Formula, with h the last hidden states of the model in training, omega_t proportional to the
 * rank t of a token among the real ones, and target samples a_j:
 *
 * <pre>
 * phi(x) = sum_t omega_t h_t / |sum_t omega_t h_t|
 * s_i    = mean_j &lt;phi(x_i), phi(a_j)&gt;
 * w_i    = min(sigma(s_i / tau), c)
 * </pre>
 *
 * <p>The batch's objective is mean_i(w_i l_i). The weights are absolute: they are below 1 and so
 * lower the learning rate.
 *
 * <p>Needs: a target set; a block that shows its hidden states ({@link
 * org.dataflex.model.LinearHead}); state: the targets' mean embedding. Cost: O(B D) a batch, from
 * the hidden states of the pass that trains; at each refresh a forward pass over the targets.
 *
 * <p>Deviations from DataFlex: the mean over the batch in place of the sum, which made the learning
 * rate grow with the batch ({@link Compatibility#DATAFLEX} brings it back); no second forward pass;
 * targets are embedded in inference mode, once a refresh; a token's rank counts real tokens only.
 */
public final class AdaptWeighter implements Weighter, Stateful {

    /** DataFlex 3c13e37, adapt_weighter.py. */
    public static final double TEMPERATURE = 1;

    /** None: sigma is below 1 anyway. DataFlex 3c13e37, adapt_weighter.py. */
    public static final double CLIP = 1;

    /** The mean over the batch. */
    public static final Compatibility COMPATIBILITY = Compatibility.NONE;

    static final String NAME = "adapt";

    private final String targetName;
    private final SampleSet targets;
    private final double temperature;
    private final double clip;
    private final Compatibility compatibility;
    private final TargetMean mean;

    private AdaptWeighter(Builder builder) {
        this.targetName = builder.targetName;
        this.targets = builder.targets;
        this.temperature = builder.temperature;
        this.clip = builder.clip;
        this.compatibility = builder.compatibility;
        this.mean = new TargetMean(targets);
    }

    /**
     * Starts a weighter.
     *
     * @return a new builder; it needs targets
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
        settings.put("targets", targetName + ":" + targets.fingerprint());
        settings.put("temperature", String.valueOf(temperature));
        settings.put("clip", String.valueOf(clip));
        settings.put("compatibility", compatibility.name().toLowerCase(Locale.ROOT));
        return Collections.unmodifiableMap(settings);
    }

    /** Returns the target samples. */
    @Override
    public Map<String, SampleSet> targets() {
        return Map.of(targetName, targets);
    }

    /** Returns that batches are embedded. */
    @Override
    public Set<Need> needs() {
        return Set.of(Need.BATCH_EMBEDDINGS);
    }

    /** Embeds the targets anew. */
    @Override
    public void refresh(StrategyContext context) {
        mean.refresh(context);
    }

    @Override
    public SampleWeights weigh(WeightingContext context) {
        double[] scores = mean.scores(mean.embed(context));
        float[] weights = new float[scores.length];
        for (int i = 0; i < weights.length; i++) {
            double weight = Math.min(1 / (1 + StrictMath.exp(-scores[i] / temperature)), clip);
            double scale = compatibility == Compatibility.DATAFLEX ? weights.length : 1;
            weights[i] = (float) Math.max(scale * weight, Float.MIN_NORMAL); // not all may be 0
        }
        return SampleWeights.absolute(weights);
    }

    @Override
    public Map<String, double[]> saveState() {
        return mean.saveState();
    }

    @Override
    public void restoreState(Map<String, double[]> state) {
        mean.restoreState(state);
    }

    /** Whose quirks to keep. */
    public enum Compatibility {
        /** Nobody's. */
        NONE,
        /** DataFlex's: the objective is the sum of w_i l_i over a batch. */
        DATAFLEX
    }

    /** Collects the settings of an {@link AdaptWeighter}. */
    public static final class Builder {

        private String targetName;
        private SampleSet targets;
        private double temperature = TEMPERATURE;
        private double clip = CLIP;
        private Compatibility compatibility = COMPATIBILITY;

        private Builder() {}

        /**
         * Sets the samples to be near to.
         *
         * @param name their name in settings and messages
         * @param samples at least one
         * @return this
         */
        public Builder setTargets(String name, SampleSet samples) {
            this.targetName = Objects.requireNonNull(name, "name");
            this.targets = Objects.requireNonNull(samples, "samples");
            return this;
        }

        /**
         * Sets tau: scores are in [-1, 1], so at 1 weights are in [0.27, 0.73]; a lower one spreads
         * them.
         *
         * @param temperature finite, above 0, by default {@link #TEMPERATURE}
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder optTemperature(double temperature) {
            this.temperature = Positive.require("temperature", temperature);
            return this;
        }

        /**
         * Sets c, the largest weight.
         *
         * @param clip in (0, 1], by default {@link #CLIP}: none
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder optClip(double clip) {
            if (!(clip > 0 && clip <= 1)) {
                throw new IllegalArgumentException("clip = " + clip + ", must be in (0, 1]");
            }
            this.clip = clip;
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
         * @throws IllegalStateException if there are no targets
         */
        public AdaptWeighter build() {
            if (targets == null) {
                throw new IllegalStateException("no targets; call setTargets");
            }
            return new AdaptWeighter(this);
        }
    }
}
