package org.dataflex.data.store;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import ai.djl.util.Progress;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.dataflex.checkpoint.AtomicDirectory;
import org.dataflex.data.format.DatasetFile;
import org.dataflex.data.format.SampleReader;
import org.dataflex.math.Sha256;

/**
 * A directory of datasets that were tokenised before.
 *
 * <p>An entry is a directory {@code NAME-KEY}; the key is a hash of the content of the files, of
 * their layout, the tokenizer, the template and all settings. It comes into being whole or not at
 * all. Of several threads or processes that want an entry of the same directory, one makes it and
 * the others wait.
 */
final class TokenStore {

    private static final String VERSION = "1";
    private static final int KEY_DIGITS = 16;

    /** One object a directory: a file is locked for a process, not for a thread. */
    private static final Map<Path, Object> LOCKS = new ConcurrentHashMap<>();

    /**
     * How a dataset is read.
     *
     * @param encoding how samples become sequences
     * @param maxRows how many rows are read at most
     * @param invalid what becomes of rows that are no samples
     * @param threads how many encode
     */
    record Reading(SampleEncoding encoding, long maxRows, Invalid invalid, int threads) {}

    private final Path directory;
    private final Progress progress;
    private final Map<Path, String> fileHashes = new LinkedHashMap<>();

    TokenStore(Path directory, Progress progress) {
        this.directory = directory;
        this.progress = progress;
    }

    /** Opens the entry of a dataset; makes it first if there is none. */
    StoredSamples open(DatasetFile dataset, Reading reading) throws IOException {
        Files.createDirectories(directory);
        List<SourceHashes.Known> sources = hash(dataset.files());
        Path entry = directory.resolve(name(dataset) + "-" + key(dataset, sources, reading));
        synchronized (LOCKS.computeIfAbsent(directory.toRealPath(), path -> new Object())) {
            makeIfMissing(entry, dataset, sources, reading);
        }
        return StoredSamples.open(entry);
    }

    private void makeIfMissing(
            Path entry, DatasetFile dataset, List<SourceHashes.Known> sources, Reading reading)
            throws IOException {
        if (!Files.isDirectory(entry)) {
            try (FileChannel lock = FileChannel.open(directory.resolve(".lock"), CREATE, WRITE)) {
                lock.lock(); // until it is closed
                if (!Files.isDirectory(entry)) {
                    make(entry, dataset, sources, reading);
                }
            }
        }
    }

    private List<SourceHashes.Known> hash(List<Path> files) throws IOException {
        SourceHashes hashes = SourceHashes.open(directory.resolve("sources.json"));
        List<SourceHashes.Known> known = new ArrayList<>();
        for (Path file : files) {
            known.add(hashes.of(file));
            fileHashes.put(file, known.get(known.size() - 1).sha256());
        }
        hashes.save();
        return known;
    }

    /** The SHA-256 of each file of the datasets that were opened. */
    Map<Path, String> sources() {
        return fileHashes;
    }

    private static String name(DatasetFile dataset) {
        return dataset.name().replaceAll("[^A-Za-z0-9._-]", "_");
    }

    private static String key(
            DatasetFile dataset, List<SourceHashes.Known> sources, Reading reading) {
        String all =
                String.join(
                        " | ",
                        VERSION,
                        sources.stream().map(SourceHashes.Known::sha256).toList().toString(),
                        dataset.layout().toString(),
                        reading.encoding().fingerprint(),
                        reading.maxRows() + " " + reading.invalid());
        return Sha256.of(all.getBytes(StandardCharsets.UTF_8)).substring(0, KEY_DIGITS);
    }

    private void make(
            Path entry, DatasetFile dataset, List<SourceHashes.Known> sources, Reading reading)
            throws IOException {
        long bytes = sources.stream().mapToLong(SourceHashes.Known::size).sum();
        progress.reset("tokenising " + dataset.name(), bytes);
        progress.start(0);
        new AtomicDirectory(entry, "a stored dataset", file -> true)
                .save(draft -> write(draft, dataset, sources, reading));
        progress.update(bytes);
        progress.end();
    }

    private void write(
            Path draft, DatasetFile dataset, List<SourceHashes.Known> sources, Reading reading)
            throws IOException {
        try (StoredSamples.Writer writer = new StoredSamples.Writer(draft, reading.invalid());
                SampleReader reader = SampleReader.open(dataset)) {
            new Tokenization(reading.encoding(), reading.threads())
                    .run(reader, reading.maxRows(), progress, writer);
            for (int i = 0; i < sources.size(); i++) {
                requireUnchanged(dataset.files().get(i), sources.get(i));
            }
            writer.finish();
        }
    }

    private static void requireUnchanged(Path file, SourceHashes.Known before) throws IOException {
        if (!before.isOf(SourceHashes.attributes(file))) {
            throw new IOException(
                    file + " was changed while it was read; start again when it is complete");
        }
    }
}
