package org.dataflex;

import ai.djl.Model;
import ai.djl.metric.Metrics;
import ai.djl.training.TrainingConfig;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleSet;
import org.dataflex.data.store.StreamingPool;
import org.dataflex.event.TrainingEvent;
import org.dataflex.internal.RunSettings;
import org.dataflex.internal.Scheduled;
import org.dataflex.internal.TrainingLoop;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.TokenWeighter;
import org.dataflex.strategy.Weighter;

/**
 * Trains a DJL model on data that strategies choose, mix and weigh as it learns.
 *
 * <pre>
 * restore the newest checkpoint, or start
 * for each step:
 *     if due:  a streaming pool grows by what has arrived
 *     if due:  mixture   = mixer.mix(...)           between steps, on the live model
 *     if due:  selection = selector.select(...)
 *     if due:  weighter.refresh(...), tokenWeighter.refresh(...)
 *     for each micro-batch of the step's rows:
 *         losses  = per-sample loss of the forward pass, and of its tokens
 *         weights = weighter.weigh(losses, ...), and of the tokens: tokenWeighter.weigh(losses, ...)
 *         backward( sum(weights * losses of the weighed tokens) / rows of the step )
 *     clip gradients by their global norm; optimizer step
 *     publish events; validate and save a checkpoint if due
 * </pre>
 *
 * <p>The mixer fixes each domain's share of a step's rows, the selector which samples of a domain
 * may be drawn, the weighter how much each drawn sample's loss counts, the token weighter how much
 * that of each of its tokens. Without strategies the trainer does what a plain DJL loop over the
 * same batches does, bit for bit.
 *
 * <p>Equal settings and seed give equal bits on the same machine, also after a resume. The engine's
 * own randomness (dropout, initialization) is seeded from the run's seed at every step.
 */
public final class DynamicTrainer implements AutoCloseable {

    private final TrainingLoop loop;

    private DynamicTrainer(TrainingLoop loop) {
        this.loop = loop;
    }

    /**
     * Starts a trainer's configuration; {@code set} is required, {@code opt} and {@code add}
     * optional, {@code on} listens.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Trains until all steps have been made; steps of a checkpoint in the run directory count.
     *
     * @return what happened
     * @throws IOException if samples cannot be read, or a checkpoint cannot be read or written, or
     *     is of a later step than the last of this run
     * @throws TranslateException if a sample cannot be processed
     * @throws org.dataflex.strategy.StrategyException if a strategy fails or breaks its contract
     * @throws ai.djl.TrainingDivergedException if a loss of training or of a validation set, or a
     *     parameter that is to be kept, is not finite; the message names the last good checkpoint
     */
    public TrainingReport fit() throws IOException, TranslateException {
        return loop.run();
    }

    /** Asks {@link #fit} to end after the step in progress; callable from any thread. */
    public void stop() {
        loop.stop();
    }

    /**
     * Frees the trainer's native memory, the optimizer's moments included; the model stays open and
     * belongs to the caller.
     */
    @Override
    public void close() {
        loop.close();
    }

    /** Configures a {@link DynamicTrainer}. */
    public static final class Builder {

        private final RunSettings settings = new RunSettings();
        private boolean built;

        private Builder() {}

        /**
         * Sets the model.
         *
         * @param model with a block; parameters that are not initialized yet are, by the run's seed
         * @return this
         */
        public Builder setModel(Model model) {
            settings.model = model;
            return this;
        }

        /**
         * Sets DJL's own settings: loss, optimizer, device, listeners, evaluators.
         *
         * @param config with a {@link org.dataflex.loss.PerSampleLoss} if there are strategies, and
         *     one device
         * @return this
         */
        public Builder setTrainingConfig(TrainingConfig config) {
            settings.config = config;
            return this;
        }

        /**
         * Sets the samples to train on.
         *
         * @param pool the pool
         * @return this
         */
        public Builder setPool(CandidatePool pool) {
            settings.pool = pool;
            settings.stream = null;
            return this;
        }

        /**
         * Sets a stream to train on; in place of a pool that is known before.
         *
         * @param stream the streaming pool; it takes what has arrived before every step at which
         *     that is due, before strategies are asked
         * @return this
         */
        public Builder setPool(StreamingPool stream) {
            settings.pool = stream.pool();
            settings.stream = stream;
            return this;
        }

        /**
         * Sets how long to train.
         *
         * @param steps optimizer updates in all, at least 1
         * @return this
         */
        public Builder setSteps(long steps) {
            settings.steps = steps;
            return this;
        }

        /**
         * Sets the size of a batch.
         *
         * @param samples rows that go through the model together, unless {@link #optTokensPerBatch}
         *     says how many do; at least 1
         * @return this
         */
        public Builder setBatchSize(int samples) {
            settings.batchSize = samples;
            return this;
        }

        /**
         * Sets how many batches make one optimizer update; the loss is their samples' mean.
         *
         * @param batches at least 1, default 1
         * @return this
         */
        public Builder optAccumulation(int batches) {
            settings.accumulation = batches;
            return this;
        }

        /**
         * Cuts each step's rows into batches by tokens instead of by count: sorted by length,
         * shorter ones first, as many together as the budget holds.
         *
         * <p>A step still takes batch size x accumulation rows, the same as without, and its
         * gradient is the same but for rounding and dropout: that product is the window in which
         * lengths are sorted. What changes is how much of a batch is padding, how much memory it
         * takes, and which rows a weighter sees together. Validation and strategies' questions go
         * by the budget too, the latter by at least 2,048 tokens.
         *
         * @param tokens the most of a batch, padding counted: its rows times its longest; at least
         *     those of the pool's longest sample; default: batches are by count
         * @return this
         */
        public Builder optTokensPerBatch(int tokens) {
            settings.tokensPerBatch = tokens;
            return this;
        }

        /**
         * Sets the seed of everything random in the run.
         *
         * @param seed default 42
         * @return this
         */
        public Builder optSeed(long seed) {
            settings.seed = seed;
            return this;
        }

        /**
         * Clips gradients by their global norm.
         *
         * @param norm the largest norm of all gradients as one vector, above 0; default infinity
         * @return this
         */
        public Builder optClipNorm(double norm) {
            settings.clipNorm = norm;
            return this;
        }

        /**
         * Sets the selector.
         *
         * @param selector the selector
         * @param schedule when it is asked; before that all samples may be drawn
         * @return this
         */
        public Builder optSelector(Selector selector, UpdateSchedule schedule) {
            settings.selector = new Scheduled<>(selector, schedule);
            return this;
        }

        /**
         * Sets how many samples the selector chooses at each update.
         *
         * @param samples at most the pool's size; default the rows drawn in the selector's
         *     interval, which must not be fewer than those drawn after its last update
         * @return this
         */
        public Builder optSelectionBudget(int samples) {
            settings.selectionBudget = samples;
            return this;
        }

        /**
         * Sets how many candidates the selector sees at each update; they are drawn anew each time.
         * What is scored is what it costs: a limit makes an update over a large pool affordable.
         *
         * @param samples at least the selection budget; default the whole pool
         * @return this
         */
        public Builder optCandidateLimit(int samples) {
            settings.candidateLimit = samples;
            return this;
        }

        /**
         * Sets the mixer.
         *
         * @param mixer the mixer
         * @param schedule when it is asked; before that the initial mixture is in force
         * @return this
         */
        public Builder optMixer(Mixer mixer, UpdateSchedule schedule) {
            settings.mixer = new Scheduled<>(mixer, schedule);
            return this;
        }

        /**
         * Sets the mixture that is in force before the mixer's first answer.
         *
         * @param mixture a proportion for every domain; default each domain's share of the pool
         * @return this
         */
        public Builder optInitialMixture(Mixture mixture) {
            settings.initialMixture = mixture;
            return this;
        }

        /**
         * Sets the weighter.
         *
         * @param weighter the weighter
         * @param schedule from when on it weighs batches, and when it is refreshed
         * @return this
         */
        public Builder optWeighter(Weighter weighter, UpdateSchedule schedule) {
            settings.weighter = new Scheduled<>(weighter, schedule);
            return this;
        }

        /**
         * Sets the token weighter, which goes together with the weighter: their weights multiply.
         *
         * @param weighter the weighter of single tokens
         * @param schedule from when on it weighs batches, and when it is refreshed
         * @return this
         */
        public Builder optTokenWeighter(TokenWeighter weighter, UpdateSchedule schedule) {
            settings.tokenWeighter = new Scheduled<>(weighter, schedule);
            return this;
        }

        /**
         * Adds samples to measure the model by, before the first step, at the validation interval,
         * and at the end.
         *
         * @param name its name in events and report, not yet taken
         * @param samples at least one
         * @return this
         * @throws IllegalArgumentException if the name is taken
         */
        public Builder addValidationSet(String name, SampleSet samples) {
            Objects.requireNonNull(samples, "samples");
            if (settings.validationSets.putIfAbsent(name, samples) != null) {
                throw new IllegalArgumentException("two validation sets are named '" + name + "'");
            }
            return this;
        }

        /**
         * Sets whether a strategy's target sets may share samples with validation sets. What is
         * measured there is then no longer held out.
         *
         * @param allowed default false: shared samples are an error of {@link #build}
         * @return this
         */
        public Builder optTargetOverlap(boolean allowed) {
            settings.targetOverlap = allowed;
            return this;
        }

        /**
         * Sets how often the validation sets are measured.
         *
         * @param steps between two measurements, at least 1; default only at beginning and end
         * @return this
         */
        public Builder optValidationInterval(long steps) {
            settings.validationInterval = steps;
            return this;
        }

        /**
         * Sets where the run leaves its events, selections and checkpoints.
         *
         * @param directory new, empty, or of a run with the same settings, which then goes on from
         *     its newest checkpoint
         * @return this
         */
        public Builder optRunDirectory(Path directory) {
            settings.runDirectory = directory;
            return this;
        }

        /**
         * Saves checkpoints into the run directory, and one at the end.
         *
         * @param steps between two checkpoints, at least 1; default none are saved
         * @return this
         */
        public Builder optCheckpointInterval(long steps) {
            settings.checkpointInterval = steps;
            return this;
        }

        /**
         * Sets how many of the newest checkpoints are kept.
         *
         * @param checkpoints at least 1, default 2
         * @return this
         */
        public Builder optCheckpointsKept(int checkpoints) {
            settings.checkpointsKept = checkpoints;
            return this;
        }

        /**
         * Sets DJL's metrics, which its listeners write to and read from. They grow with every
         * step.
         *
         * @param metrics default none
         * @return this
         */
        public Builder optMetrics(Metrics metrics) {
            settings.metrics = metrics;
            return this;
        }

        /**
         * Listens to one kind of event.
         *
         * @param <E> the kind
         * @param kind its class; {@code TrainingEvent.class} for all
         * @param listener called on the training thread
         * @return this
         */
        public <E extends TrainingEvent> Builder on(Class<E> kind, Consumer<? super E> listener) {
            settings.events.subscribe(kind, listener);
            return this;
        }

        /**
         * Makes the trainer. A builder makes one trainer only.
         *
         * @return the trainer
         * @throws IllegalStateException naming everything that is missing or cannot work, or if a
         *     trainer has been made already
         */
        public DynamicTrainer build() {
            if (built) {
                throw new IllegalStateException(
                        "this builder has made its trainer; start another with"
                                + " DynamicTrainer.builder()");
            }
            DynamicTrainer trainer = new DynamicTrainer(new TrainingLoop(settings));
            built = true;
            return trainer;
        }
    }
}
