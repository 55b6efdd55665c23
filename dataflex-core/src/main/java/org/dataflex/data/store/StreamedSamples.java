package org.dataflex.data.store;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;
import org.dataflex.math.Sha256;

/**
 * All samples that have arrived so far, in the order of their arrival.
 *
 * <p>The sequences of an arrival are mapped when one of them is asked for, and let go of when more
 * arrive and none of them is among the candidates any more.
 */
final class StreamedSamples implements SampleSet {

    private static final int FINGERPRINT_DIGITS = 16;

    private final ArrivalStore store;

    /** Arrivals with samples. */
    private final List<Arrival> arrivals = new ArrayList<>();

    /** ends.get(i) is the position behind the last sample of arrival i. */
    private final List<Long> ends = new ArrayList<>();

    /** Those that are mapped, by number of the arrival. */
    private final NavigableMap<Integer, TokenSequences> open = new TreeMap<>();

    private String hash = "";

    StreamedSamples(ArrivalStore store) {
        this.store = store;
    }

    /** Adds an arrival; candidates are from now on those from a position on. */
    void add(Arrival arrival) {
        if (arrival.tally().samples() > 0) {
            arrivals.add(arrival);
            ends.add(size() + arrival.tally().samples());
            String both = hash + " " + arrival.fingerprint();
            hash = Sha256.of(both.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Takes all arrivals back. */
    void clear() {
        close();
        arrivals.clear();
        ends.clear();
        hash = "";
    }

    /** Lets go of what no position from {@code first} on needs. */
    void release(long first) {
        NavigableMap<Integer, TokenSequences> past = open.headMap(arrivalOf(first), false);
        past.values().forEach(TokenSequences::close);
        past.clear();
    }

    /** How many arrivals are mapped. */
    int mapped() {
        return open.size();
    }

    @Override
    public long size() {
        return ends.isEmpty() ? 0 : ends.get(ends.size() - 1);
    }

    @Override
    public int length(long index) {
        requirePosition(index);
        int arrival = arrivalOf(index);
        return sequences(arrival).length(index - start(arrival));
    }

    @Override
    public Batch batch(NDManager manager, SampleIndices indices)
            throws IOException, TranslateException {
        if (indices.size() == 0) {
            throw new IllegalArgumentException("a batch needs at least one sample");
        }
        indices.stream().forEach(this::requirePosition);
        List<SampleSet> parts = new ArrayList<>();
        TreeMap<Integer, Long> shifts = new TreeMap<>();
        long end = 0;
        for (int arrival :
                indices.stream().mapToInt(this::arrivalOf).distinct().sorted().toArray()) {
            SampleSet part = sequences(arrival);
            parts.add(part);
            shifts.put(arrival, end - start(arrival));
            end += part.size();
        }
        LongStream within = indices.stream().map(i -> i + shifts.get(arrivalOf(i)));
        SampleSet joined = parts.get(0).join(parts.subList(1, parts.size()));
        Batch batch = joined.batch(manager, SampleIndices.of(within.toArray()));
        return new Batch(
                batch.getManager(),
                batch.getData(),
                batch.getLabels(),
                indices.size(),
                null,
                null,
                0,
                0,
                indices.asList());
    }

    /**
     * Tells the content: the hash of all arrivals' fingerprints, one after another, and the number
     * of samples.
     */
    @Override
    public String fingerprint() {
        return hash.substring(0, Math.min(FINGERPRINT_DIGITS, hash.length())) + "-" + size();
    }

    private void requirePosition(long index) {
        if (index < 0 || index >= size()) {
            throw new IndexOutOfBoundsException("position " + index + " of " + size());
        }
    }

    private int arrivalOf(long index) {
        int found = Collections.binarySearch(ends, index);
        return found >= 0 ? found + 1 : -found - 1;
    }

    private long start(int arrival) {
        return arrival == 0 ? 0 : ends.get(arrival - 1);
    }

    private TokenSequences sequences(int arrival) {
        return open.computeIfAbsent(
                arrival,
                number -> {
                    try {
                        return store.open(arrivals.get(number));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e.getMessage(), e);
                    }
                });
    }

    void close() {
        open.values().forEach(TokenSequences::close);
        open.clear();
    }
}
