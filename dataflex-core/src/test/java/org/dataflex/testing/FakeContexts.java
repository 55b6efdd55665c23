package org.dataflex.testing;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.math.Seeds;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Pooling;
import org.dataflex.model.UnsupportedModelException;
import org.dataflex.strategy.DomainLosses;
import org.dataflex.strategy.MixingContext;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.StrategyContext;
import org.dataflex.strategy.WeightingContext;

/**
 * Makes the contexts that a strategy sees, without a run.
 *
 * <p>Immutable: every {@code with} returns a copy. Randomness follows from seed, step and the first
 * candidate alone, and starts anew in every context.
 */
public final class FakeContexts {

    private static final long SEED = 7;
    private static final long TOTAL_STEPS = 1_000;

    private final CandidatePool pool;
    private final long seed;
    private final long step;
    private final ModelOps model;
    private final Map<Path, ModelOps> checkpoints;

    private FakeContexts(
            CandidatePool pool,
            long seed,
            long step,
            ModelOps model,
            Map<Path, ModelOps> checkpoints) {
        this.pool = pool;
        this.seed = seed;
        this.step = step;
        this.model = model;
        this.checkpoints = checkpoints;
    }

    /**
     * Starts with seed 7, step 0 and no model.
     *
     * @param pool the pool
     * @return the factory
     */
    public static FakeContexts of(CandidatePool pool) {
        return new FakeContexts(pool, SEED, 0, null, Map.of());
    }

    /**
     * Sets the run's seed.
     *
     * @param newSeed the seed
     * @return a copy
     */
    public FakeContexts withSeed(long newSeed) {
        return new FakeContexts(pool, newSeed, step, model, checkpoints);
    }

    /**
     * Sets the number of optimizer updates made so far.
     *
     * @param newStep the step
     * @return a copy
     */
    public FakeContexts atStep(long newStep) {
        return new FakeContexts(pool, seed, newStep, model, checkpoints);
    }

    /**
     * Sets the model in training; without one, a strategy that asks for it fails.
     *
     * @param newModel its facade
     * @return a copy
     */
    public FakeContexts withModel(ModelOps newModel) {
        return new FakeContexts(pool, seed, step, newModel, checkpoints);
    }

    /**
     * Sets what the model is as of checkpoints.
     *
     * @param newCheckpoints a facade for each directory
     * @return a copy
     */
    public FakeContexts withCheckpoints(Map<Path, ModelOps> newCheckpoints) {
        return new FakeContexts(pool, seed, step, model, Map.copyOf(newCheckpoints));
    }

    /**
     * Makes a selector's context over the whole pool.
     *
     * @param budget how many to choose
     * @return the context
     */
    public SelectionContext selection(int budget) {
        return selection(Samples.all(pool), budget);
    }

    /**
     * Makes a selector's context.
     *
     * @param candidates what to choose from
     * @param budget how many to choose
     * @return the context
     */
    public SelectionContext selection(Samples candidates, int budget) {
        return new Selecting(this, candidates, budget);
    }

    /**
     * Makes a mixer's context.
     *
     * @param current the mixture in force
     * @param observations what training showed since the last update
     * @return the context
     */
    public MixingContext mixing(Mixture current, DomainLosses... observations) {
        return new Mixing(this, current, List.of(observations));
    }

    /**
     * Makes a weighter's context; the batch is the pool's first samples.
     *
     * @param losses a loss for each sample of the batch. Not copied, so that a test can tell
     *     whether the weighter changed them
     * @return the context
     */
    public WeightingContext weighting(float... losses) {
        return new Weighting(this, SampleIndices.range(0, losses.length), losses, null);
    }

    /**
     * Makes a token weighter's context; the batch is the pool's first samples, their losses are the
     * means of their tokens'.
     *
     * @param tokenLosses for each sample of the batch the losses of its target tokens. Not copied,
     *     so that a test can tell whether the weighter changed them
     * @return the context
     */
    public WeightingContext weightingTokens(float[]... tokenLosses) {
        float[] means = new float[tokenLosses.length];
        for (int i = 0; i < means.length; i++) {
            for (float loss : tokenLosses[i]) {
                means[i] += loss / tokenLosses[i].length;
            }
        }
        return new Weighting(this, SampleIndices.range(0, means.length), means, tokenLosses);
    }

    /**
     * Makes the context of {@code Weighter.refresh}.
     *
     * @return the context
     */
    public StrategyContext refreshing() {
        return new Weighting(this, SampleIndices.of(), new float[0], null);
    }

    private abstract static class Context implements StrategyContext {

        private final FakeContexts made;
        private final RandomGenerator random;

        Context(FakeContexts made, long part) {
            this.made = made;
            this.random = Seeds.generator(made.seed, made.step, part);
        }

        @Override
        public long step() {
            return made.step;
        }

        @Override
        public long totalSteps() {
            return TOTAL_STEPS;
        }

        @Override
        public CandidatePool pool() {
            return made.pool;
        }

        @Override
        public ModelOps model() {
            if (made.model == null) {
                throw new UnsupportedOperationException("no model was given to FakeContexts");
            }
            return made.model;
        }

        @Override
        public ModelOps modelAt(Path checkpoint) {
            ModelOps at = made.checkpoints.get(checkpoint);
            if (at == null) {
                throw new UnsupportedOperationException(
                        "FakeContexts was given no checkpoint " + checkpoint);
            }
            return at;
        }

        @Override
        public ModelOps modelOps(Model other) {
            throw new UnsupportedOperationException("FakeContexts knows one model only");
        }

        @Override
        public RandomGenerator random() {
            return random;
        }
    }

    private static final class Selecting extends Context implements SelectionContext {

        private final Samples candidates;
        private final int budget;

        Selecting(FakeContexts made, Samples candidates, int budget) {
            super(made, candidates.indices().get(0));
            this.candidates = candidates;
            this.budget = budget;
        }

        @Override
        public Samples candidates() {
            return candidates;
        }

        @Override
        public int budget() {
            return budget;
        }
    }

    private static final class Mixing extends Context implements MixingContext {

        private final Mixture current;
        private final List<DomainLosses> observations;

        Mixing(FakeContexts made, Mixture current, List<DomainLosses> observations) {
            super(made, 0);
            this.current = current;
            this.observations = observations;
        }

        @Override
        public Mixture current() {
            return current;
        }

        @Override
        public List<DomainLosses> observations() {
            return observations;
        }
    }

    private static final class Weighting extends Context implements WeightingContext {

        private final SampleIndices batch;
        private final float[] losses;
        private final float[][] tokenLosses;

        Weighting(FakeContexts made, SampleIndices batch, float[] losses, float[][] tokenLosses) {
            super(made, 0);
            this.batch = batch;
            this.losses = losses;
            this.tokenLosses = tokenLosses;
        }

        @Override
        public SampleIndices batch() {
            return batch;
        }

        @Override
        public float[] losses() {
            return losses;
        }

        @Override
        public float[][] tokenLosses() {
            if (tokenLosses == null) {
                throw new UnsupportedModelException("no losses of tokens were given");
            }
            return tokenLosses;
        }

        /** The model's, which is asked about the batch. */
        @Override
        public NDArray embeddings(Pooling pooling) {
            return model().embed(new Samples(pool(), batch), pooling);
        }
    }
}
