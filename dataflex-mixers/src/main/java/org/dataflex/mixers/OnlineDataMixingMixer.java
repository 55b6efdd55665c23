package org.dataflex.mixers;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.dataflex.data.Domain;
import org.dataflex.strategy.DomainLosses;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.MixingContext;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.Stateful;

/**
 * Gives more to the domains whose training loss is high, as a multi-armed bandit (Exp3) that plays
 * domains.
 *
 * <p>Paper: <a href="https://arxiv.org/abs/2312.02406">Efficient Online Data Mixing for Language
 * Model Pre-Training</a> (ODM).
 *
 * <p>Formula, for K domains, after the t-th step that was observed, with mean loss L_i of each
 * domain i that was drawn from the mixture pi(i):
 *
 * <pre>
 * R_i    &lt;- alpha R_i + (1 - alpha) L_i / pi(i)                 domains not drawn keep their R_i
 * eps_t   = min(1/K, sqrt(ln K / (K t)))                        eps_0 = 1/K
 * pi_t(i) = (1 - K eps_t) exp(eps_{t-1} R_i) / sum_j exp(eps_{t-1} R_j) + eps_t
 * </pre>
 *
 * <p>A loss that is not finite is left out; a step that leaves nothing is not counted in t. An
 * update that has observed nothing keeps the mixture in force. One domain gets everything.
 *
 * <p>Needs: losses of the training steps, which the run observes anyway; {@link Stateful}: R,
 * eps_{t-1}, t. Cost: O(K) a step; no forward pass.
 *
 * <p>Deviations from the paper, in {@link Variant#PAPER}: all steps since the last update are
 * learned from in order, and the steps that follow the t-th are drawn from pi_t, with eps_t and
 * eps_{t-1}, where the paper's t-th step is. The {@code repo} variants and {@link
 * Variant#EXP3_CUMULATIVE} are the three bandits of the authors' code, which keeps other estimates:
 *
 * <pre>
 * repo_group       R_i &lt;- alpha R_i + (1 - alpha) exp(L_i)   pi_t(i) = (1 - K eps_t) R_i / sum_j R_j + eps_t
 * repo_single      R_i &lt;- alpha R_i + (1 - alpha) exp(L_i)   pi_t as in the paper
 * exp3_cumulative  R_i &lt;- R_i + L_i / (10 pi(i))             pi_t as in the paper
 * </pre>
 *
 * <p>{@link Variant#DATAFLEX} does what DataFlex does: it learns from the last step before the
 * update only, multiplies losses by {@code rewardScale}, clips R to +-10,000 and the exponent to
 * [-5, 0] below the largest, keeps eps_t at least {@code minExploration}, and counts t = step -
 * {@code warmUpSteps}, up to which it keeps the mixture in force. There minExploration is held at
 * 1/(2K), since a larger one would leave nothing to learn; DataFlex mixes 34 or more domains
 * uniformly for ever.
 */
public final class OnlineDataMixingMixer implements Mixer, Stateful {

    /** DataFlex 3c13e37, odm_mixer.py, after the paper. */
    public static final double ALPHA = 0.9;

    /** Authors' code, Exp3WeightUpdater: losses are divided by this to be about 1. */
    private static final double CUMULATIVE_SCALE = 10;

    /** The paper's formula is the default. */
    public static final Variant VARIANT = Variant.PAPER;

    /** DataFlex 3c13e37, odm_mixer.py; of {@link Variant#DATAFLEX} only. */
    public static final double REWARD_SCALE = 15;

    /** DataFlex 3c13e37, odm_mixer.py; of {@link Variant#DATAFLEX} only. */
    public static final double MIN_EXPLORATION = 0.03;

    /** None: DataFlex's 2,000 outlast many runs; of {@link Variant#DATAFLEX} only. */
    public static final long WARM_UP_STEPS = 0;

    static final String NAME = "odm";

    private final Variant variant;
    private final double alpha;
    private final double rewardScale;
    private final double minExploration;
    private final long warmUpSteps;

    /** Null before the first update. */
    private DomainBandit bandit;

    OnlineDataMixingMixer(OnlineDataMixingMixerBuilder builder) {
        this.variant = builder.variant;
        this.alpha = Objects.requireNonNullElse(builder.alpha, ALPHA);
        this.rewardScale = Objects.requireNonNullElse(builder.rewardScale, REWARD_SCALE);
        this.minExploration = Objects.requireNonNullElse(builder.minExploration, MIN_EXPLORATION);
        this.warmUpSteps = Objects.requireNonNullElse(builder.warmUpSteps, WARM_UP_STEPS);
    }

    /** Makes the paper's mixer with every setting at its default. */
    public OnlineDataMixingMixer() {
        this(builder());
    }

    /**
     * Starts a mixer.
     *
     * @return a new builder; every setting has a default
     */
    public static OnlineDataMixingMixerBuilder builder() {
        return new OnlineDataMixingMixerBuilder();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("variant", lower(variant));
        if (variant != Variant.EXP3_CUMULATIVE) {
            settings.put("alpha", String.valueOf(alpha));
        }
        if (variant == Variant.DATAFLEX) {
            settings.put("rewardScale", String.valueOf(rewardScale));
            settings.put("minExploration", String.valueOf(minExploration));
            settings.put("warmUpSteps", String.valueOf(warmUpSteps));
        }
        return Collections.unmodifiableMap(settings);
    }

    /**
     * Returns the next mixture.
     *
     * @throws IllegalStateException if a state was restored that has other domains than the pool
     */
    @Override
    public Mixture mix(MixingContext context) {
        List<Domain> domains = context.pool().domains();
        if (domains.size() == 1) {
            return Mixture.of(domains, 1);
        }
        begin(domains.size());
        return variant == Variant.DATAFLEX
                ? mixAsDataFlex(context, domains)
                : mixFromEveryStep(context, domains);
    }

    static String lower(Variant variant) {
        return variant.name().toLowerCase(Locale.ROOT);
    }

    private void begin(int k) {
        if (bandit == null) {
            bandit = DomainBandit.of(k);
        } else if (bandit.size() != k) {
            throw new IllegalStateException(
                    "the state is of "
                            + bandit.size()
                            + " domains, the pool has "
                            + k
                            + "; resume with the pool that the state was saved with");
        }
    }

    private Mixture mixFromEveryStep(MixingContext context, List<Domain> domains) {
        boolean learned = false;
        for (DomainLosses step : context.observations()) {
            learned |= bandit.learn(step, domains, this::estimate);
        }
        if (!learned) {
            return context.current();
        }
        return Mixture.of(
                domains, variant == Variant.REPO_GROUP ? bandit.linearPolicy() : bandit.policy());
    }

    /** The next R_i. */
    private double estimate(double reward, double loss, double share) {
        return switch (variant) {
            case PAPER -> average(reward, loss / share);
            case REPO_GROUP, REPO_SINGLE -> average(reward, StrictMath.exp(loss));
            case EXP3_CUMULATIVE -> reward + loss / CUMULATIVE_SCALE / share;
            case DATAFLEX -> average(reward, rewardScale * loss / share);
        };
    }

    private double average(double reward, double next) {
        return alpha * reward + (1 - alpha) * next;
    }

    private Mixture mixAsDataFlex(MixingContext context, List<Domain> domains) {
        long t = context.step() - warmUpSteps;
        List<DomainLosses> steps = context.observations();
        if (t <= 0 || steps.isEmpty()) {
            return context.current();
        }
        DomainLosses last = steps.get(steps.size() - 1);
        return bandit.learn(last, domains, this::estimate)
                ? Mixture.of(domains, bandit.clippedPolicy(t, minExploration))
                : context.current();
    }

    @Override
    public Map<String, double[]> saveState() {
        return bandit == null ? Map.of() : bandit.saveState();
    }

    /**
     * Takes the place of the mixer that saved a state.
     *
     * @throws IllegalArgumentException if no such mixer can have saved it
     */
    @Override
    public void restoreState(Map<String, double[]> state) {
        bandit = state.isEmpty() ? null : DomainBandit.ofState(state);
    }

    /** Whose formula to follow. */
    public enum Variant {
        /** The paper's. */
        PAPER,
        /** The authors' code where several domains are in a batch; linear in R. */
        REPO_GROUP,
        /** The authors' code where a batch is of one domain. */
        REPO_SINGLE,
        /** The authors' code, the bandit without forgetting. */
        EXP3_CUMULATIVE,
        /** DataFlex's, with its scaling and clipping. */
        DATAFLEX
    }
}
