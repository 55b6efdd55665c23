package org.dataflex.data.store;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.dataflex.data.format.SampleStream;

/** Collects a stream and settings; makes a {@link StreamingPool}. */
public final class StreamingPoolBuilder extends SequenceBuilder<StreamingPoolBuilder> {

    SampleStream stream;
    int window;
    long interval;
    int firstSamples = 1;
    Duration patience = Duration.ZERO;
    private int limit;

    StreamingPoolBuilder() {}

    @Override
    StreamingPoolBuilder self() {
        return this;
    }

    /**
     * Sets where samples come from.
     *
     * @param stream the stream, read by the training thread only
     * @return this
     */
    public StreamingPoolBuilder setStream(SampleStream stream) {
        this.stream = stream;
        return this;
    }

    /**
     * Sets how many samples are candidates: the newest.
     *
     * @param samples at least 1
     * @return this
     */
    public StreamingPoolBuilder setWindow(int samples) {
        this.window = samples;
        return this;
    }

    /**
     * Sets how often the stream is asked for what is new. A selector sees it at its next update, so
     * that the selector's interval, or a part of it, is a good choice.
     *
     * @param steps between two readings, at least 1
     * @return this
     */
    public StreamingPoolBuilder setInterval(long steps) {
        this.interval = steps;
        return this;
    }

    /**
     * Limits what is read at a time; the rest waits for the next reading.
     *
     * @param rows at most; at least 1, as many as the window has samples by default
     * @return this
     */
    public StreamingPoolBuilder optLimit(int rows) {
        this.limit = rows;
        return this;
    }

    /**
     * Sets how long a reading waits where nothing is new, before training goes on with what there
     * is. It is how long the first reading waits for {@link #optFirstSamples} too.
     *
     * @param patience not negative; zero by default
     * @return this
     */
    public StreamingPoolBuilder optPatience(Duration patience) {
        this.patience = Objects.requireNonNull(patience, "patience");
        return this;
    }

    /**
     * Sets how many samples must have arrived before training begins.
     *
     * @param samples at least 1, which is the default, and at most the limit of a reading
     * @return this
     */
    public StreamingPoolBuilder optFirstSamples(int samples) {
        this.firstSamples = samples;
        return this;
    }

    /**
     * Opens the store, and takes the first samples from the stream if it is new.
     *
     * @return the pool; the caller closes it
     * @throws IOException if the stream cannot be read, too few samples have arrived, a row is no
     *     sample, or the store is of another stream, in use or damaged
     * @throws IllegalArgumentException if a setting is out of range or contradicts another
     * @throws IllegalStateException if something that is needed is not set; the message names all
     */
    public StreamingPool build() throws IOException {
        requireComplete();
        requireInRange();
        return new StreamingPool(this);
    }

    private void requireComplete() {
        List<String> missing = missing();
        if (stream == null) {
            missing.add("setStream");
        } else if (template == null && !stream.isText()) {
            missing.add(TEMPLATE);
        }
        if (window == 0) {
            missing.add("setWindow");
        }
        if (interval == 0) {
            missing.add("setInterval");
        }
        requireNone(missing);
    }

    private void requireInRange() {
        require(window >= 1, "window = " + window + ", must be at least 1");
        require(interval >= 1, "interval = " + interval + ", must be at least 1");
        require(limit >= 0, "limit = " + limit + ", must be at least 1");
        require(!patience.isNegative(), "patience = " + patience + ", must not be negative");
        require(
                firstSamples >= 1 && firstSamples <= limit(),
                "firstSamples = "
                        + firstSamples
                        + ", must be in [1, "
                        + limit()
                        + "]; a reading brings no more rows, see optLimit");
        requireSequencesInRange();
        requireFit(stream.name(), stream.isText());
    }

    int limit() {
        return limit > 0 ? limit : window;
    }

    /** What a store is of; the other settings count for what is yet to arrive only. */
    Map<String, String> describeArrivals() {
        Map<String, String> text = new LinkedHashMap<>();
        text.put("stream", stream.name());
        text.put("sequences", encoding(stream.isText()).fingerprint());
        text.put("interval", Long.toString(interval));
        return text;
    }
}
