package org.dataflex.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Each main runs a few steps on its real data and prints what it promises. */
@ExtendWith(NoLeaks.class)
class ExamplesTest {

    @Test
    void quickStart_leavesTableEventsAndPage(@TempDir Path directory) throws Exception {
        String printed =
                output(
                        () ->
                                QuickStart.main(
                                        new String[] {
                                            "--steps", "2", "--output", directory.toString()
                                        }));
        for (String domain :
                List.of(
                        "dictionary",
                        "java",
                        "javascript",
                        "json",
                        "stylesheets",
                        "timezones",
                        "mean",
                        "worst")) {
            assertTrue(printed.contains(System.lineSeparator() + domain), printed);
        }
        Path run = directory.resolve("quickstart");
        assertTrue(Files.readString(run.resolve("comparison.html")).contains("<svg"));
        String events = Files.readString(run.resolve("dynamic/events.jsonl"));
        for (String kind : List.of("mixture", "selection", "sampleweights")) {
            assertTrue(events.contains("\"kind\":\"" + kind + "\""), kind);
        }
        assertTrue(Files.exists(run.resolve("plain/run.json")));
    }

    @Test
    void quickStart_badOptions_areNamed(@TempDir Path directory) throws Exception {
        assertTrue(refused(2, "--steps", "0").startsWith("--steps = 0, must be at least 1"));
        assertTrue(refused(2, "--steps", "many").startsWith("Invalid value for option '--steps'"));
        assertTrue(refused(2, "--step", "3").startsWith("Unknown options: '--step'"));
        Path file = Files.createFile(directory.resolve("file"));
        String message = refused(1, "--output", file.toString());
        assertTrue(
                message.contains("cannot make the directory " + file.resolve("quickstart")),
                message);
        assertTrue(message.contains("; choose another --output"), message);
    }

    private static String refused(int exit, String... arguments) throws Exception {
        PrintStream before = System.err;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            assertEquals(exit, ExampleCommand.run(new QuickStart(), arguments));
        } finally {
            System.setErr(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void trainAnyDjlModel_comparesBothRuns() throws Exception {
        String printed =
                output(
                        () ->
                                TrainAnyDjlModel.main(
                                        new String[] {"--steps", "150", "--seeds", "1"}));
        assertTrue(printed.contains("all samples"), printed);
        assertTrue(printed.contains("LossSelector, low focus"), printed);
    }

    @Test
    void writeYourOwnSelector_comparesWithRandom() throws Exception {
        String printed =
                output(
                        () ->
                                WriteYourOwnSelector.main(
                                        new String[] {"--steps", "120", "--seeds", "1"}));
        assertTrue(printed.contains("random"), printed);
        assertTrue(printed.contains("SmallestMargin"), printed);
    }

    private static String output(Runnable main) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            main.run();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
