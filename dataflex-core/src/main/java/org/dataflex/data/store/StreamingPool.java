package org.dataflex.data.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;

/**
 * A candidate pool that grows: samples arrive on a stream as training goes on, and the newest of
 * them are the candidates.
 *
 * <p>Every {@code interval} steps, before the step, what has arrived is taken from the stream, made
 * into tokens and appended to a store. Every sample keeps its position. A selector that is asked
 * then chooses from the newest {@code window} samples; without one, training draws from these. When
 * nothing has arrived, the window stays as it is.
 *
 * <p>The store remembers what arrived at which step. A run that goes on from a checkpoint, and one
 * that starts anew over the same store, sees at every step what was seen there before, and reads
 * the stream only where no run has been yet: equal seeds then give equal bits.
 *
 * <pre>{@code
 * try (StreamingPool pool =
 *         StreamingPool.builder()
 *                 .setTokenizer(tokenizer)
 *                 .setStream(FollowedFiles.of(Path.of("news.jsonl"), DatasetLayout.text("text")))
 *                 .setStore(Path.of("arrived"))
 *                 .setWindow(10_000)
 *                 .setInterval(100)
 *                 .build()) {
 *     trainer.setPool(pool);
 *     ...
 * }
 * }</pre>
 *
 * <p>In memory stay a few numbers for each arrival; tokens are mapped, those of the window and of
 * the samples that are drawn from. A pool serves one run at a time.
 */
public final class StreamingPool implements AutoCloseable {

    /** The one domain of the pool. */
    private static final String DOMAIN = "stream";

    private final StreamingPoolBuilder settings;
    private final ArrivalStore store;
    private final StreamedSamples samples;
    private final CandidatePool pool;

    /** How many of the store's arrivals are in the pool. */
    private int arrived;

    StreamingPool(StreamingPoolBuilder settings) throws IOException {
        this.settings = settings;
        this.store = ArrivalStore.open(settings.store, settings.describeArrivals());
        this.samples = new StreamedSamples(store);
        this.pool = CandidatePool.growing(DOMAIN, samples);
        try {
            arrive(0);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Starts a pool.
     *
     * @return a new builder
     */
    public static StreamingPoolBuilder builder() {
        return new StreamingPoolBuilder();
    }

    /**
     * Returns all samples that have arrived, as one domain.
     *
     * @return the pool, which grows
     */
    public CandidatePool pool() {
        return pool;
    }

    /**
     * Returns the newest samples, from which a selector chooses.
     *
     * @return their positions, at least one
     */
    public SampleIndices window() {
        return SampleIndices.range(Math.max(0, pool.size() - settings.window), pool.size());
    }

    /**
     * Returns how many samples the window has at most.
     *
     * @return at least 1
     */
    public int windowSize() {
        return settings.window;
    }

    /**
     * Returns how many tokens a sample has at most.
     *
     * @return at least 2
     */
    public int maxLength() {
        return settings.cutoffLength;
    }

    /**
     * Describes what the samples and the candidates of every step depend on.
     *
     * @return a text that a run shares with the run it goes on from
     */
    public String describe() {
        return settings.describeArrivals() + " window=" + settings.window;
    }

    /**
     * Goes back to what a run had seen when it had made some updates; the trainer calls it when it
     * begins.
     *
     * @param step updates made
     */
    public void rewind(long step) {
        samples.clear();
        arrived = 0;
        while (arrived < store.size() && (arrived == 0 || store.get(arrived).step() < step)) {
            samples.add(store.get(arrived++));
        }
    }

    /**
     * Takes what has arrived, if it is due; the trainer calls it before every step.
     *
     * @param step updates made
     * @return how many samples are new; -1 if it was not due
     * @throws IOException if the stream cannot be read, a row is no sample, or the store cannot be
     *     written or is damaged
     */
    public long advance(long step) throws IOException {
        boolean isTaken = arrived > 0 && store.get(arrived - 1).step() >= step;
        return isTaken || step % settings.interval != 0 ? -1 : arrive(step);
    }

    private long arrive(long step) throws IOException {
        Arrival arrival = arrived < store.size() ? store.get(arrived) : take(step);
        if (arrival.step() != step) {
            throw new IOException(
                    "the store %s tells what arrived at step %d, and none at step %d; take another store and another run directory"
                            .formatted(settings.store, arrival.step(), step));
        }
        samples.add(arrival);
        arrived++;
        samples.release(window().get(0));
        return arrival.tally().samples();
    }

    private Arrival take(long step) throws IOException {
        int wanted = store.size() == 0 ? settings.firstSamples : 1;
        Intake intake = new Intake(settings, store.position()).take(wanted);
        if (store.size() == 0 && intake.samples() < wanted) {
            throw new IOException(
                    ("of the %d samples that training begins with, %d arrived within %s on stream"
                                    + " '%s'; start when there are more, or raise optPatience")
                            .formatted(
                                    wanted,
                                    intake.samples(),
                                    settings.patience,
                                    settings.stream.name()));
        }
        return store.append(step, intake.rows(), settings.invalid, intake.position());
    }

    /** How many arrivals are mapped into memory. */
    int mapped() {
        return samples.mapped();
    }

    /** Closes all files; the stream stays the caller's. */
    @Override
    public void close() {
        samples.close();
        try {
            store.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
