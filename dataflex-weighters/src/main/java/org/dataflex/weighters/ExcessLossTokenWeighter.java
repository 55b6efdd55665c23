package org.dataflex.weighters;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.dataflex.ReferenceLosses;
import org.dataflex.data.CandidatePool;
import org.dataflex.math.TopK;
import org.dataflex.strategy.TokenWeighter;
import org.dataflex.strategy.TokenWeights;
import org.dataflex.strategy.WeightingContext;

/**
 * Trains on those target tokens of a batch that the model is worst at, compared with a reference
 * model.
 *
 * <p>Paper: <a href="https://arxiv.org/abs/2404.07965">Rho-1: Not All Tokens Are What You Need</a>,
 * selective language modelling.
 *
 * <p>Formula, for the N target tokens of a batch with losses l_t, and l_t(ref) of a frozen
 * reference model:
 *
 * <pre>
 * e_t = l_t - l_t(ref)                               the excess loss
 * v_t = 1 if e_t is among the k N largest, else 0    k N is rounded, at least 1
 * L   = sum_t v_t l_t / (k N)
 * </pre>
 *
 * <p>The run is given v_t of mean 1 over the batch's target tokens. With {@code
 * CausalLmLoss.byToken()} and one batch a step the objective is L; with {@code CausalLmLoss} each
 * sample's mean is taken first, the same for samples of equal numbers of tokens. Ties go to the
 * earlier token.
 *
 * <p>Needs: {@link ReferenceLosses} of the run's pool; no state. Cost: O(N log N) a batch and a
 * read of the mapped losses; the reference model is not run.
 *
 * <p>Deviations: a batch is a micro-batch, each with its own k N; only target tokens count in N.
 * The default share is ours to answer for: it was not checked against the paper's text.
 */
public final class ExcessLossTokenWeighter implements TokenWeighter {

    /** The paper's for models of 1 billion parameters as we remember it; 0.7 for those of 7. */
    public static final double SHARE = 0.6;

    static final String NAME = "excess-loss";

    private final ReferenceLosses reference;
    private final double share;

    /**
     * Makes a weighter with {@link #SHARE}.
     *
     * @param reference the reference model's losses; must stay open
     */
    public ExcessLossTokenWeighter(ReferenceLosses reference) {
        this(reference, SHARE);
    }

    /**
     * Makes a weighter.
     *
     * @param reference the reference model's losses; must stay open
     * @param share k, of the target tokens, in (0, 1]
     * @throws IllegalArgumentException if the share is out of range
     */
    public ExcessLossTokenWeighter(ReferenceLosses reference, double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("share = " + share + ", must be in (0, 1]");
        }
        this.reference = Objects.requireNonNull(reference, "reference");
        this.share = share;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("reference", reference.fingerprint());
        settings.put("share", String.valueOf(share));
        return Collections.unmodifiableMap(settings);
    }

    /** Refuses a pool that is not the one the reference losses are of. */
    @Override
    public void check(CandidatePool pool) {
        reference.requireSamples(pool);
    }

    @Override
    public TokenWeights weigh(WeightingContext context) {
        float[][] losses = context.tokenLosses();
        float[][] weights = new float[losses.length][];
        float[] excess = new float[Arrays.stream(losses).mapToInt(own -> own.length).sum()];
        int[] sampleOf = new int[excess.length];
        int[] firstOf = new int[losses.length];
        int n = 0;
        for (int i = 0; i < losses.length; i++) {
            float[] own = reference(context.batch().get(i), losses[i].length);
            weights[i] = new float[own.length];
            firstOf[i] = n;
            for (int t = 0; t < own.length; t++) {
                sampleOf[n] = i;
                excess[n++] = losses[i][t] - own[t];
            }
        }
        int kept = n == 0 ? 0 : (int) Math.max(1, Math.round(share * n));
        for (int token : TopK.largest(excess, kept)) {
            int sample = sampleOf[token];
            weights[sample][token - firstOf[sample]] = 1;
        }
        return TokenWeights.normalized(weights);
    }

    private float[] reference(long sample, int tokens) {
        float[] losses = reference.tokenLosses(sample);
        if (losses.length != tokens) {
            throw new IllegalStateException(
                    "sample %d has %d target tokens, and %d in the reference losses"
                            .formatted(sample, tokens, losses.length));
        }
        return losses;
    }
}
