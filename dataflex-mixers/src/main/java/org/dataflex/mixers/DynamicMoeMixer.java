package org.dataflex.mixers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.math.SeededPermutation;
import org.dataflex.math.Seeds;
import org.dataflex.math.Simplex;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.MixingContext;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.Need;
import org.dataflex.strategy.Stateful;

/**
 * Gives more to the domains whose tokens a mixture of experts routes unlike the others'.
 *
 * <p>Paper: <a href="https://arxiv.org/abs/2406.11256">Dynamic Data Mixing Maximizes Instruction
 * Tuning for Mixture-of-Experts</a>.
 *
 * <p>Formula, for K domains, with o_i the shares of domain i's tokens that each expert of a layer
 * gets, step size eta and smoothing c:
 *
 * <pre>
 * Delta_i = mean_j |o_i - o_j|                 j = i included
 * alpha   = softmax(log w_{t-1} + eta Delta)   w_0 uniform, or the mixture in force
 * w_t     = (1 - c) alpha + c / K
 * </pre>
 *
 * <p>o_i is counted over a few samples of each domain, drawn once and kept: of the pool, or of a
 * held-out set where one was added. Padding is not counted. A domain of which nothing is counted
 * has uniform o_i. One domain gets everything.
 *
 * <p>Needs: a model with experts ({@link org.dataflex.model.RoutedBlock}); {@link Stateful}: w and
 * the seed of the samples. Cost of an update: one forward pass over the samples.
 *
 * <p>Deviations from the paper: none known. {@link Layers#ALL} and {@link Start#CURRENT} are
 * additions. Given the loads, the authors' code and DataFlex's compute the same.
 */
public final class DynamicMoeMixer implements Mixer, Stateful {

    /** eta of the paper. */
    public static final double STEP_SIZE = 10;

    /** c of the paper. */
    public static final double SMOOTHING = 0.05;

    /** Five batches of four, which the authors' code looks at on each device. */
    public static final long SAMPLES_PER_DOMAIN = 20;

    /** The paper compares at the last layer. */
    public static final Layers LAYERS = Layers.LAST;

    /** The paper starts uniform. */
    public static final Start START = Start.UNIFORM;

    static final String NAME = "dynamic-moe";

    private static final String WEIGHTS = "weights";
    private static final String SAMPLE_SEED = "sampleSeed";

    private final double stepSize;
    private final double smoothing;
    private final long samplesPerDomain;
    private final Layers layers;
    private final Start start;
    private final Map<String, SampleSet> heldOut;

    /** w; null before the first update. */
    private double[] weights;

    /** What the choice of samples follows from; an int, which a state holds exactly. */
    private int sampleSeed;

    DynamicMoeMixer(DynamicMoeMixerBuilder builder) {
        this.stepSize = builder.stepSize;
        this.smoothing = builder.smoothing;
        this.samplesPerDomain = builder.samplesPerDomain;
        this.layers = builder.layers;
        this.start = builder.start;
        this.heldOut = Collections.unmodifiableMap(new LinkedHashMap<>(builder.heldOut));
    }

    /** Makes the paper's mixer with every setting at its default. */
    public DynamicMoeMixer() {
        this(builder());
    }

    /**
     * Starts a mixer.
     *
     * @return a new builder; every setting has a default
     */
    public static DynamicMoeMixerBuilder builder() {
        return new DynamicMoeMixerBuilder();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("stepSize", String.valueOf(stepSize));
        settings.put("smoothing", String.valueOf(smoothing));
        settings.put("samplesPerDomain", String.valueOf(samplesPerDomain));
        settings.put("layers", layers.name().toLowerCase(Locale.ROOT));
        settings.put("start", start.name().toLowerCase(Locale.ROOT));
        if (!heldOut.isEmpty()) {
            settings.put("heldOut", String.join(",", heldOut.keySet()));
        }
        return Collections.unmodifiableMap(settings);
    }

    /** Returns that the loads of the model's experts are compared. */
    @Override
    public Set<Need> needs() {
        return Set.of(Need.EXPERT_LOADS);
    }

    /**
     * Refuses held-out sets of domains that the pool has not.
     *
     * @throws IllegalArgumentException naming them
     */
    @Override
    public void check(CandidatePool pool) {
        TreeSet<String> unknown = new TreeSet<>(heldOut.keySet());
        pool.domains().forEach(domain -> unknown.remove(domain.name()));
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "held-out sets of " + unknown + ", but the pool has " + pool.domains());
        }
    }

    /**
     * Returns the next mixture.
     *
     * @throws org.dataflex.model.UnsupportedModelException if the model has no experts
     * @throws IllegalStateException if a state was restored that has other domains than the pool
     */
    @Override
    public Mixture mix(MixingContext context) {
        List<Domain> domains = context.pool().domains();
        if (domains.size() == 1) {
            return Mixture.of(domains, 1);
        }
        begin(context, domains);
        List<double[][]> loads = new ArrayList<>();
        for (Domain domain : domains) {
            loads.add(context.model().expertLoads(samples(context.pool(), domain)));
        }
        double[] distances =
                layers == Layers.LAST
                        ? RoutingDistances.ofLastLayer(loads)
                        : RoutingDistances.ofAllLayers(loads);
        weights = updated(weights, distances);
        return Mixture.of(domains, weights);
    }

    private void begin(MixingContext context, List<Domain> domains) {
        if (weights == null) {
            weights =
                    start == Start.UNIFORM
                            ? Simplex.uniform(domains.size())
                            : context.current().toArray(domains);
            sampleSeed = context.random().nextInt();
        } else if (weights.length != domains.size()) {
            throw new IllegalStateException(
                    "the state is of "
                            + weights.length
                            + " domains, the pool has "
                            + domains.size()
                            + "; resume with the pool that the state was saved with");
        }
    }

    /** The domain's samples that are looked at, all where there are no more than asked for. */
    private Samples samples(CandidatePool pool, Domain domain) {
        SampleSet set = heldOut.get(domain.name());
        Samples all = set == null ? pool.samples(domain) : Samples.all(set);
        int count = (int) Math.min(samplesPerDomain, all.size());
        if (count == 0) {
            return all;
        }
        long seed = Seeds.mix(sampleSeed, Seeds.of(domain.name()));
        SeededPermutation order = new SeededPermutation(all.size(), seed);
        long[] chosen = new long[count];
        for (int i = 0; i < count; i++) {
            chosen[i] = all.indices().get((int) order.at(i));
        }
        return new Samples(all.source(), SampleIndices.of(chosen));
    }

    private double[] updated(double[] before, double[] distances) {
        double[] logits = new double[before.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = StrictMath.log(before[i]) + stepSize * distances[i];
        }
        return Simplex.mixWithUniform(Simplex.softmax(logits), smoothing);
    }

    @Override
    public Map<String, double[]> saveState() {
        Map<String, double[]> state = new TreeMap<>(); // the same order in every checkpoint
        if (weights != null) {
            state.put(WEIGHTS, weights.clone());
            state.put(SAMPLE_SEED, new double[] {sampleSeed});
        }
        return state;
    }

    /**
     * Takes the place of the mixer that saved a state.
     *
     * @throws IllegalArgumentException if no such mixer can have saved it
     */
    @Override
    public void restoreState(Map<String, double[]> state) {
        if (state.isEmpty()) {
            weights = null;
            return;
        }
        double[] saved = state.get(WEIGHTS);
        double[] seed = state.get(SAMPLE_SEED);
        if (saved == null || seed == null || seed.length != 1) {
            throw new IllegalArgumentException(
                    "the state of a dynamic-moe mixer has 'weights' = %s and 'sampleSeed' = %s"
                                    .formatted(Arrays.toString(saved), Arrays.toString(seed))
                            + "; restore what such a mixer saved");
        }
        weights = saved.clone();
        sampleSeed = (int) seed[0];
    }

    /** Where the use of experts is compared. */
    public enum Layers {
        /** At the last layer with experts. */
        LAST,
        /** At every layer with experts, and Delta is the mean. */
        ALL
    }

    /** What w_0 is. */
    public enum Start {
        /** 1/K each. */
        UNIFORM,
        /** The mixture in force at the first update: the run's initial one. */
        CURRENT
    }
}
