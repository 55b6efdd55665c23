package org.dataflex.selectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.Projection;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;

/**
 * Chooses one candidate after the other, each the one that lowers the loss of target samples most
 * given those chosen before: greedy Taylor selection in the spirit of GREATS.
 *
 * <p>Formula: with g_z the gradient of candidate z, g the mean gradient of the target samples, and
 * S what is chosen so far, a step along -eta sum of g_s lowers the target loss, to second order and
 * with the identity in the place of its Hessian, by
 *
 * <pre>
 * gain(z | S) = eta g_z . g - eta^2 g_z . (sum over s in S of g_s)
 * </pre>
 *
 * <p>more if z is added. The first term asks where the targets point, the second avoids what S does
 * already. Ties go to the lower position. The score of a candidate is its gain when it was chosen,
 * or after the last choice; of one whose gradient is not finite -infinity.
 *
 * <p>Meant for a few hundred candidates: a batch that is drawn larger than needed ({@code
 * DynamicTrainer.Builder.optCandidateLimit}) at every step or every few steps.
 *
 * <p>Needs: the model in training, target samples; no state. Cost: the gradient of every candidate
 * and target sample an update, projected to k values; n k budget multiplications; 4 (n + max(n,
 * 2M)) k bytes for M target samples.
 *
 * <p>Deviations from the paper: inner products of projected gradients, not of whole ones layer by
 * layer, so each has a standard error of about |g_z| |g_s| / sqrt(k); {@link Projection.Identity}
 * makes them exact. The constant -eta^2 |g_z|^2 / 2 of z alone is left out, as in the formula.
 *
 * @see <a href="https://openreview.net/forum?id=232VcN8tSx">Wang, Wu, Song, Mittal, Jia: GREATS:
 *     Online Selection of High-Quality Data for LLM Training in Every Iteration, NeurIPS 2024</a>
 */
public final class GreatsSelector implements Selector {

    /** Standard errors of 1.6 % at 16 KB a candidate, for one addition a parameter. */
    public static final Projection PROJECTION = new Projection.CountSketch(4_096, 42);

    /** Every trainable parameter. */
    public static final String PARAMETERS = "";

    static final String NAME = "greats";

    /** Gradients that are asked for at a time. */
    private static final int CHUNK_SIZE = 64;

    private final String targetName;
    private final SampleSet targets;
    private final double learningRate;
    private final Projection projection;
    private final Pattern parameters;

    private GreatsSelector(Builder builder) {
        this.targetName = builder.targetName;
        this.targets = builder.targets;
        this.learningRate = builder.learningRate;
        this.projection = builder.projection;
        this.parameters = builder.parameters;
    }

    /**
     * Starts a selector.
     *
     * @return a new builder; it needs targets and a learning rate
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
        settings.put("learningRate", String.valueOf(learningRate));
        settings.put("projection", projection.toString());
        settings.put("parameters", parameters.pattern());
        return Collections.unmodifiableMap(settings);
    }

    /** Returns the target samples. */
    @Override
    public Map<String, SampleSet> targets() {
        return Map.of(targetName, targets);
    }

    @Override
    public void check(CandidatePool pool) {
        TargetTokens.requireAny(targets());
    }

    @Override
    public void check(Block block) {
        new ParameterNames(parameters).check(block);
    }

    /**
     * Chooses {@code context.budget()} candidates.
     *
     * @throws IllegalStateException if no candidate has a finite gradient, or the mean gradient of
     *     the targets is not finite, or 0
     */
    @Override
    public Selection select(SelectionContext context) {
        Samples candidates = context.candidates();
        try (NDArray gradients = gradients(context.model(), candidates);
                NDArray target = mean(context.model())) {
            GreedyGains gains = new GreedyGains(gradients, target, learningRate);
            int[] chosen = gains.choose(context.budget());
            double[] scores = FiniteScores.lastIfNaN(gains.scores(), "gradient");
            return Selection.of(candidates, scores, chosen);
        }
    }

    /** The projected gradients, [n, k]. */
    private NDArray gradients(ModelOps model, Samples samples) {
        GradientQuery query =
                new GradientQuery(parameters.asPredicate(), projection, new Preconditioner.None());
        NDList chunks = new NDList();
        for (Samples chunk : samples.chunks(CHUNK_SIZE)) {
            chunks.add(model.gradients(chunk, query));
        }
        NDArray all = NDArrays.concat(chunks);
        chunks.close();
        return all;
    }

    /** The mean of the targets' projected gradients, [k, 1]. */
    private NDArray mean(ModelOps model) {
        try (NDArray rows = gradients(model, Samples.all(targets));
                NDArray mean = rows.mean(new int[] {0})) {
            boolean isZero = true;
            for (float value : mean.toFloatArray()) {
                isZero &= value == 0;
                if (!Float.isFinite(value)) {
                    throw new IllegalStateException(
                            "the gradient of a sample of target set '"
                                    + targetName
                                    + "' is not finite; find out why its loss is NaN or infinite");
                }
            }
            if (isZero) {
                throw new IllegalStateException(
                        "the gradient of target set '%s' is 0, so that nothing points towards it; see that it has one at this step over the parameters that are compared, or warm up longer"
                                .formatted(targetName));
            }
            return mean.reshape(new Shape(-1, 1));
        }
    }

    /** Collects the settings of a {@link GreatsSelector}. */
    public static final class Builder {

        private String targetName;
        private SampleSet targets;
        private double learningRate;
        private Projection projection = PROJECTION;
        private Pattern parameters = Pattern.compile(PARAMETERS);

        private Builder() {}

        /**
         * Sets the samples whose loss is to fall.
         *
         * @param name the set's name
         * @param samples at least one; not those that a validation set measures by
         * @return this
         */
        public Builder setTargets(String name, SampleSet samples) {
            this.targetName = Objects.requireNonNull(name, "name");
            this.targets = Objects.requireNonNull(samples, "samples");
            return this;
        }

        /**
         * Sets eta, what a step multiplies the gradient of one of its samples by: the optimizer's
         * rate over the rows of a step. The larger, the more diverse the selection.
         *
         * @param learningRate finite, above 0
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder setLearningRate(double learningRate) {
            if (!(learningRate > 0 && learningRate <= Double.MAX_VALUE)) {
                throw new IllegalArgumentException(
                        "learningRate = " + learningRate + ", must be finite and above 0");
            }
            this.learningRate = learningRate;
            return this;
        }

        /**
         * Sets how gradients are made small enough to keep those of all candidates.
         *
         * @param projection by default {@link #PROJECTION}
         * @return this
         */
        public Builder optProjection(Projection projection) {
            this.projection = Objects.requireNonNull(projection, "projection");
            return this;
        }

        /**
         * Sets which trainable parameters gradients are taken over.
         *
         * @param names found in the names that {@code Block.getParameters} gives them; by default
         *     all are
         * @return this
         */
        public Builder optParameters(Pattern names) {
            this.parameters = Objects.requireNonNull(names, "names");
            return this;
        }

        /**
         * Makes the selector.
         *
         * @return a new selector
         * @throws IllegalStateException if targets or learning rate are missing
         */
        public GreatsSelector build() {
            if (targets == null) {
                throw new IllegalStateException("no target samples; call setTargets");
            }
            if (learningRate == 0) {
                throw new IllegalStateException(
                        "no learning rate; call setLearningRate with the optimizer's rate over the"
                                + " rows of a step");
            }
            return new GreatsSelector(this);
        }
    }
}
