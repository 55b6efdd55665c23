package org.dataflex.data.store;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.dataflex.checkpoint.AtomicDirectory;
import org.dataflex.checkpoint.Drafts;
import org.dataflex.checkpoint.JsonFault;
import org.dataflex.data.TokenSequences;
import org.dataflex.data.format.SampleStream;

/**
 * A directory of all that was taken from a stream, step by step.
 *
 * <pre>
 * stream.json       what is taken, and when
 * arrivals.jsonl    an arrival a line, appended
 * step-000000400/   the sequences of the arrival at a step
 * </pre>
 *
 * <p>An arrival counts once its line is whole; what a kill left without one is made anew. One
 * process at a time has the directory.
 */
final class ArrivalStore implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DatasetTally NOTHING = new DatasetTally(0, 0, 0, 0, 0, 0, "", 0);

    private final Path directory;
    private final FileChannel lock;
    private final FileChannel journal;
    private final List<Arrival> arrivals = new ArrayList<>();

    private ArrivalStore(Path directory, FileChannel lock, FileChannel journal) {
        this.directory = directory;
        this.lock = lock;
        this.journal = journal;
    }

    /** Opens a store of what {@code settings} describe; makes it first if there is none. */
    static ArrivalStore open(Path directory, Map<String, String> settings) throws IOException {
        Files.createDirectories(directory);
        FileChannel lock = lock(directory);
        try {
            requireSame(directory, settings);
            return open(directory, lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static ArrivalStore open(Path directory, FileChannel lock) throws IOException {
        Path file = directory.resolve("arrivals.jsonl");
        FileChannel journal = FileChannel.open(file, CREATE, WRITE);
        try {
            ArrivalStore store = new ArrivalStore(directory, lock, journal);
            store.readJournal(file);
            return store;
        } catch (IOException | RuntimeException e) {
            journal.close();
            throw e;
        }
    }

    private static FileChannel lock(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(directory.resolve(".lock"), CREATE, WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) { // this process has it
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new IOException(
                    "the store "
                            + directory
                            + " is in use by another streaming pool; close that, or choose another"
                            + " directory");
        }
        return channel;
    }

    private static void requireSame(Path directory, Map<String, String> settings)
            throws IOException {
        Path file = directory.resolve("stream.json");
        if (!Files.exists(file)) {
            new Drafts(directory, Drafts::open).addJson("stream.json", settings).save();
            return;
        }
        Map<String, String> there =
                JSON.readValue(
                        file.toFile(), new TypeReference<LinkedHashMap<String, String>>() {});
        List<String> differences = new ArrayList<>();
        settings.forEach(
                (key, here) -> {
                    if (!Objects.equals(there.get(key), here)) {
                        differences.add(key + " was " + there.get(key) + " and is " + here);
                    }
                });
        if (!differences.isEmpty()) {
            throw new IOException(
                    "the store "
                            + directory
                            + " is of another stream: "
                            + String.join("; ", differences)
                            + "; choose another directory, or the same settings");
        }
    }

    /** Reads all whole lines, and cuts off what a kill left of another. */
    private void readJournal(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int start = 0;
        for (int end = 0; end < bytes.length; end++) {
            if (bytes[end] == '\n') {
                String line = new String(bytes, start, end - start, StandardCharsets.UTF_8);
                try {
                    add(JSON.readValue(line, Arrival.class));
                } catch (JsonProcessingException e) {
                    throw new IOException(
                            "%s is damaged at line %d: %s; take another store, and another run directory"
                                    .formatted(file, size() + 1, JsonFault.of(e)),
                            e);
                }
                start = end + 1;
            }
        }
        journal.truncate(start).position(start);
    }

    private void add(Arrival arrival) {
        int last = size() - 1;
        if (last >= 0) {
            arrivals.set(last, arrivals.get(last).withoutPosition());
        }
        arrivals.add(arrival);
    }

    /** How many arrivals there are, empty ones included. */
    int size() {
        return arrivals.size();
    }

    /** An arrival, in the order of steps; without the position unless it is the last. */
    Arrival get(int number) {
        return arrivals.get(number);
    }

    /** Where the stream goes on behind the last arrival. */
    String position() {
        return size() == 0 ? SampleStream.START : get(size() - 1).position();
    }

    /** Keeps an arrival: it is on the disk when this returns. */
    Arrival append(long step, List<Tokenization.Row> rows, Invalid invalid, String position)
            throws IOException {
        Arrival arrival =
                rows.isEmpty()
                        ? new Arrival(step, "", NOTHING, position)
                        : write(step, rows, invalid, position);
        ByteBuffer line =
                ByteBuffer.wrap(
                        (JSON.writeValueAsString(arrival) + "\n").getBytes(StandardCharsets.UTF_8));
        while (line.hasRemaining()) {
            journal.write(line);
        }
        journal.force(true);
        add(arrival);
        return arrival;
    }

    private Arrival write(long step, List<Tokenization.Row> rows, Invalid invalid, String position)
            throws IOException {
        new AtomicDirectory(directory(step), "an arrival", file -> true)
                .save(
                        draft -> {
                            try (StoredSamples.Writer writer =
                                    new StoredSamples.Writer(draft, invalid)) {
                                for (Tokenization.Row row : rows) {
                                    writer.take(row);
                                }
                                writer.finish();
                            }
                        });
        StoredSamples stored = StoredSamples.open(directory(step));
        try (TokenSequences tokens = stored.tokens()) {
            return new Arrival(step, tokens.fingerprint(), stored.tally(), position);
        }
    }

    /** Opens the sequences of an arrival. */
    TokenSequences open(Arrival arrival) throws IOException {
        Path directory = directory(arrival.step());
        TokenSequences tokens = TokenSequences.open(directory.resolve(StoredSamples.TOKENS));
        if (!tokens.fingerprint().equals(arrival.fingerprint())) {
            tokens.close();
            throw new IOException(
                    "%s holds other samples than arrived, %s instead of %s; put back what was there, or take another store and another run directory"
                            .formatted(directory, tokens.fingerprint(), arrival.fingerprint()));
        }
        return tokens;
    }

    private Path directory(long step) {
        return directory.resolve("step-%09d".formatted(step));
    }

    @Override
    public void close() throws IOException {
        try (lock) {
            journal.close();
        }
    }
}
