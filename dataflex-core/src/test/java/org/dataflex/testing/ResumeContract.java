package org.dataflex.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that is killed and resumed in a fresh JVM ends in the same bits as one that never stopped:
 * parameters, moments, rows, strategy state, and what every strategy was told.
 */
public interface ResumeContract {

    /**
     * Returns the strategies to test.
     *
     * @return as {@code kind:name:setting=value,...}, {@code made:class} with a class that is a
     *     {@code Supplier<Selector>}, or {@code none}; after {@code texts} and a space, for a
     *     strategy of token losses or of what {@link org.dataflex.model.LinearHead} shows, the run
     *     is one of {@link TinyTextRuns}. A mixer that is a weighter too is both
     */
    List<String> strategies();

    /**
     * Kills a run of each strategy in a JVM of its own, resumes all in another, and compares with
     * runs of this JVM.
     *
     * @param directory for the runs
     * @throws Exception if a run fails
     */
    @Test
    default void killedRun_resumedInAFreshJvm_endsInTheSameBits(@TempDir Path directory)
            throws Exception {
        Path straight = directory.resolve("straight");
        Path resumed = directory.resolve("resumed");
        for (String strategy : strategies()) {
            StrategyRun.run(straight, strategy, false);
            assertEquals(137, jvm(List.of("killed", resumed.toString(), strategy)), strategy);
        }
        List<String> whole = new ArrayList<>(List.of("whole", resumed.toString()));
        whole.addAll(strategies());
        assertEquals(0, jvm(whole));
        for (String strategy : strategies()) {
            String run = StrategyRun.directoryName(strategy);
            compareCheckpoints(straight.resolve(run), resumed.resolve(run), strategy);
            compareEvents(straight.resolve(run), resumed.resolve(run), strategy);
        }
    }

    private static void compareCheckpoints(Path straight, Path resumed, String strategy)
            throws Exception {
        Path last = Path.of("checkpoints", String.format("step-%09d", StrategyRun.STEPS));
        for (String file :
                List.of(
                        "model.safetensors",
                        "optimizer.safetensors",
                        "strategies.safetensors",
                        "state.json")) {
            assertArrayEquals(
                    Files.readAllBytes(straight.resolve(last).resolve(file)),
                    Files.readAllBytes(resumed.resolve(last).resolve(file)),
                    strategy + ": " + file);
        }
    }

    private static void compareEvents(Path straight, Path resumed, String strategy)
            throws Exception {
        List<String> expected = untimed(straight);
        List<String> all = untimed(resumed);
        List<String> after = new ArrayList<>();
        for (String event : all) {
            after.add(event);
            if (event.contains("RunStarted")) {
                after.clear();
            }
        }
        assertEquals(
                expected.subList(expected.size() - after.size(), expected.size()), after, strategy);
    }

    /** A run's events without what may differ: times and places. */
    private static List<String> untimed(Path run) throws Exception {
        List<String> events = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("events.jsonl"))) {
            ObjectNode event = (ObjectNode) new ObjectMapper().readTree(line);
            events.add(event.without(List.of("ms", "directory")).toString());
        }
        return events;
    }

    private static int jvm(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Dai.djl.offline=true",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                        StrategyRun.class.getName()));
        command.addAll(arguments);
        File output = File.createTempFile("jvm", ".txt");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output)
                        .start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("no end in 2 minutes: " + Files.readString(output.toPath()));
        }
        if (process.exitValue() != 0 && process.exitValue() != 137) {
            throw new AssertionError(Files.readString(output.toPath()));
        }
        Files.delete(output.toPath());
        return process.exitValue();
    }
}
