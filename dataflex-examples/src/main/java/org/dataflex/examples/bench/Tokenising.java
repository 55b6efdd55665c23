package org.dataflex.examples.bench;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.dataflex.data.format.DatasetFile;
import org.dataflex.data.format.DatasetLayout;
import org.dataflex.data.store.DatasetTally;
import org.dataflex.data.store.PreparedData;
import org.dataflex.data.store.PreparedDataBuilder;
import org.dataflex.data.store.TooLong;
import org.dataflex.examples.ScratchDirectory;
import org.dataflex.lm.TextTokenizer;

/**
 * How fast texts become stored tokens, and how fast a start finds a million of them again.
 *
 * <p>Compare the first with {@code datasets.map(batched=True, num_proc=2)} and a fast tokenizer on
 * the same files.
 */
public final class Tokenising {

    private static final int MILLION = 1_000_000;

    private Tokenising() {}

    /**
     * Prints a line for each question.
     *
     * @param arguments a directory of JSON lines with {@code text}, a directory with {@code
     *     tokenizer.json}, and how many threads encode (2)
     * @throws IOException if a file cannot be read
     */
    public static void main(String[] arguments) throws IOException {
        DatasetFile texts = texts(Path.of(arguments[0]));
        int threads = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 2;
        try (ScratchDirectory scratch = ScratchDirectory.create("tokens");
                TextTokenizer tokenizer = TextTokenizer.open(Path.of(arguments[1]))) {
            Path directory = scratch.path();
            measure("first, with warming up", builder(tokenizer, directory, threads), texts);
            scratch.empty();
            measure("again, from the files", builder(tokenizer, directory, threads), texts);
            measure("again, from the store", builder(tokenizer, directory, threads), texts);
            DatasetFile million = million(directory.resolve("million.jsonl"));
            measure("a million samples", builder(tokenizer, directory, threads), million);
            measure("again, from the store", builder(tokenizer, directory, threads), million);
        }
    }

    private static PreparedDataBuilder builder(
            TextTokenizer tokenizer, Path directory, int threads) {
        return PreparedData.builder()
                .setTokenizer(tokenizer)
                .setStore(directory.resolve("store"))
                .optTooLong(TooLong.CUT)
                .optThreads(threads);
    }

    private static void measure(String what, PreparedDataBuilder builder, DatasetFile dataset)
            throws IOException {
        long start = System.nanoTime();
        try (PreparedData data = builder.addDomain(dataset).build()) {
            double seconds = (System.nanoTime() - start) / 1e9;
            DatasetTally tally = data.tallies().get(dataset.name());
            long bytes = 0;
            for (Path file : dataset.files()) {
                bytes += Files.size(file);
            }
            System.out.printf(
                    Locale.ROOT,
                    "%-24s %,11d samples %,12d tokens %8.2f s %8.1f MB/s%n",
                    what,
                    data.pool().size(),
                    tally.tokens(),
                    seconds,
                    bytes / 1e6 / seconds);
        }
    }

    private static DatasetFile texts(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> lines =
                    files.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
            return new DatasetFile("texts", lines, DatasetLayout.text("text"));
        }
    }

    private static DatasetFile million(Path file) throws IOException {
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            for (int i = 0; i < MILLION; i++) {
                writer.write("{\"text\": \"This is sample " + i + " of a million.\"}\n");
            }
        }
        return DatasetFile.of("million", file, DatasetLayout.text("text"));
    }
}
