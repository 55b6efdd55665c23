package org.dataflex.data.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.dataflex.data.format.DatasetFile;
import org.dataflex.data.format.DatasetLayout;
import org.dataflex.testing.KilledRuns;

/** A preparation in a JVM of its own, which finds the entry made and encodes nothing. */
final class OtherPreparation {

    /** Holds the pool's fingerprint once the preparation is over. */
    static final String DONE = "done";

    private static final String STARTED = "started";
    private static final long POLL_MILLISECONDS = 20;
    private static final long TIME_TO_REACH_THE_LOCK = 300;

    private OtherPreparation() {}

    /** Prepares {@code a.txt} of a directory in its {@code store}. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        Files.createFile(directory.resolve(STARTED));
        try (PreparedData data =
                PreparedData.builder()
                        .setTokenizer(
                                new WatchedEncoder(
                                        new LetterEncoder("letters"),
                                        () -> {
                                            throw new IllegalStateException("made twice");
                                        }))
                        .setStore(directory.resolve("store"))
                        .addDomain(
                                DatasetFile.of(
                                        "a",
                                        directory.resolve("a.txt"),
                                        DatasetLayout.text("text")))
                        .build()) {
            Files.writeString(directory.resolve(DONE), data.pool().fingerprint());
        }
    }

    static CompletableFuture<Integer> start(Path directory) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return KilledRuns.jvm(
                                OtherPreparation.class, List.of(directory.toString()));
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    /** Returns when the other has started and has had time to come to the lock. */
    static void awaitStart(Path directory) {
        try {
            while (!Files.exists(directory.resolve(STARTED))) {
                Thread.sleep(POLL_MILLISECONDS);
            }
            Thread.sleep(TIME_TO_REACH_THE_LOCK);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
