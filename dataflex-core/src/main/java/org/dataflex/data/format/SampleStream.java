package org.dataflex.data.format;

import java.io.IOException;
import java.util.List;

/**
 * Samples that arrive without end: whoever reads them asks again and again for what is new.
 *
 * <p>A position is a text that only the stream itself understands. A stream in a new process, given
 * a position that an earlier one told, goes on right behind it.
 */
public interface SampleStream {

    /** The position before the first sample. */
    String START = "";

    /**
     * What has arrived.
     *
     * @param samples the samples, in order
     * @param invalid rows that were no samples: what is wrong with each, and where it stands
     * @param position the position behind them all
     */
    record Arrivals(List<TextSample> samples, List<String> invalid, String position) {

        /** Copies the lists. */
        public Arrivals {
            samples = List.copyOf(samples);
            invalid = List.copyOf(invalid);
        }

        /**
         * Tells whether nothing has arrived.
         *
         * @return whether there are neither samples nor invalid rows
         */
        public boolean isEmpty() {
            return samples.isEmpty() && invalid.isEmpty();
        }
    }

    /**
     * Returns a name that tells this stream from others: what was kept of one is not taken for
     * another's.
     *
     * @return the name, the same in every process
     */
    String name();

    /**
     * Tells whether the samples are texts to pretrain on rather than conversations.
     *
     * @return whether all are {@link PlainText}
     */
    boolean isText();

    /**
     * Reads what has arrived behind a position, without waiting for more.
     *
     * @param after {@link #START}, or a position that an earlier call told
     * @param limit how many samples and invalid rows at most, at least 1
     * @return what has arrived, perhaps nothing
     * @throws IOException if nothing can be read, or what was read before is no longer there
     */
    Arrivals read(String after, int limit) throws IOException;
}
