package org.dataflex.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
                Printed.by(
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
    void examplesOfAnyModel_badOptions_areNamed() {
        assertEquals(
                "--steps = 0, must be at least 1", refused(new TrainAnyDjlModel(), "--steps=0"));
        assertEquals(
                "--seeds = 0, must be at least 1", refused(new TrainAnyDjlModel(), "--seeds=0"));
        assertEquals(
                "--wrong-labels = 1.0, must be in [0, 1)",
                refused(new TrainAnyDjlModel(), "--wrong-labels=1"));
        assertEquals(
                "--steps = -1, must be at least 1",
                refused(new WriteYourOwnSelector(), "--steps=-1"));
        assertEquals(
                "--seeds = 0, must be at least 1",
                refused(new WriteYourOwnSelector(), "--seeds=0"));
    }

    private static String refused(Object command, String option) {
        return Printed.whenRefused(2, command, option).lines().findFirst().orElseThrow();
    }

    @Test
    void quickStart_badOptions_areNamed(@TempDir Path directory) throws Exception {
        assertTrue(
                Printed.whenRefused(2, new QuickStart(), "--steps", "0")
                        .startsWith("--steps = 0, must be at least 1"));
        assertTrue(
                Printed.whenRefused(2, new QuickStart(), "--steps", "many")
                        .startsWith("Invalid value for option '--steps'"));
        assertTrue(
                Printed.whenRefused(2, new QuickStart(), "--step", "3")
                        .startsWith("Unknown options: '--step'"));
        Path file = Files.createFile(directory.resolve("file"));
        String message = Printed.whenRefused(1, new QuickStart(), "--output", file.toString());
        assertTrue(
                message.contains("cannot make the directory " + file.resolve("quickstart")),
                message);
        assertTrue(message.contains("; choose another --output"), message);
    }

    @Test
    void streamText_isStoppedAndGoesOn(@TempDir Path directory) throws Exception {
        String[] arguments = {"--steps", "21", "--output", directory.toString()};
        String printed = Printed.by(() -> StreamText.main(arguments));
        assertTrue(printed.contains("step    0  "), printed);
        assertTrue(printed.contains("step   20  "), printed);
        String events = Files.readString(directory.resolve("run/events.jsonl"));
        assertTrue(events.contains("\"kind\":\"selection\""), events);
        arguments[1] = "22";
        assertTrue(Printed.by(() -> StreamText.main(arguments)).contains("step   22  held-out"));
        assertTrue(
                Printed.whenRefused(2, new StreamText(), "--steps", "0")
                        .startsWith("--steps = 0, must be at least 1"));
        Path missing = directory.resolve("missing.txt");
        assertTrue(
                Printed.whenRefused(1, new StreamText(), "--follow", missing.toString())
                        .contains("missing.txt: there is nothing to follow; make it"));
    }

    @Test
    void trainAnyDjlModel_comparesBothRuns() throws Exception {
        String printed =
                Printed.by(
                        () ->
                                TrainAnyDjlModel.main(
                                        new String[] {"--steps", "150", "--seeds", "1"}));
        assertTrue(printed.contains("all samples"), printed);
        assertTrue(printed.contains("LossSelector, low focus"), printed);
    }

    @Test
    void writeYourOwnSelector_comparesWithRandom() throws Exception {
        String printed =
                Printed.by(
                        () ->
                                WriteYourOwnSelector.main(
                                        new String[] {"--steps", "120", "--seeds", "1"}));
        assertTrue(printed.contains("random"), printed);
        assertTrue(printed.contains("SmallestMargin"), printed);
    }
}
