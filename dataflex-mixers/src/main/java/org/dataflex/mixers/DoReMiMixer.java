package org.dataflex.mixers;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.dataflex.ReferenceLosses;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.MixingContext;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.Need;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Stateful;
import org.dataflex.strategy.Weighter;
import org.dataflex.strategy.WeightingContext;

/**
 * Finds domain proportions with a small proxy model that is trained to be no worse than a reference
 * on any domain; the proxy run of DoReMi.
 *
 * <p>Paper: <a href="https://arxiv.org/abs/2305.10429">DoReMi: Optimizing Data Mixtures Speeds Up
 * Language Model Pretraining</a>, algorithm 1. The procedure has three runs: a reference model is
 * trained on the usual proportions; then a proxy of the same size with this mixer, which is also
 * the run's weighter; then the model that is wanted, on {@link #averageWeights}.
 *
 * <p>Formula, for domains i = 1..k with sampling weights s_i, and a step's target tokens x with
 * token losses l(x):
 *
 * <pre>
 * lambda_i = sum_{x in i} max(l_proxy(x) - l_ref(x), 0) / |{x in i}|       absent: as it was
 * alpha'_i = alpha_{t-1,i} exp(eta lambda_i)
 * alpha_t  = (1 - c) alpha' / sum_j alpha'_j + c / k                       alpha_0 = 1/k
 * L        = sum_x w_x l_proxy(x) / sum_x w_x,   w_x = alpha_{t,i} / s_i for x in i
 * result   = mean_t alpha_t
 * </pre>
 *
 * <p>Use it as mixer and as weighter of one run, with {@link
 * org.dataflex.loss.CausalLmLoss#byToken}: its objective sum_i w_i c_i l_i / sum_i c_i is then L,
 * since the weights of a batch are scaled to mean 1 over its target tokens. With the mean over
 * samples as objective the same holds where all samples have the same number of target tokens.
 *
 * <pre>
 * DoReMiMixer doremi = DoReMiMixer.builder().setReference(reference).build();
 * builder.optMixer(doremi, UpdateSchedule.once()).optWeighter(doremi, UpdateSchedule.every(1));
 * </pre>
 *
 * <p>Needs: token losses of the run, which it has anyway, and {@link ReferenceLosses} of the pool;
 * at least two domains; {@link Stateful}: alpha, lambda, sum and number of alpha. Cost: O(target
 * tokens of the batch); no forward pass. It warns once when a domain has nearly all the weight, and
 * once when a step has no token of a domain.
 *
 * <p>Deviations from the paper: none known in {@link Variant#PAPER}. If a step has several
 * micro-batches, alpha is brought up to date with each, from all of the step's so far; the authors'
 * code uses the last step's alpha until the last micro-batch. {@link Variant#DATAFLEX} centres
 * lambda over the domains that the step has and clips it to [-5, 5], 0 for absent domains. DataFlex
 * itself looks at the last micro-batch before an update only, and never weighs the proxy's loss;
 * neither is copied.
 */
public final class DoReMiMixer implements Mixer, Weighter, Stateful {

    /** Paper, section 2: eta = 1. */
    public static final double STEP_SIZE = 1;

    /** Paper, section 2: c = 1e-3. */
    public static final double SMOOTHING = 1e-3;

    /** DataFlex 3c13e37, components.yaml; of {@link Variant#DATAFLEX}. */
    public static final double DATAFLEX_STEP_SIZE = 0.1;

    /** DataFlex 3c13e37, components.yaml; of {@link Variant#DATAFLEX}. */
    public static final double DATAFLEX_SMOOTHING = 0.01;

    /** The paper's formula is the default. */
    public static final Variant VARIANT = Variant.PAPER;

    static final String NAME = "doremi";

    private final ReferenceLosses reference;
    private final Variant variant;
    private final double stepSize;
    private final double smoothing;
    private final StaticMixer sampling;
    private final DomainWarnings warnings = new DomainWarnings();

    /** Null before the first update of the mixer. */
    private GroupDro dro;

    /** The step in progress and what it has shown; -1 and null before the first since a restore. */
    private long step = -1;

    private ExcessLoss excess;

    DoReMiMixer(DoReMiMixerBuilder builder) {
        boolean paper = builder.variant == Variant.PAPER;
        this.reference = builder.reference;
        this.variant = builder.variant;
        this.stepSize =
                Objects.requireNonNullElse(
                        builder.stepSize, paper ? STEP_SIZE : DATAFLEX_STEP_SIZE);
        this.smoothing =
                Objects.requireNonNullElse(
                        builder.smoothing, paper ? SMOOTHING : DATAFLEX_SMOOTHING);
        this.sampling = builder.sampling;
    }

    /**
     * Starts a mixer.
     *
     * @return a new builder; the reference is required
     */
    public static DoReMiMixerBuilder builder() {
        return new DoReMiMixerBuilder();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("variant", variant.name().toLowerCase(Locale.ROOT));
        settings.put("stepSize", String.valueOf(stepSize));
        settings.put("smoothing", String.valueOf(smoothing));
        settings.put("sampling", sampling.text());
        settings.put("reference", reference.fingerprint());
        return Collections.unmodifiableMap(settings);
    }

    /** Returns that the run's token losses are compared with the reference's. */
    @Override
    public Set<Need> needs() {
        return Set.of(Need.TOKEN_LOSSES);
    }

    /**
     * Refuses a pool that the reference losses are not of, that has one domain, or a domain that
     * would never be drawn.
     *
     * @throws IllegalArgumentException saying which
     */
    @Override
    public void check(CandidatePool pool) {
        reference.requireSamples(pool);
        if (pool.domains().size() < 2) {
            throw new IllegalArgumentException(
                    "the pool has one domain, "
                            + pool.domains()
                            + "; proportions need at least two");
        }
        double[] shares = sampling.proportions(pool);
        for (int i = 0; i < shares.length; i++) {
            if (shares[i] == 0) {
                throw new IllegalArgumentException(
                        "sampling gives '"
                                + pool.domains().get(i)
                                + "' no share; every domain must be drawn to be weighed");
            }
        }
    }

    /** Returns the sampling weights, always the same: it is the loss that alpha acts on. */
    @Override
    public Mixture mix(MixingContext context) {
        if (dro == null) {
            dro = newDro(context.pool().domains().size());
        }
        return sampling.mix(context);
    }

    /**
     * Brings alpha up to date and weighs the batch with it.
     *
     * @throws IllegalStateException if this is not the run's mixer too, if a state was restored
     *     that has other domains than the pool, or if the reference has losses of more or fewer
     *     tokens than the run
     */
    @Override
    public SampleWeights weigh(WeightingContext context) {
        if (dro == null) {
            throw new IllegalStateException(
                    "the batches are not drawn in the proportions of this mixer, by which their"
                            + " losses are divided; call optMixer with it too, without warm-up");
        }
        List<Domain> domains = context.pool().domains();
        begin(domains, context.step());
        float[][] proxy = context.tokenLosses();
        int[] domainOf = new int[proxy.length];
        for (int i = 0; i < proxy.length; i++) {
            long sample = context.batch().get(i);
            domainOf[i] = domains.indexOf(context.pool().domainOf(sample));
            excess.add(domainOf[i], proxy[i], referenceLosses(sample, proxy[i].length));
        }
        dro.update(excess);
        return byToken(proxy, domainOf, sampling.proportions(context.pool()));
    }

    private void begin(List<Domain> domains, long now) {
        if (dro.domains() != domains.size()) {
            throw new IllegalStateException(
                    "the state is of "
                            + dro.domains()
                            + " domains, the pool has "
                            + domains.size()
                            + "; resume with the pool that the state was saved with");
        }
        if (now != step) {
            if (excess != null) {
                warnings.look(step, domains, excess, dro.weights());
            }
            dro.beginStep();
            excess = new ExcessLoss(domains.size());
            step = now;
        }
    }

    private GroupDro newDro(int domains) {
        return new GroupDro(domains, stepSize, smoothing, variant == Variant.DATAFLEX);
    }

    private float[] referenceLosses(long sample, int targets) {
        float[] losses = reference.tokenLosses(sample);
        if (losses.length != targets) {
            throw new IllegalStateException(
                    "the reference has losses of "
                            + losses.length
                            + " tokens of sample "
                            + sample
                            + ", the run of "
                            + targets
                            + "; compute the reference losses of this pool with its tokenizer");
        }
        return losses;
    }

    /** alpha_i / s_i, scaled so that the mean over target tokens is 1. */
    private SampleWeights byToken(float[][] proxy, int[] domainOf, double[] shares) {
        double[] alpha = dro.weights();
        double weighted = 0;
        long tokens = 0;
        for (int i = 0; i < proxy.length; i++) {
            weighted += proxy[i].length * alpha[domainOf[i]] / shares[domainOf[i]];
            tokens += proxy[i].length;
        }
        double scale = tokens == 0 ? 1 : tokens / weighted;
        float[] weights = new float[proxy.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (scale * alpha[domainOf[i]] / shares[domainOf[i]]);
        }
        return SampleWeights.absolute(weights);
    }

    /**
     * Returns what the run found, the mean of alpha over its steps: the proportions for the final
     * run, such as {@link ProportionsFile#write} keeps.
     *
     * @param pool the run's
     * @return a proportion for every domain
     * @throws IllegalStateException if no batch was weighed, or the state is of other domains
     */
    public Mixture averageWeights(CandidatePool pool) {
        if (dro == null || dro.steps() == 0) {
            throw new IllegalStateException(
                    "no batch was weighed yet; the mixer must be the run's weighter too: call"
                            + " optWeighter with it, and fit");
        }
        return Mixture.of(pool.domains(), dro.average());
    }

    @Override
    public Map<String, double[]> saveState() {
        return dro == null ? Map.of() : dro.saveState();
    }

    /**
     * Takes the place of the mixer that saved a state. A run saves it for the mixer and for the
     * weighter; both are the same.
     *
     * @throws IllegalArgumentException if no such mixer can have saved it
     */
    @Override
    public void restoreState(Map<String, double[]> state) {
        step = -1;
        excess = null;
        dro = null;
        if (!state.isEmpty()) {
            GroupDro restored = newDro(1);
            restored.restoreState(state);
            dro = restored;
        }
    }

    /** Whose formula to follow. */
    public enum Variant {
        /** The paper's and the authors' code's. */
        PAPER,
        /** DataFlex's scores, centred and clipped. */
        DATAFLEX
    }
}
