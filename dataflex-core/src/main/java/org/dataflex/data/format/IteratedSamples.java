package org.dataflex.data.format;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * A stream of what an iterator gives.
 *
 * <p>{@code hasNext()} must answer at once: false says that there is nothing new now, and it is
 * asked again at the next reading. A position is the number of samples before it.
 */
public final class IteratedSamples implements SampleStream {

    private final String name;
    private final boolean isText;
    private final LongFunction<? extends Iterator<? extends TextSample>> iteratorFrom;

    /** Null before the first reading. */
    private Iterator<? extends TextSample> iterator;

    private long taken;

    private IteratedSamples(
            String name,
            boolean isText,
            LongFunction<? extends Iterator<? extends TextSample>> iteratorFrom) {
        this.name = Objects.requireNonNull(name, "name");
        this.isText = isText;
        this.iteratorFrom = Objects.requireNonNull(iteratorFrom, "iterator");
    }

    /**
     * Makes a stream of texts, of an iterator that always begins at the same text. A run that goes
     * on skips those that it has taken already.
     *
     * @param name tells this stream from others
     * @param iterator makes the iterator, once a process
     * @return the stream
     */
    public static IteratedSamples texts(
            String name, Supplier<? extends Iterator<String>> iterator) {
        return textsFrom(name, taken -> skip(name, iterator.get(), taken));
    }

    /**
     * Makes a stream of texts, of an iterator that can begin behind those that were taken.
     *
     * @param name tells this stream from others
     * @param iteratorFrom makes the iterator, given how many texts were taken before
     * @return the stream
     */
    public static IteratedSamples textsFrom(
            String name, LongFunction<? extends Iterator<String>> iteratorFrom) {
        return new IteratedSamples(name, true, taken -> new Texts(iteratorFrom.apply(taken)));
    }

    /**
     * Makes a stream of conversations, of an iterator that always begins at the same one. A run
     * that goes on skips those that it has taken already.
     *
     * @param name tells this stream from others
     * @param iterator makes the iterator, once a process
     * @return the stream
     */
    public static IteratedSamples conversations(
            String name, Supplier<? extends Iterator<Conversation>> iterator) {
        return new IteratedSamples(name, false, taken -> skip(name, iterator.get(), taken));
    }

    private static <T> Iterator<T> skip(String name, Iterator<T> iterator, long taken) {
        for (long i = 0; i < taken; i++) {
            if (!iterator.hasNext()) {
                throw new IllegalStateException(
                        "stream '%s' has %d samples, but %d were taken before; let its iterator begin where it began then"
                                .formatted(name, i, taken));
            }
            iterator.next();
        }
        return iterator;
    }

    private record Texts(Iterator<String> texts) implements Iterator<TextSample> {

        @Override
        public boolean hasNext() {
            return texts.hasNext();
        }

        @Override
        public TextSample next() {
            return new PlainText(texts.next());
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean isText() {
        return isText;
    }

    @Override
    public Arrivals read(String after, int limit) throws IOException {
        long position = after.equals(START) ? 0 : Long.parseLong(after);
        if (iterator == null || taken != position) {
            iterator = iteratorFrom.apply(position);
            taken = position;
        }
        List<TextSample> samples = new ArrayList<>();
        List<String> invalid = new ArrayList<>();
        while (samples.size() + invalid.size() < limit && iterator.hasNext()) {
            taken++;
            try {
                samples.add(Objects.requireNonNull(iterator.next(), "the sample"));
            } catch (IllegalArgumentException e) {
                invalid.add("stream '%s' sample %d: %s".formatted(name, taken, e.getMessage()));
            }
        }
        return new Arrivals(samples, invalid, Long.toString(taken));
    }
}
