package org.dataflex.data.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.dataflex.data.format.SampleStream;
import org.dataflex.data.format.SampleStream.Arrivals;
import org.dataflex.data.store.Tokenization.Row;

/** Takes what has arrived on a stream, and makes sequences of it. */
final class Intake {

    private static final long POLL_MILLISECONDS = 50;

    private final SampleStream stream;
    private final SampleEncoding encoding;
    private final int limit;
    private final Duration patience;
    private final List<Row> rows = new ArrayList<>();
    private String position;

    Intake(StreamingPoolBuilder settings, String position) {
        this.stream = settings.stream;
        this.encoding = settings.encoding(stream.isText());
        this.limit = settings.limit();
        this.patience = settings.patience;
        this.position = position;
    }

    /**
     * Reads until there are as many samples as are wanted, the limit is reached, or patience is at
     * an end.
     *
     * @param wanted samples that are waited for; more may come
     */
    Intake take(int wanted) throws IOException {
        long begin = System.nanoTime();
        while (true) {
            Arrivals arrived = stream.read(position, limit - rows.size());
            add(arrived);
            if (rows.size() >= limit || samples() >= wanted) {
                return this;
            }
            long left = patience.toNanos() - (System.nanoTime() - begin);
            if (arrived.isEmpty() && left <= 0) {
                return this;
            }
            if (arrived.isEmpty()) {
                sleep(Math.min(POLL_MILLISECONDS, 1 + left / 1_000_000));
            }
        }
    }

    private void add(Arrivals arrived) {
        int first = rows.size() + 1;
        int invalid = arrived.invalid().size();
        for (int i = 0; i < invalid; i++) {
            rows.add(Row.invalid(first + i, arrived.invalid().get(i)));
        }
        IntStream.range(0, arrived.samples().size())
                .parallel()
                .mapToObj(i -> Row.of(arrived.samples().get(i), first + invalid + i, encoding))
                .forEachOrdered(rows::add);
        position = arrived.position();
    }

    private void sleep(long milliseconds) throws IOException {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException)
                    new InterruptedIOException(
                                    "waiting for stream '" + stream.name() + "' was interrupted")
                            .initCause(e);
        }
    }

    /** What the rows became, samples or not. */
    List<Row> rows() {
        return rows;
    }

    long samples() {
        return rows.stream()
                .filter(row -> row.encoded() != null)
                .mapToLong(row -> row.encoded().sequences().size())
                .sum();
    }

    /** The stream's position behind the rows. */
    String position() {
        return position;
    }
}
