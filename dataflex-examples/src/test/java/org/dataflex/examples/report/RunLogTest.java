package org.dataflex.examples.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dataflex.examples.report.RunEvent.Measurement;
import org.dataflex.examples.report.RunEvent.Mixing;
import org.dataflex.examples.report.RunEvent.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLogTest {

    @TempDir Path directory;

    @Test
    void read_resumedRun_countsWhatWasDoneAgainOnce() throws Exception {
        WrittenRun run = new WrittenRun(directory).start(0, 1);
        run.mixture(0).step(1, 5, "[0,6]").mixture(1).step(2, 4, "[1,6]").validated(2, 3);
        run.mixture(2).step(3, 9, "[2,6]").validated(3, 9);
        run.start(2, 1).mixture(2).step(3, 2, "[3,6]").end(3);
        RunLog log = RunLog.read(directory);
        assertEquals(List.of(5.0, 4.0, 2.0), log.steps().stream().map(Step::loss).toList());
        assertEquals(
                List.of(0L, 1L, 2L), log.all(Mixing.class).stream().map(Mixing::step).toList());
        assertEquals(1, log.all(Measurement.class).size());
        assertEquals("completed", log.state());
        assertEquals(
                List.of("The run went on from its checkpoint of step 2; it had made 3 steps."),
                log.notes());
    }

    @Test
    void read_lastLineCut_isPassedOverAndNoted() throws Exception {
        new WrittenRun(directory).start(0, 1).step(1, 5, "[0,6]").raw("{\"event\":\"Ste");
        RunLog log = RunLog.read(directory);
        assertEquals(1, log.lastStep());
        assertEquals("unfinished: killed, or still running", log.state());
        assertEquals(
                List.of("Line 3 of the log was cut short when the run was killed."), log.notes());
    }

    @Test
    void read_lineCutBeforeTheRunWentOn_isPassedOverAndNoted() throws Exception {
        new WrittenRun(directory).start(0, 1).step(1, 5, "[0,6]").raw("{\"ev\n");
        new WrittenRun(directory).start(1, 1).step(2, 4, "[0,6]");
        RunLog log = RunLog.read(directory);
        assertEquals(2, log.lastStep());
        assertEquals(2, log.notes().size());
    }

    @Test
    void read_damagedLine_isNamed() throws Exception {
        new WrittenRun(directory).start(0, 1).raw("{\"event\":\n").step(1, 5, "[0,6]");
        refused("events.jsonl line 2 is damaged: not JSON");
    }

    @Test
    void read_lastLineDamagedButWhole_isNamed() throws Exception {
        new WrittenRun(directory).start(0, 1).raw("{\"event\":\"StepCompleted\",\"step\":1}\n");
        refused("events.jsonl line 2 is damaged: no 'loss'");
    }

    @Test
    void read_missingStep_isNamed() throws Exception {
        new WrittenRun(directory).start(0, 1).step(1, 5, "[0]").step(3, 5, "[0]").end(3);
        refused("line 3 is damaged: step 3 follows step 1");
    }

    @Test
    void read_goesOnPastWhatItMade_isNamed() throws Exception {
        new WrittenRun(directory).start(0, 1).step(1, 5, "[0]").start(4, 1).end(4);
        refused("line 3 is damaged: goes on from step 4, and the log before it ends at step 1");
    }

    @Test
    void read_streamThatGrewAndWentOn_hasTheSizeOfItsEnd() throws Exception {
        WrittenRun run = new WrittenRun(directory).stream(0, 3).arrived(0, 3).step(1, 5, "[2]");
        run.arrived(1, 7).step(2, 4, "[6]").arrived(2, 9).step(3, 4, "[8]");
        assertEquals(9, RunLog.read(directory).domains().size());
        run.stream(2, 7).arrived(2, 8).step(3, 4, "[7]").end(3);
        RunLog log = RunLog.read(directory);
        assertEquals(8, log.domains().size());
        assertEquals("stream", log.domains().of(7));
        assertEquals(3, log.all(RunEvent.Arrival.class).size());
        RunReport.of(directory).write(directory.resolve("report.html"));
        String page = Files.readString(directory.resolve("report.html"));
        assertTrue(page.contains("What arrived on the stream"), page);
    }

    @Test
    void read_otherDomainsThanBefore_isNamed() throws Exception {
        new WrittenRun(directory).start(0, 1).step(1, 5, "[0]").stream(1, 10).end(1);
        refused("goes on with the domains {stream=10}, began with {a=6, b=4}");
    }

    @Test
    void read_tokenWeights_areADecision() throws Exception {
        new WrittenRun(directory)
                .start(0, 1)
                .line(
                        "{\"event\":\"DecisionApplied\",\"step\":0,\"strategy\":\"excess-loss\",\"kind\":\"tokenweights\",\"scope\":\"batch\",\"ms\":2.0,\"inputs\":\"00\",\"samples\":[1],\"tokens\":[5],\"weighed\":[3],\"meanWeights\":[1.0]}")
                .step(1, 5, "[1]")
                .end(1);
        RunLog log = RunLog.read(directory);
        assertEquals(1, log.all(RunEvent.TokenWeighing.class).size());
        assertTrue(new RunCost(log).calls().containsKey("weighing tokens (excess-loss)"));
    }

    @Test
    void read_noRun_isNamed() {
        refused("no run in " + directory + ": there is no events.jsonl; give the run directory");
    }

    @Test
    void read_emptyLog_isNamed() throws Exception {
        new WrittenRun(directory).raw("");
        refused("events.jsonl is empty: the run was killed before it began");
    }

    @Test
    void read_weightsForOtherSamples_isNamed() throws Exception {
        new WrittenRun(directory).start(0, 1).weights(0, "[1,2]", "[1.0]").end(0);
        refused("line 2 is damaged: 1 weights for 2 samples");
    }

    @Test
    void read_eventBeforeTheStart_isNamed() throws Exception {
        new WrittenRun(directory).step(1, 5, "[0]").step(2, 5, "[0]").start(0, 1).end(0);
        refused("line 1 is damaged: an event before the first RunStarted");
    }

    @Test
    void read_unknownDecision_isNamed() throws Exception {
        new WrittenRun(directory)
                .start(0, 1)
                .line(
                        "{\"event\":\"DecisionApplied\",\"step\":0,\"strategy\":\"s\",\"kind\":\"wish\",\"ms\":2.0}");
        refused("line 2 is damaged: kind = 'wish' is none known");
    }

    @Test
    void read_numbersThatAreNone_areNamed() throws Exception {
        new WrittenRun(directory).start(0, 1).line("{\"event\":\"RunEnded\",\"step\":-1}");
        refused("line 2 is damaged: -1 is no whole number from 0 on");
        Files.delete(directory.resolve("events.jsonl"));
        new WrittenRun(directory)
                .start(0, 1)
                .line("{\"event\":\"StepCompleted\",\"step\":1,\"loss\":[3],\"ms\":1.0}");
        refused("line 2 is damaged: [3] is no number");
    }

    private void refused(String part) {
        String message = assertThrows(IOException.class, () -> RunLog.read(directory)).getMessage();
        assertTrue(message.contains(part), message);
    }
}
