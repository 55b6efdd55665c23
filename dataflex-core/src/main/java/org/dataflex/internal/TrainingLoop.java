package org.dataflex.internal;

import ai.djl.TrainingDivergedException;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.dataflex.TrainingReport;
import org.dataflex.checkpoint.Checkpoint;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.checkpoint.CheckpointStore;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleIndices;
import org.dataflex.event.EventLog;
import org.dataflex.event.TrainingEvent;
import org.dataflex.event.TrainingEvent.CheckpointSaved;
import org.dataflex.event.TrainingEvent.RunEnded;
import org.dataflex.event.TrainingEvent.RunStarted;
import org.dataflex.event.TrainingEvent.SamplesArrived;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.event.TrainingEvent.Validated;
import org.dataflex.math.Seeds;

/** The training loop: restore or start, then step by step until all steps are made. */
public final class TrainingLoop implements AutoCloseable {

    private static final long INITIALIZATION = Seeds.of("initialization");

    private final RunSettings settings;
    private final Trainer trainer;
    private final RowSampler rows;
    private final StrategyRunner strategies;
    private final StepRunner runner;
    private final Validation validation;
    private final RunState state;
    private final RunDirectory directory;
    private final EventPublisher events;
    private final ReportBuilder report = new ReportBuilder();
    private volatile boolean stopRequested;
    private boolean started;
    private EventLog log;
    private Path lastCheckpoint;
    private long savedStep = -1;
    private long step;

    /**
     * Checks the settings and makes the trainer.
     *
     * @param settings not changed from now on
     * @throws IllegalStateException listing everything wrong
     */
    public TrainingLoop(RunSettings settings) {
        SettingsCheck.requireSound(settings);
        this.settings = settings;
        this.events = settings.events;
        this.directory =
                settings.runDirectory == null
                        ? null
                        : new RunDirectory(settings.runDirectory, settings.describe());
        this.trainer = settings.model.newTrainer(settings.config);
        trainer.setMetrics(settings.metrics);
        this.rows =
                new RowSampler(
                        settings.pool,
                        settings.candidates(),
                        settings.mixer != null,
                        settings.seed);
        this.strategies = new StrategyRunner(settings, trainer.getManager(), rows);
        this.runner = new StepRunner(settings, trainer, strategies);
        this.validation = new Validation(settings, trainer);
        this.state = new RunState(settings, rows, strategies, report);
        events.subscribe(TrainingEvent.class, report::accept);
    }

    /**
     * Trains.
     *
     * @return what happened
     * @throws IOException if samples cannot be read or a checkpoint cannot be read or written
     * @throws TranslateException if a sample cannot be processed
     */
    public TrainingReport run() throws IOException, TranslateException {
        start();
        long first = step;
        boolean completed = false;
        try {
            while (step < settings.steps && !stopRequested) {
                trainStep();
                measureIfDue();
                saveIfDue();
            }
            finish(first);
            completed = step >= settings.steps;
        } catch (TrainingDivergedException e) {
            throw diverged(e);
        } finally {
            events.publish(new RunEnded(step, completed));
        }
        return report.finish(step, completed);
    }

    private void trainStep() throws IOException, TranslateException {
        long begin = System.nanoTime();
        takeArrivals();
        strategies.update(step);
        SampleIndices drawn = rows.next(settings.rowsPerStep(), strategies.mixture(), step);
        StepResult result = runner.run(step, drawn);
        SampleIndices batch = result.rows();
        step++;
        if (result.losses() != null) {
            strategies.observe(step, batch, result.losses());
        }
        Duration elapsed = Duration.ofNanos(System.nanoTime() - begin);
        events.publish(new StepCompleted(step, result.loss(), batch, rowsByDomain(batch), elapsed));
    }

    /** Lets a streaming pool grow by what has arrived, if that is due. */
    private void takeArrivals() throws IOException {
        if (settings.stream == null) {
            return;
        }
        long begin = System.nanoTime();
        long arrived = settings.stream.advance(step);
        if (arrived > 0) {
            rows.replaceCandidates(settings.stream.window(), step);
        }
        if (arrived >= 0) {
            publishArrivals(arrived, Duration.ofNanos(System.nanoTime() - begin));
        }
    }

    private void publishArrivals(long arrived, Duration elapsed) {
        long size = settings.pool.size();
        int window = settings.stream.window().size();
        events.publish(new SamplesArrived(step, arrived, size, window, elapsed));
    }

    private Map<Domain, Integer> rowsByDomain(SampleIndices batch) {
        Map<Domain, Integer> counts = new LinkedHashMap<>();
        settings.pool.domains().forEach(domain -> counts.put(domain, 0));
        batch.stream().forEach(row -> counts.merge(settings.pool.domainOf(row), 1, Integer::sum));
        return counts;
    }

    /** Starts from a checkpoint, or from the beginning; nothing to do if it has been done. */
    private void start() throws IOException, TranslateException {
        if (started) {
            return;
        }
        started = true;
        FreedMemory.keep();
        if (directory != null) {
            directory.create();
            log = directory.openLog();
            events.subscribe(TrainingEvent.class, log);
        }
        if (settings.stream != null) {
            settings.stream.rewind(0);
            rows.replaceCandidates(settings.stream.window(), 0);
        }
        initialize();
        restore();
        events.publish(
                new RunStarted(
                        step,
                        settings.domainSizes(),
                        settings.describe(),
                        RunEnvironment.describe(trainer)));
        if (step == 0) {
            if (settings.stream != null) {
                publishArrivals(settings.pool.size(), Duration.ZERO);
            }
            measure();
        }
    }

    /** Makes the parameters that the model lacks, by the shapes of the pool's first sample. */
    private void initialize() throws IOException, TranslateException {
        trainer.getManager()
                .getEngine()
                .setRandomSeed((int) Seeds.mix(settings.seed, INITIALIZATION));
        try (Batch batch = settings.pool.batch(trainer.getManager(), SampleIndices.of(0))) {
            trainer.initialize(batch.getData().getShapes());
        }
    }

    private void restore() throws IOException {
        if (directory == null) {
            return;
        }
        Optional<Path> newest = checkpoints().newest();
        if (newest.isPresent()) {
            Checkpoint checkpoint = checkpoints().load(newest.get());
            requireNotPast(checkpoint);
            state.restore(checkpoint);
            step = checkpoint.step();
            lastCheckpoint = newest.get();
            savedStep = step;
        }
    }

    private void requireNotPast(Checkpoint checkpoint) throws CheckpointException {
        if (checkpoint.step() > settings.steps) {
            throw new CheckpointException(
                    "steps = %d, but the run directory's newest checkpoint is of step %d; set at least as many, or choose another run directory"
                            .formatted(settings.steps, checkpoint.step()));
        }
    }

    private void measureIfDue() throws IOException, TranslateException {
        if (settings.validationInterval > 0 && step % settings.validationInterval == 0) {
            measure();
        }
    }

    private void measure() throws IOException, TranslateException {
        if (settings.validationSets.isEmpty() || report.hasValidation(step)) {
            return;
        }
        long begin = System.nanoTime();
        Map<String, Double> losses = validation.measure(step);
        Duration elapsed = Duration.ofNanos(System.nanoTime() - begin);
        events.publish(new Validated(step, losses, elapsed));
    }

    private void saveIfDue() throws IOException {
        if (settings.checkpointInterval > 0 && step % settings.checkpointInterval == 0) {
            save();
        }
    }

    private void save() throws IOException {
        if (savedStep == step) {
            return;
        }
        requireFiniteParameters();
        lastCheckpoint = checkpoints().save(state.save(step));
        savedStep = step;
        events.publish(new CheckpointSaved(step, lastCheckpoint));
    }

    private void requireFiniteParameters() {
        FiniteParameters.require(settings.model.getBlock().getParameters(), step);
    }

    private void finish(long first) throws IOException, TranslateException {
        requireFiniteParameters();
        measure();
        if (settings.checkpointInterval > 0) {
            save();
        }
        if (step > first) {
            trainer.notifyListeners(listener -> listener.onEpoch(trainer));
        }
    }

    private CheckpointStore checkpoints() {
        return directory.checkpoints(settings.checkpointsKept);
    }

    private TrainingDivergedException diverged(TrainingDivergedException cause) {
        String mend =
                lastCheckpoint != null
                        ? "; the last good checkpoint is " + lastCheckpoint
                        : "; no checkpoint has been saved, call optCheckpointInterval to have one"
                                + " to go back to";
        return new TrainingDivergedException(cause.getMessage() + mend, cause);
    }

    /** Asks the loop to end after the step in progress; callable from listeners and any thread. */
    public void stop() {
        stopRequested = true;
    }

    /** Frees the trainer's native memory and the optimizer's state; the model stays open. */
    @Override
    public void close() {
        trainer.close();
        state.close();
        FreedMemory.giveBack();
        if (log != null) {
            log.close();
        }
    }
}
