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

/** Runs in JVMs of their own that are killed, and what they left compared with a straight run. */
public final class KilledRuns {

    /** The exit status of a JVM that halted itself as if it had been killed. */
    public static final int KILLED = 137;

    private KilledRuns() {}

    /**
     * Runs a main in a JVM of its own.
     *
     * @param main the class
     * @param arguments its arguments
     * @return the exit status, 0 or {@link #KILLED}
     * @throws Exception if it cannot be started or ends otherwise
     */
    public static int jvm(Class<?> main, List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Dai.djl.offline=true",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                        main.getName()));
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
        if (process.exitValue() != 0 && process.exitValue() != KILLED) {
            throw new AssertionError(Files.readString(output.toPath()));
        }
        Files.delete(output.toPath());
        return process.exitValue();
    }

    /**
     * Requires that two run directories hold the same last checkpoint, to the byte, and that the
     * newest part of the second's log is the end of the first's, but for times and places.
     *
     * @param straight of a run that never stopped
     * @param resumed of a run that was killed and went on
     * @param steps that both have made
     * @param what names the run where they differ
     * @throws Exception if a file cannot be read
     */
    public static void assertSame(Path straight, Path resumed, long steps, String what)
            throws Exception {
        Path last = Path.of("checkpoints", String.format("step-%09d", steps));
        for (String file :
                List.of(
                        "model.safetensors",
                        "optimizer.safetensors",
                        "strategies.safetensors",
                        "state.json")) {
            assertArrayEquals(
                    Files.readAllBytes(straight.resolve(last).resolve(file)),
                    Files.readAllBytes(resumed.resolve(last).resolve(file)),
                    what + ": " + file);
        }
        List<String> expected = untimed(straight);
        List<String> after = new ArrayList<>();
        for (String event : untimed(resumed)) {
            after.add(event);
            if (event.contains("RunStarted")) {
                after.clear();
            }
        }
        assertEquals(
                expected.subList(expected.size() - after.size(), expected.size()), after, what);
    }

    private static List<String> untimed(Path run) throws Exception {
        List<String> events = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("events.jsonl"))) {
            ObjectNode event = (ObjectNode) new ObjectMapper().readTree(line);
            events.add(event.without(List.of("ms", "directory")).toString());
        }
        return events;
    }
}
