package org.dataflex.internal;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.optimizer.Optimizer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.dataflex.checkpoint.Checkpoint;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.internal.UpdateModelOps.ModelState;
import org.dataflex.math.Seeds;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Pooling;
import org.dataflex.strategy.DomainLosses;
import org.dataflex.strategy.MixingContext;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.StrategyContext;
import org.dataflex.strategy.WeightingContext;

/** What one call of a strategy sees; closing it frees every array that the call asked for. */
class CallContext implements StrategyContext, AutoCloseable {

    private final Call call;
    private final NDManager scope;
    private final ModelOps model;
    private ModelAtCheckpoint shown; // null until a checkpoint is asked for
    private final Map<Path, ModelOps> checkpoints = new HashMap<>();
    private final InputDigest digest = new InputDigest();

    CallContext(Call call) {
        this.call = call;
        this.scope = call.update().scope().newSubManager();
        this.model = ops(call.update().settings().model);
        digest.add(call.step());
    }

    /**
     * One call of a strategy.
     *
     * @param update the update it is part of
     * @param step the step it is made at
     * @param seed of its randomness
     */
    record Call(Update update, long step, long seed) {}

    private ModelOps ops(Model of) {
        boolean isTraining = of == call.update().settings().model;
        Runnable show = isTraining ? this::showModel : () -> {};
        return ops(of, new ModelState(call.update().known(of), show));
    }

    private ModelOps ops(Model of, ModelState state) {
        RunSettings settings = call.update().settings();
        Optimizer optimizer = of == settings.model ? settings.config.getOptimizer() : null;
        DjlModelOps ops =
                new DjlModelOps(
                        of,
                        settings.perSampleLoss(),
                        optimizer,
                        scope,
                        settings.samplesPerQuestion());
        return new UpdateModelOps(ops, digest, call.update(), state);
    }

    InputDigest digest() {
        return digest;
    }

    /** Saves an array until the call ends. */
    final NDArray keep(NDArray array) {
        array.attach(scope);
        return array;
    }

    @Override
    public final long step() {
        return call.step();
    }

    @Override
    public final long totalSteps() {
        return call.update().settings().steps;
    }

    @Override
    public final CandidatePool pool() {
        return call.update().settings().pool;
    }

    @Override
    public final ModelOps model() {
        return model;
    }

    @Override
    public final ModelOps modelAt(Path checkpoint) {
        if (call.update().withinStep()) {
            throw new IllegalStateException(
                    "a checkpoint cannot be looked at within a training step; a weighter does so in"
                            + " refresh");
        }
        return checkpoints.computeIfAbsent(checkpoint, this::opsAt);
    }

    private ModelOps opsAt(Path checkpoint) {
        RunSettings settings = call.update().settings();
        if (shown == null) {
            shown = new ModelAtCheckpoint(settings.model, settings.config.getOptimizer(), scope);
        }
        Checkpoint loaded = shown.load(checkpoint);
        digest.add("checkpoint").add(loaded.step());
        ModelState state =
                new ModelState(new KnownAnswers(settings.pool, scope), () -> shown.show(loaded));
        return ops(settings.model, state);
    }

    /** Makes the model as it is, wherever questions have taken it. */
    private void showModel() {
        if (shown != null) {
            shown.showModel();
        }
    }

    @Override
    public final ModelOps modelOps(Model other) {
        return ops(other);
    }

    @Override
    public final RandomGenerator random() {
        digest.add(call.seed());
        return Seeds.generator(call.seed());
    }

    @Override
    public final void close() {
        try {
            showModel();
        } finally {
            scope.close();
        }
    }

    /** What a selector sees. */
    static final class ForSelection extends CallContext implements SelectionContext {

        private final Samples candidates;
        private final int budget;

        ForSelection(Call call, Samples candidates, int budget) {
            super(call);
            this.candidates = candidates;
            this.budget = budget;
            digest().add(candidates.indices()).add(budget);
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

    /** What a mixer sees. */
    static final class ForMixing extends CallContext implements MixingContext {

        private final Mixture current;
        private final List<DomainLosses> observations;

        ForMixing(Call call, Mixture current, List<DomainLosses> observations) {
            super(call);
            this.current = current;
            this.observations = List.copyOf(observations);
            digest().add(current.proportions().toString()).add(observations.toString());
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

    /** What a weighter sees. */
    static final class ForWeighting extends CallContext implements WeightingContext {

        private final SampleIndices batch;
        private final ShownBatch shown;

        ForWeighting(Call call, SampleIndices batch, ShownBatch shown) {
            super(call);
            this.batch = batch;
            this.shown = shown;
            digest().add(batch).add(shown.losses());
        }

        @Override
        public SampleIndices batch() {
            return batch;
        }

        @Override
        public float[] losses() {
            return shown.losses().clone();
        }

        @Override
        public float[][] tokenLosses() {
            float[][] losses = shown.tokens().losses();
            digest().add("token losses");
            for (float[] ofSample : losses) {
                digest().add(ofSample);
            }
            return losses;
        }

        @Override
        public NDArray embeddings(Pooling pooling) {
            digest().add("embeddings " + pooling);
            return keep(shown.embeddings(pooling));
        }
    }
}
