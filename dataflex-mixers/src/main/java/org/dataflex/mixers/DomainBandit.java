package org.dataflex.mixers;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import org.dataflex.data.Domain;
import org.dataflex.math.Simplex;
import org.dataflex.strategy.DomainLosses;

/** The equations of {@link OnlineDataMixingMixer}, and the state that they carry on. */
final class DomainBandit {

    /* DataFlex 3c13e37, odm_mixer.py: constants that cannot be set there either. */
    private static final double LARGEST_REWARD = 1e4;
    private static final double LEAST_EXPONENT = -5;

    /** R. */
    private final double[] rewards;

    /** t. */
    private long observed;

    /** eps_t of the last policy. */
    private double exploration;

    private DomainBandit(double[] rewards, long observed, double exploration) {
        this.rewards = rewards;
        this.observed = observed;
        this.exploration = exploration;
    }

    /** A bandit that has learned nothing yet. */
    static DomainBandit of(int domains) {
        return new DomainBandit(new double[domains], 0, 1.0 / domains);
    }

    int size() {
        return rewards.length;
    }

    /** The next R_i from the last one, the loss and the share that the domain was drawn with. */
    @FunctionalInterface
    interface Estimate {
        double next(double reward, double loss, double share);
    }

    /**
     * Sets R_i for the domains drawn; t = t + 1.
     *
     * @return false if no domain had a finite loss, and nothing has changed
     */
    boolean learn(DomainLosses step, List<Domain> domains, Estimate estimate) {
        boolean learned = false;
        for (int i = 0; i < rewards.length; i++) {
            Double loss = step.losses().get(domains.get(i));
            double next =
                    loss == null
                            ? Double.NaN
                            : estimate.next(rewards[i], loss, step.mixture().of(domains.get(i)));
            if (Double.isFinite(next)) {
                rewards[i] = next;
                learned = true;
            }
        }
        observed += learned ? 1 : 0;
        return learned;
    }

    /** pi_t, as in the paper. */
    double[] policy() {
        exploration = decayed(observed);
        return explore(Simplex.softmax(exponents(decayed(observed - 1))), exploration);
    }

    /** pi_t with R_i / sum_j R_j in the place of the softmax. */
    double[] linearPolicy() {
        exploration = decayed(observed);
        boolean none = Arrays.stream(rewards).allMatch(r -> r == 0);
        return explore(
                none ? Simplex.uniform(rewards.length) : Simplex.normalize(rewards), exploration);
    }

    /**
     * pi_t, as in DataFlex, where t is given and eps_{t-1} is that of the last policy.
     *
     * <p>Its least share of 1e-8 is left out: the clipped exponent keeps each above exp(-5) / K.
     */
    double[] clippedPolicy(long t, double minExploration) {
        observed = t;
        replaceAll(rewards, r -> Math.max(-LARGEST_REWARD, Math.min(LARGEST_REWARD, r)));
        double[] exponents = exponents(exploration);
        double largest = Arrays.stream(exponents).max().orElseThrow();
        replaceAll(exponents, x -> Math.max(LEAST_EXPONENT, x - largest));
        exploration = Math.max(decayed(t), Math.min(minExploration, 0.5 / rewards.length));
        return explore(Simplex.softmax(exponents), exploration);
    }

    /** eps_t = min(1/K, sqrt(ln K / (K t))). */
    private double decayed(long t) {
        double k = rewards.length;
        return Math.min(1 / k, Math.sqrt(StrictMath.log(k) / (k * t)));
    }

    /** eps_{t-1} R_i. */
    private double[] exponents(double previousExploration) {
        return Arrays.stream(rewards).map(r -> previousExploration * r).toArray();
    }

    /** (1 - K eps_t) p_i + eps_t. */
    private static double[] explore(double[] p, double exploration) {
        return Simplex.mixWithUniform(p, Math.min(1, p.length * exploration));
    }

    private static void replaceAll(double[] values, DoubleUnaryOperator by) {
        Arrays.setAll(values, i -> by.applyAsDouble(values[i]));
    }

    Map<String, double[]> saveState() {
        Map<String, double[]> state = new TreeMap<>(); // the same order in every checkpoint
        state.put("rewards", rewards.clone());
        state.put("observed", new double[] {observed});
        state.put("exploration", new double[] {exploration});
        return state;
    }

    static DomainBandit ofState(Map<String, double[]> state) {
        double[] rewards = SavedState.require("an odm mixer", state, "rewards", -1);
        double[] observed = SavedState.require("an odm mixer", state, "observed", 1);
        double[] exploration = SavedState.require("an odm mixer", state, "exploration", 1);
        return new DomainBandit(rewards.clone(), (long) observed[0], exploration[0]);
    }
}
