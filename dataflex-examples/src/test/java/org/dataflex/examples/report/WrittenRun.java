package org.dataflex.examples.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.dataflex.math.Sha256;

/** A run directory written by hand: samples 0 to 5 of the domain a, 6 to 9 of the domain b. */
final class WrittenRun {

    private final Path directory;

    WrittenRun(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
    }

    /** Three steps: a mixture, a selection of a's samples, weights, and held-out losses. */
    static Path whole(Path directory, int seed, double shift) throws IOException {
        WrittenRun run = new WrittenRun(directory).start(0, seed).validated(0, 3 + shift);
        run.mixture(0).selection(0, "5,0.9,1\n1,0.7,1\n0,0.1,0\n2,0.5,0\n", 2);
        run.weights(0, "[5,6]", "[1.5,0.5]").step(1, 2.5 + shift, "[5,6]");
        run.weights(1, "[1,5]", "[0.75,1.25]").step(2, 2.25 + shift, "[1,5]");
        run.step(3, 2 + shift, "[7,8]").validated(3, 1.5 + shift).end(3);
        return directory;
    }

    WrittenRun start(long step, int seed) throws IOException {
        return start(step, seed, "[a, b] [6, 10] 0123");
    }

    WrittenRun start(long step, int seed, String pool) throws IOException {
        return line(
                "{\"event\":\"RunStarted\",\"step\":%d,\"domains\":{\"a\":6,\"b\":4},\"configuration\":{\"pool\":\"%s\",\"seed\":\"%d\",\"selector\":\"loss {x=1}, every 2 steps\",\"mixer\":\"none\"},\"environment\":{\"DJL\":\"0.36.0\"}}",
                step, pool, seed);
    }

    /** The start of a run on a stream, of which some samples have arrived. */
    WrittenRun stream(long step, long size) throws IOException {
        return line(
                "{\"event\":\"RunStarted\",\"step\":%d,\"domains\":{\"stream\":%d},\"configuration\":{\"pool\":\"{stream=s}\"},\"environment\":{}}",
                step, size);
    }

    WrittenRun arrived(long step, long size) throws IOException {
        return line(
                "{\"event\":\"SamplesArrived\",\"step\":%d,\"arrived\":1,\"size\":%d,\"window\":3,\"ms\":1.0}",
                step, size);
    }

    WrittenRun step(long step, double loss, String samples) throws IOException {
        return line(
                "{\"event\":\"StepCompleted\",\"step\":%d,\"loss\":%s,\"ms\":10.0,\"rows\":{\"a\":1,\"b\":1},\"samples\":%s}",
                step, loss, samples);
    }

    WrittenRun validated(long step, double loss) throws IOException {
        return line(
                "{\"event\":\"Validated\",\"step\":%d,\"ms\":5.0,\"losses\":{\"exam\":%s}}",
                step, loss);
    }

    WrittenRun mixture(long step) throws IOException {
        return decision(step, "mixture", "\"proportions\":{\"a\":0.75,\"b\":0.25}");
    }

    WrittenRun weights(long step, String samples, String weights) throws IOException {
        return decision(
                step, "sampleweights", "\"samples\":" + samples + ",\"weights\":" + weights);
    }

    /** A selection among four candidates of the domain a. */
    WrittenRun selection(long step, String lines, int count) throws IOException {
        byte[] bytes = ("position,score,chosen\n" + lines).getBytes(StandardCharsets.UTF_8);
        String name = "step-%09d-a.csv".formatted(step);
        Files.createDirectories(directory.resolve("selections"));
        Files.write(directory.resolve("selections").resolve(name), bytes);
        return decision(
                step,
                "selection",
                "\"candidates\":4,\"count\":%d,\"file\":\"%s\",\"sha256\":\"%s\""
                        .formatted(count, name, Sha256.of(bytes)));
    }

    private WrittenRun decision(long step, String kind, String answer) throws IOException {
        return line(
                "{\"event\":\"DecisionApplied\",\"step\":%d,\"strategy\":\"s\",\"kind\":\"%s\",\"scope\":\"a\",\"ms\":2.0,\"inputs\":\"00\",%s}",
                step, kind, answer);
    }

    WrittenRun end(long step) throws IOException {
        return line("{\"event\":\"RunEnded\",\"step\":%d,\"completed\":true}", step);
    }

    WrittenRun line(String format, Object... values) throws IOException {
        return raw(String.format(Locale.ROOT, format, values) + "\n");
    }

    WrittenRun raw(String text) throws IOException {
        Files.writeString(
                directory.resolve("events.jsonl"),
                text,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        return this;
    }

    Path directory() {
        return directory;
    }
}
