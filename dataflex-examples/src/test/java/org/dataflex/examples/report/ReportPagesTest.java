package org.dataflex.examples.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dataflex.math.Sha256;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportPagesTest {

    @TempDir Path directory;

    @Test
    void report_wholeRun_showsEveryPart() throws Exception {
        Path page = directory.resolve("page.html");
        RunReport.of(WrittenRun.whole(directory.resolve("mine"), 7, 0)).write(page);
        String html = Files.readString(page);
        for (String part :
                List.of(
                        "<h1>Run mine</h1>",
                        "3 steps, completed; seed 7; 10 samples of 2 domains; selector loss.",
                        "held out: exam",
                        "Mixture asked for",
                        "Rows drawn, by domain",
                        "Chosen samples, by score among the candidates",
                        "Weights of the rows of a step",
                        "Time spent up to a step",
                        "selection (s)",
                        "0.36.0")) {
            assertTrue(html.contains(part), part);
        }
        assertFalse(html.contains("http"), "loads nothing");
    }

    @Test
    void report_runKilledBeforeItsFirstStep_isDrawn() throws Exception {
        String html =
                RunReport.of(new WrittenRun(directory).start(0, 1).directory()).page().toHtml();
        assertTrue(html.contains("0 steps, unfinished: killed, or still running"), html);
        assertTrue(html.contains(">no data<"));
    }

    @Test
    void report_runOfTheCommandLine_isNamedByItsOutputDirectory() throws Exception {
        Path run = WrittenRun.whole(directory.resolve("mine/run"), 7, 0);
        String html = RunReport.of(run).page().toHtml();
        assertTrue(html.contains("<h1>Run mine</h1>"), html);
    }

    @Test
    void report_selectionFileChanged_isRefused() throws Exception {
        WrittenRun.whole(directory, 1, 0);
        Path file = directory.resolve("selections/step-000000000-a.csv");
        Files.writeString(file, "position,score,chosen\n");
        IOException e = assertThrows(IOException.class, () -> RunReport.of(directory).page());
        assertTrue(e.getMessage().contains("its SHA-256 differs from the log's"), e.getMessage());
        Files.delete(file);
        e = assertThrows(IOException.class, () -> RunReport.of(directory).page());
        assertTrue(e.getMessage().contains("is missing; the log names it at step 0"));
    }

    @Test
    void report_selectionFileWithoutItsHeader_isRefused() throws Exception {
        byte[] text = "5,0.9,1\n".getBytes(StandardCharsets.UTF_8);
        Path file = Files.createDirectories(directory.resolve("selections")).resolve("s.csv");
        Files.write(file, text);
        new WrittenRun(directory)
                .start(0, 1)
                .line(
                        "{\"event\":\"DecisionApplied\",\"step\":0,\"strategy\":\"s\",\"kind\":\"selection\",\"scope\":\"a\",\"ms\":2.0,\"candidates\":4,\"count\":1,\"file\":\"s.csv\",\"sha256\":\"%s\"}",
                        Sha256.of(text))
                .step(1, 5, "[5]")
                .end(1);
        IOException e = assertThrows(IOException.class, () -> RunReport.of(directory).page());
        assertEquals(file + " line 1 is not 'position,score,chosen'", e.getMessage());
    }

    @Test
    void cost_training_isWhatTheStrategiesLeave() throws Exception {
        RunCost cost = new RunCost(RunLog.read(WrittenRun.whole(directory, 1, 0)));
        assertEquals(0.030 - 4 * 0.002, cost.seconds().total(RunCost.TRAINING), 1e-12);
        assertEquals(0.040, cost.seconds().total(), 1e-12);
    }

    @Test
    void compare_seeds_areOneLineWithAnInterval() throws Exception {
        Path a1 = WrittenRun.whole(directory.resolve("a-1"), 1, 0);
        Path a2 = WrittenRun.whole(directory.resolve("a-2"), 2, 1);
        String html = RunComparison.of(List.of(a2, a1)).page().toHtml();
        assertTrue(html.contains("a (2 seeds): seed 1, 2."), html);
        // mean 2 of 1.5 and 2.5; t of one degree of freedom 12.706 times 0.5
        assertTrue(html.contains("2.0 \u00B1 6.4"), html);
        assertTrue(html.contains("class=\"ribbon"));
    }

    @Test
    void compare_whatDoesNotCompare_isRefused() throws Exception {
        Path whole = WrittenRun.whole(directory.resolve("whole"), 1, 0);
        Path same = WrittenRun.whole(directory.resolve("same"), 1, 0);
        Path other =
                new WrittenRun(directory.resolve("other")).start(0, 2, "elsewhere").directory();
        Path shorter = new WrittenRun(directory.resolve("short")).start(0, 2).directory();
        refused("give two runs at least", whole);
        refused("have the same settings and the same seed 1: leave one out", whole, same);
        refused("drew from different pools", whole, other);
        refused("made 3 steps and " + shorter + " made 0; compare the first 0", whole, shorter);
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> RunComparison.of(List.of(whole, shorter), 2))
                        .getMessage();
        assertEquals("steps = 2, and " + shorter + " made 0 only", message);
    }

    @Test
    void compare_firstSteps_leavesOutTheRest() throws Exception {
        Path a = WrittenRun.whole(directory.resolve("a"), 1, 0);
        Path b = WrittenRun.whole(directory.resolve("b"), 2, 0);
        String html = RunComparison.of(List.of(a, b), 2).page().toHtml();
        assertTrue(html.contains("compared after 2 steps"), html);
        assertTrue(html.contains("3.000 \u00B1 0"), "the only losses held out until then");
    }

    private static void refused(String part, Path... runs) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> RunComparison.of(List.of(runs)))
                        .getMessage();
        assertTrue(message.contains(part), message);
    }
}
