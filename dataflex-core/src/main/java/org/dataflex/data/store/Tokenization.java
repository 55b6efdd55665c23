package org.dataflex.data.store;

import ai.djl.util.Progress;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.dataflex.data.format.InvalidSampleException;
import org.dataflex.data.format.SampleReader;
import org.dataflex.data.format.SampleReader.Placed;
import org.dataflex.data.format.TextSample;
import org.dataflex.data.store.SampleEncoding.Encoded;

/**
 * Reads samples, encodes them on several threads and hands on what they became, in the order in
 * which they were read.
 */
final class Tokenization {

    /** Characters that one task encodes, about. */
    private static final int TASK_CHARACTERS = 1 << 16;

    /** Takes what a row became; called in the order of the rows. */
    @FunctionalInterface
    interface Sink {
        void take(Row row) throws IOException;
    }

    /**
     * What a row became.
     *
     * @param number its number in the dataset, from 1
     * @param contentHash by which equal samples are found; 0 of an invalid one
     * @param encoded its sequences; null if it is invalid
     * @param error what is wrong with it, or null
     */
    record Row(long number, long contentHash, Encoded encoded, String error) {

        /** What a sample becomes. */
        static Row of(TextSample sample, long number, SampleEncoding encoding) {
            try {
                return new Row(number, sample.contentHash(), encoding.encode(sample), null);
            } catch (IllegalArgumentException e) { // the template cannot express it
                return invalid(number, "row " + number + ": " + e.getMessage());
            }
        }

        static Row invalid(long number, String error) {
            return new Row(number, 0, null, error);
        }
    }

    private final SampleEncoding encoding;
    private final int threads;

    Tokenization(SampleEncoding encoding, int threads) {
        this.encoding = encoding;
        this.threads = threads;
    }

    /** Handles at most {@code maxRows} rows; the progress counts bytes. */
    void run(SampleReader reader, long maxRows, Progress progress, Sink sink) throws IOException {
        ExecutorService workers = Executors.newFixedThreadPool(threads, Tokenization::worker);
        Deque<Future<List<Row>>> running = new ArrayDeque<>();
        try {
            long rows = 0;
            while (rows < maxRows) {
                List<Task> tasks = read(reader, rows, maxRows);
                if (tasks.isEmpty()) {
                    break;
                }
                rows += tasks.size();
                running.add(workers.submit(() -> tasks.stream().map(this::encode).toList()));
                if (running.size() > 2 * threads) {
                    drain(running.remove(), sink);
                    progress.update(reader.bytesRead());
                }
            }
            while (!running.isEmpty()) {
                drain(running.remove(), sink);
            }
        } finally {
            workers.shutdownNow();
        }
    }

    /** A row to encode, or what is wrong with it. */
    private record Task(Placed placed, long row, String error) {}

    private static List<Task> read(SampleReader reader, long done, long maxRows)
            throws IOException {
        List<Task> tasks = new ArrayList<>();
        long characters = 0;
        while (characters < TASK_CHARACTERS && done + tasks.size() < maxRows) {
            long row = done + tasks.size() + 1;
            try {
                Placed placed = reader.next();
                if (placed == null) {
                    break;
                }
                tasks.add(new Task(placed, row, null));
                for (String text : placed.sample().texts()) {
                    characters += text.length();
                }
            } catch (InvalidSampleException e) {
                tasks.add(new Task(null, row, e.getMessage()));
            }
        }
        return tasks;
    }

    private Row encode(Task task) {
        return task.error() != null
                ? Row.invalid(task.row(), task.error())
                : Row.of(task.placed().sample(), task.row(), encoding);
    }

    private static void drain(Future<List<Row>> future, Sink sink) throws IOException {
        try {
            for (Row row : future.get()) {
                sink.take(row);
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IOException("tokenising failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("tokenising was interrupted", e);
        }
    }

    private static Thread worker(Runnable task) {
        Thread thread = new Thread(task, "tokenization");
        thread.setDaemon(true);
        return thread;
    }
}
