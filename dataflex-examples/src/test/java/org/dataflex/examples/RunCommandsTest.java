package org.dataflex.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that read run directories. */
class RunCommandsTest {

    private static final String LOG =
            "{\"event\":\"RunStarted\",\"step\":0,\"domains\":{\"all\":5},\"configuration\":{\"pool\":\"p\",\"seed\":\"1\"},\"environment\":{}}\n"
                    + "{\"event\":\"StepCompleted\",\"step\":1,\"loss\":2.0,\"ms\":9.0,\"rows\":{\"all\":1},\"samples\":[3]}\n";

    @TempDir Path directory;

    @Test
    void commands_onARun_doWhatTheySay() throws Exception {
        Path a = run("a", LOG);
        Path b = run("b", LOG.replace("\"seed\":\"1\"", "\"seed\":\"2\""));
        Path page = directory.resolve("both.html");
        Printed.by(() -> Report.main(new String[] {a.toString()}));
        assertTrue(Files.readString(a.resolve("report.html")).contains("<h1>Run a</h1>"));
        Printed.by(
                () ->
                        Compare.main(
                                new String[] {
                                    a.toString(), b.toString(), "--output", page.toString()
                                }));
        assertTrue(Files.readString(page).contains("Comparison of runs"));
        String told = Printed.by(() -> Explain.main(new String[] {a.toString(), "3"}));
        assertTrue(told.contains("Drawn once in 1 steps"), told);
    }

    @Test
    void commands_badInput_isNamed() throws Exception {
        Path a = run("a", LOG);
        Path damaged = run("damaged", LOG + "{\n" + LOG.lines().skip(1).findFirst().orElseThrow());
        Path other = run("other", LOG.replace("\"p\"", "\"q\""));
        refused(1, "no run in nowhere", new Report(), "nowhere");
        refused(1, "line 3 is damaged", new Report(), damaged.toString());
        refused(2, "sample = 5 is outside the pool", new Explain(), a.toString(), "5");
        refused(2, "different pools", new Compare(), a.toString(), other.toString());
        refused(2, "give two runs at least", new Compare(), a.toString());
        refused(2, "steps = 0, must be at least 1", new Compare(), "--steps", "0", a.toString());
    }

    private static void refused(
            int exit, String part, Callable<Integer> command, String... arguments) {
        String message = Printed.whenRefused(exit, command, arguments);
        assertTrue(message.contains(part), message);
    }

    private Path run(String name, String log) throws Exception {
        Path run = Files.createDirectories(directory.resolve(name));
        Files.writeString(run.resolve("events.jsonl"), log);
        return run;
    }
}
