package org.dataflex.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
    void quickStart_badOption_isNamed() {
        IllegalStateException e =
                assertThrows(
                        IllegalStateException.class,
                        () -> QuickStart.main(new String[] {"--steps", "0"}));
        assertEquals("QuickStart ended with exit code 2", e.getMessage());
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
