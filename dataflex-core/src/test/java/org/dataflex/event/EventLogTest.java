package org.dataflex.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.event.TrainingEvent.CheckpointSaved;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.event.TrainingEvent.RunEnded;
import org.dataflex.event.TrainingEvent.RunStarted;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.event.TrainingEvent.Validated;
import org.dataflex.strategy.Decision;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Selection;
import org.dataflex.testing.PointSamples;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLogTest {

    private static final Duration TOOK = Duration.ofMillis(12);
    private static final Domain WIKI = new Domain("wiki");

    @TempDir Path directory;

    @Test
    void accept_everyKind_isOneLine() throws Exception {
        log(
                new RunStarted(0, Map.of(WIKI, 90L), Map.of("seed", "42"), Map.of("DJL", "0.36.0")),
                new StepCompleted(1, 2.5, SampleIndices.of(7, 3), Map.of(WIKI, 2), TOOK),
                new Validated(1, Map.of("held-out", 2.25), TOOK),
                new CheckpointSaved(1, Path.of("there")),
                new RunEnded(1, true));
        assertEquals(
                List.of(
                        "{\"event\":\"RunStarted\",\"step\":0,\"domains\":{\"wiki\":90},"
                                + "\"configuration\":{\"seed\":\"42\"},"
                                + "\"environment\":{\"DJL\":\"0.36.0\"}}",
                        "{\"event\":\"StepCompleted\",\"step\":1,\"loss\":2.5,\"ms\":12.0,"
                                + "\"rows\":{\"wiki\":2},\"samples\":[7,3]}",
                        "{\"event\":\"Validated\",\"step\":1,\"ms\":12.0,"
                                + "\"losses\":{\"held-out\":2.25}}",
                        "{\"event\":\"CheckpointSaved\",\"step\":1,\"directory\":\"there\"}",
                        "{\"event\":\"RunEnded\",\"step\":1,\"completed\":true}"),
                lines());
    }

    @Test
    void accept_mixture_namesProportionsAndInputs() throws Exception {
        log(decision(Mixture.of(List.of(WIKI, new Domain("code")), 0.25, 0.75), "pool"));
        assertEquals(
                "{\"event\":\"DecisionApplied\",\"step\":4,\"strategy\":\"s\",\"kind\":\"mixture\","
                        + "\"scope\":\"pool\",\"ms\":12.0,\"inputs\":\"0011\","
                        + "\"proportions\":{\"wiki\":0.25,\"code\":0.75}}",
                lines().get(0));
    }

    @Test
    void accept_weights_namesTheBatch() throws Exception {
        log(
                new DecisionApplied(
                        4,
                        "s",
                        "batch",
                        SampleIndices.of(7, 9),
                        SampleWeights.absolute(0.5f, 1.5f),
                        "0011",
                        TOOK));
        JsonNode line = new ObjectMapper().readTree(lines().get(0));
        assertEquals("[7,9]", line.path("samples").toString());
        assertEquals("[0.5,1.5]", line.path("weights").toString());
        assertEquals("sampleweights", line.path("kind").asText());
    }

    @Test
    void accept_selection_writesAFileOfAllScoredCandidatesWithItsDigest() throws Exception {
        Samples candidates = new Samples(new PointSamples(9, 1), SampleIndices.range(4, 9));
        Selection chosen = Selection.highest(candidates, new double[] {1, 2, 3, 4, 5}, 2);
        log(new DecisionApplied(4, "s", "wiki", candidates.indices(), chosen, "0011", TOOK));
        JsonNode line = new ObjectMapper().readTree(lines().get(0));
        assertEquals(2, line.path("count").asInt());
        assertEquals(5, line.path("candidates").asInt());
        assertEquals("step-000000004-wiki.csv", line.path("file").asText());
        Path file = directory.resolve("selections").resolve(line.path("file").asText());
        assertEquals(
                "position,score,chosen\n8,5.0,1\n7,4.0,1\n4,1.0,0\n5,2.0,0\n6,3.0,0\n",
                Files.readString(file));
        assertEquals(
                HexFormat.of()
                        .formatHex(
                                MessageDigest.getInstance("SHA-256")
                                        .digest(Files.readAllBytes(file))),
                line.path("sha256").asText());
        assertEquals(
                "{\"min\":1.0,\"lower\":2.0,\"median\":3.0,\"upper\":4.0,\"max\":5.0}",
                line.path("candidateScores").toString());
        assertEquals(4.5, line.path("chosenScores").path("median").asDouble());
    }

    @Test
    void accept_selectionWithoutScores_listsWhatWasChosen() throws Exception {
        log(decision(Selection.of(SampleIndices.of(3, 1)), "wiki"));
        assertEquals(
                "position,score,chosen\n3,,1\n1,,1\n",
                Files.readString(directory.resolve("selections/step-000000004-wiki.csv")));
    }

    @Test
    void accept_moreOthersThanAFileHolds_listsWhatWasChosenOnly() throws Exception {
        int size = SelectionFiles.MOST_OTHERS + 2;
        Samples candidates = Samples.all(new PointSamples(size, 1));
        log(decision(Selection.highest(candidates, new double[size], 1), "pool"));
        Path file = directory.resolve("selections/step-000000004-pool.csv");
        assertEquals("position,score,chosen\n0,0.0,1\n", Files.readString(file));
        log(decision(Selection.highest(candidates, new double[size], 2), "pool"));
        assertEquals(size + 1, Files.readAllLines(file).size());
    }

    @Test
    void accept_selectionOfOddDomains_getsDistinctSafeFileNames() throws Exception {
        Selection chosen = Selection.of(SampleIndices.of(1));
        log(decision(chosen, "a/b"), decision(chosen, "a:b"), decision(chosen, "../x"));
        try (var files = Files.list(directory.resolve("selections"))) {
            List<String> names = files.map(p -> p.getFileName().toString()).sorted().toList();
            assertEquals(3, names.size());
            assertTrue(names.stream().allMatch(n -> n.matches("[A-Za-z0-9_.-]+")), names::toString);
        }
    }

    @Test
    void open_appends_andEndsALineLeftByAKill() throws Exception {
        log(new RunEnded(1, false));
        Files.writeString(
                directory.resolve("events.jsonl"), "{\"event\":\"Ste", StandardOpenOption.APPEND);
        log(new RunEnded(2, true));
        assertEquals(3, lines().size());
        assertEquals("{\"event\":\"RunEnded\",\"step\":2,\"completed\":true}", lines().get(2));
    }

    private static DecisionApplied decision(Decision decision, String scope) {
        return new DecisionApplied(4, "s", scope, SampleIndices.of(), decision, "0011", TOOK);
    }

    private void log(TrainingEvent... events) throws Exception {
        try (EventLog log =
                EventLog.open(directory.resolve("events.jsonl"), directory.resolve("selections"))) {
            List.of(events).forEach(log);
        }
    }

    private List<String> lines() throws Exception {
        return Files.readAllLines(directory.resolve("events.jsonl"));
    }
}
