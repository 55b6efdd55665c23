package org.dataflex.weighters;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.dataflex.data.SampleSet;
import org.dataflex.math.Simplex;
import org.dataflex.strategy.Need;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Stateful;
import org.dataflex.strategy.StrategyContext;
import org.dataflex.strategy.Weighter;
import org.dataflex.strategy.WeightingContext;

/**
 * Weighs the samples of a batch together: near to a target set, but not all in the same way.
 *
 * <p>Origin: a later addition to DataFlex (its pull request 58), of which the objective was known
 * here, not the code.
 *
 * <p>Formula, with unit embeddings phi as for {@link AdaptWeighter}, S_ij = &lt;phi_i, phi_j&gt;,
 * s_i the cosine of phi_i and the mean of phi(a_j) over target samples a_j, and H the entropy:
 *
 * <pre>
 * w = argmax over the simplex of  F(w) = s'w - (beta/2) w'Sw + tau H(w)
 * w = softmax((s - beta S w) / tau)                          its only stationary point
 * </pre>
 *
 * <p>found by the damped fixed point w &lt;- (1 - rho) w + rho softmax((s - beta S w) / tau) from
 * uniform w. S is positive semidefinite, so F is concave and each step is uphill for a rho that is
 * small enough: rho is halved where F would fall. Ends when no weight moves by more than 1e-9, or
 * after 1000 steps.
 *
 * <p>The run is given B w_i, of mean 1.
 *
 * <p>Needs: as {@link AdaptWeighter}. Cost: O(B^2 (D + iterations)) a batch; at each refresh a
 * forward pass over the targets.
 *
 * <p>Deviations: the defaults of beta and tau are ours, the source's are not known; and the halving
 * of rho, without which a large beta / tau makes the fixed point oscillate.
 */
public final class JointUpdateAwareWeighter implements Weighter, Stateful {

    /** Ours: redundancy counts as much as nearness. */
    public static final double REDUNDANCY = 1;

    /** Ours: scores are in [-1, 1], and 1 would leave weights nearly uniform. */
    public static final double TEMPERATURE = 0.1;

    static final String NAME = "joint-update-aware";

    private static final double DAMPING = 0.5;
    private static final double TOLERANCE = 1e-9;
    private static final int MOST_STEPS = 1_000;

    private final String targetName;
    private final SampleSet targets;
    private final double redundancy;
    private final double temperature;
    private final TargetMean mean;

    private JointUpdateAwareWeighter(Builder builder) {
        this.targetName = builder.targetName;
        this.targets = builder.targets;
        this.redundancy = builder.redundancy;
        this.temperature = builder.temperature;
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
        settings.put("redundancy", String.valueOf(redundancy));
        settings.put("temperature", String.valueOf(temperature));
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
        double[][] phi = mean.embed(context);
        double[] w = maximise(mean.cosines(phi), gram(phi));
        float[] weights = new float[w.length];
        for (int i = 0; i < w.length; i++) {
            weights[i] = (float) w[i];
        }
        return SampleWeights.normalized(weights);
    }

    private static double[][] gram(double[][] phi) {
        double[][] gram = new double[phi.length][phi.length];
        for (int i = 0; i < phi.length; i++) {
            for (int j = 0; j <= i; j++) {
                gram[i][j] = TargetMean.dot(phi[i], phi[j]);
                gram[j][i] = gram[i][j];
            }
        }
        return gram;
    }

    /** The weights of which F is largest. */
    double[] maximise(double[] s, double[][] gram) {
        double[] w = Simplex.uniform(s.length);
        double value = objective(w, s, gram);
        double rho = DAMPING;
        for (int step = 0; step < MOST_STEPS; step++) {
            double[] fixed = softmax(w, s, gram);
            double[] next = mix(w, fixed, rho);
            double nextValue = objective(next, s, gram);
            if (nextValue < value) {
                rho /= 2;
                continue;
            }
            double moved = distance(w, next);
            w = next;
            value = nextValue;
            if (moved <= TOLERANCE) {
                break;
            }
        }
        return w;
    }

    /** softmax((s - beta S w) / tau). */
    private double[] softmax(double[] w, double[] s, double[][] gram) {
        return Simplex.softmax(
                IntStream.range(0, w.length)
                        .mapToDouble(
                                i -> (s[i] - redundancy * TargetMean.dot(gram[i], w)) / temperature)
                        .toArray());
    }

    /** F(w). */
    double objective(double[] w, double[] s, double[][] gram) {
        double quadratic =
                IntStream.range(0, w.length)
                        .mapToDouble(i -> w[i] * TargetMean.dot(gram[i], w))
                        .sum();
        double entropy = -Arrays.stream(w).filter(x -> x > 0).map(x -> x * Math.log(x)).sum();
        return TargetMean.dot(s, w) - redundancy / 2 * quadratic + temperature * entropy;
    }

    private static double[] mix(double[] w, double[] fixed, double rho) {
        return IntStream.range(0, w.length)
                .mapToDouble(i -> (1 - rho) * w[i] + rho * fixed[i])
                .toArray();
    }

    private static double distance(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> Math.abs(a[i] - b[i])).max().orElse(0);
    }

    @Override
    public Map<String, double[]> saveState() {
        return mean.saveState();
    }

    @Override
    public void restoreState(Map<String, double[]> state) {
        mean.restoreState(state);
    }

    /** Collects the settings of a {@link JointUpdateAwareWeighter}. */
    public static final class Builder {

        private String targetName;
        private SampleSet targets;
        private double redundancy = REDUNDANCY;
        private double temperature = TEMPERATURE;

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
         * Sets beta: how much samples that are alike take from one another.
         *
         * @param redundancy finite, at least 0, by default {@link #REDUNDANCY}
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder optRedundancy(double redundancy) {
            if (!(redundancy >= 0 && redundancy <= Double.MAX_VALUE)) {
                throw new IllegalArgumentException(
                        "redundancy = " + redundancy + ", must be finite and at least 0");
            }
            this.redundancy = redundancy;
            return this;
        }

        /**
         * Sets tau: a high one makes all weights alike.
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
         * Makes the weighter.
         *
         * @return a new weighter
         * @throws IllegalStateException if there are no targets
         */
        public JointUpdateAwareWeighter build() {
            if (targets == null) {
                throw new IllegalStateException("no targets; call setTargets");
            }
            return new JointUpdateAwareWeighter(this);
        }
    }
}
