package org.dataflex.data.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.dataflex.DynamicTrainer;
import org.dataflex.ReferenceLosses;
import org.dataflex.UpdateSchedule;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.data.TokenSequences;
import org.dataflex.event.TrainingEvent;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.event.TrainingEvent.SamplesArrived;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Selection;
import org.dataflex.testing.KilledRuns;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class StreamingPoolTrainingTest {

    private static final Consumer<DynamicTrainer.Builder> NOTHING = builder -> {};

    @TempDir private Path directory;

    @Test
    void killedRun_resumedOnAStreamThatWentOn_endsInTheSameBits() throws Exception {
        StreamRun straight = new StreamRun(directory.resolve("straight"));
        straight.fit(NOTHING);
        Path other = directory.resolve("resumed");
        assertEquals(KilledRuns.KILLED, KilledRuns.jvm(StreamRun.class, List.of(other.toString())));
        assertEquals(
                Files.readString(directory.resolve("straight/news.txt")).lines().limit(18).toList(),
                Files.readAllLines(other.resolve("news.txt")),
                "more has arrived than the run saw at step 12");
        new StreamRun(other).fit(NOTHING);
        KilledRuns.assertSame(
                directory.resolve("straight/run"), other.resolve("run"), StreamRun.STEPS, "stream");
    }

    @Test
    void secondRunOverTheStore_seesTheSame_whateverTheStreamHasByThen() throws Exception {
        StreamRun run = new StreamRun(directory);
        List<TrainingEvent> first = new ArrayList<>();
        run.fit(listen(first, "one"));
        run.grow(100);
        List<TrainingEvent> second = new ArrayList<>();
        run.fit(listen(second, "two"));
        assertEquals(timeless(first), timeless(second));
    }

    private Consumer<DynamicTrainer.Builder> listen(List<TrainingEvent> events, String run) {
        return builder ->
                builder.on(TrainingEvent.class, events::add)
                        .optRunDirectory(directory.resolve(run));
    }

    private static List<String> timeless(List<TrainingEvent> events) {
        List<String> texts = new ArrayList<>();
        for (TrainingEvent event : events) {
            if (event instanceof StepCompleted step) {
                texts.add(step.step() + " " + step.loss() + " " + step.samples());
            } else if (event instanceof SamplesArrived arrived) {
                texts.add(arrived.step() + " " + arrived.arrived() + " of " + arrived.size());
            }
        }
        return texts;
    }

    @Test
    void selector_choosesFromTheWindow_andTrainingDrawsFromWhatItChose() throws Exception {
        List<String> candidates = new ArrayList<>();
        Set<Long> chosen = new HashSet<>();
        List<StepCompleted> steps = new ArrayList<>();
        new StreamRun(directory)
                .fit(
                        builder ->
                                builder.on(
                                                DecisionApplied.class,
                                                e -> {
                                                    candidates.add(
                                                            e.step()
                                                                    + " "
                                                                    + e.samples().get(0)
                                                                    + ".."
                                                                    + e.samples()
                                                                            .get(
                                                                                    e.samples()
                                                                                                    .size()
                                                                                            - 1));
                                                    chosen.clear();
                                                    ((Selection) e.decision())
                                                            .indices().stream()
                                                                    .forEach(chosen::add);
                                                })
                                        .on(
                                                StepCompleted.class,
                                                e -> {
                                                    steps.add(e);
                                                    if (!chosen.isEmpty()) {
                                                        e.samples().stream()
                                                                .forEach(
                                                                        i ->
                                                                                assertTrue(
                                                                                        chosen
                                                                                                .contains(
                                                                                                        i)));
                                                    }
                                                }));
        assertEquals(
                List.of("4 1..6", "8 5..10", "12 9..14", "16 13..18", "20 17..22"), candidates);
        steps.subList(0, 4)
                .forEach(e -> e.samples().stream().forEach(i -> assertTrue(i < 3, e::toString)));
    }

    @Test
    void withoutSelector_rowsAreDrawnFromTheWindow_eachOnceBeforeAnyAgain() throws Exception {
        List<Long> rows = new ArrayList<>();
        try (StreamingPool pool = pool(20)) {
            new StreamRun(directory)
                    .fit(
                            pool,
                            builder ->
                                    builder.setSteps(3)
                                            .optSelector(
                                                    new StreamRun.LargestLoss(),
                                                    UpdateSchedule.once().afterWarmUp(100))
                                            .on(
                                                    StepCompleted.class,
                                                    e -> e.samples().stream().forEach(rows::add)));
        }
        assertEquals(List.of(17L, 18L, 19L, 20L, 21L, 22L), rows.stream().sorted().toList());
    }

    private StreamingPool pool(long grown) throws Exception {
        StreamRun run = new StreamRun(directory);
        run.grow(grown);
        return run.pool().optLimit(1000).build();
    }

    @Test
    void weighter_weighsWhatArrives() throws Exception {
        List<DecisionApplied> weighed = new ArrayList<>();
        new StreamRun(directory)
                .fit(
                        builder ->
                                builder.setSteps(6)
                                        .optWeighter(
                                                context -> {
                                                    float[] ones =
                                                            new float[context.losses().length];
                                                    Arrays.fill(ones, 1);
                                                    return SampleWeights.absolute(ones);
                                                },
                                                UpdateSchedule.every(1))
                                        .on(
                                                DecisionApplied.class,
                                                e -> {
                                                    if (e.scope().equals("batch")) {
                                                        weighed.add(e);
                                                    }
                                                }));
        assertEquals(6, weighed.size());
    }

    @Test
    void arrivals_areEvents() throws Exception {
        List<String> events = new ArrayList<>();
        StreamRun run = new StreamRun(directory);
        run.fit(
                builder ->
                        builder.setSteps(9)
                                .on(
                                        SamplesArrived.class,
                                        e ->
                                                events.add(
                                                        "step %d: %d new of %d, window %d"
                                                                .formatted(
                                                                        e.step(),
                                                                        e.arrived(),
                                                                        e.size(),
                                                                        e.window()))));
        assertEquals(
                List.of(
                        "step 0: 3 new of 3, window 3",
                        "step 4: 4 new of 7, window 6",
                        "step 8: 4 new of 11, window 6"),
                events);
        String log = Files.readString(directory.resolve("run/events.jsonl"));
        assertTrue(
                log.contains(
                        "{\"event\":\"SamplesArrived\",\"step\":4,\"arrived\":4,\"size\":7,\"window\":6,\"ms\":"),
                log);
    }

    @Test
    void settingsThatCannotWork_areRefused() throws Exception {
        try (StreamingPool pool = pool(5)) {
            IllegalStateException e =
                    assertThrows(
                            IllegalStateException.class,
                            () ->
                                    new StreamRun(directory)
                                            .fit(
                                                    pool,
                                                    b ->
                                                            b.optSelectionBudget(7)
                                                                    .optMixer(
                                                                            c -> c.current(),
                                                                            UpdateSchedule.every(
                                                                                    1))));
            assertEquals(
                    "cannot build the trainer:\n"
                            + "  - the selection budget of 7 samples exceeds the window's 6; call"
                            + " optSelectionBudget with less, or shorten the selector's interval"
                            + " (the default budget is interval x batch size x accumulation)\n"
                            + "  - a streaming pool is one domain, and there is nothing to mix;"
                            + " leave the mixer out, or take a pool of files",
                    e.getMessage());
        }
        try (StreamingPool pool = new StreamRun(directory.resolve("b")).longTexts()) {
            IllegalStateException e =
                    assertThrows(
                            IllegalStateException.class,
                            () -> new StreamRun(directory).fit(pool, b -> b.optTokensPerBatch(16)));
            assertEquals(
                    "cannot build the trainer:\n"
                            + "  - the streaming pool's samples may have 17 tokens, and the model"
                            + " has 16 positions; lower optCutoffLength to these, or raise"
                            + " maxPositions\n"
                            + "  - tokensPerBatch = 16, but the pool's samples have up to 17"
                            + " tokens; raise the one or cut the others",
                    e.getMessage());
        }
    }

    @Test
    void referenceLosses_areRefused() throws Exception {
        Path losses = directory.resolve("losses");
        Files.createDirectories(losses);
        TokenSequences.builder()
                .add(new int[] {1, 2})
                .build()
                .save(losses.resolve("losses.tokens"));
        Files.writeString(losses.resolve("reference.json"), "{\"version\": 1}");
        try (StreamingPool pool = pool(5);
                ReferenceLosses reference = ReferenceLosses.open(losses)) {
            assertEquals(
                    "reference losses are of samples that are known before training, and a"
                            + " streaming pool grows; take a pool of files",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> reference.requireSamples(pool.pool()))
                            .getMessage());
        }
    }

    @Test
    void storeThatIsNotTheRuns_isRefusedByItsCheckpoint() throws Exception {
        StreamRun run = new StreamRun(directory);
        run.fit(builder -> builder.setSteps(10));
        Files.move(directory.resolve("arrived"), directory.resolve("away"));
        CheckpointException e = assertThrows(CheckpointException.class, () -> run.fit(NOTHING));
        assertTrue(
                e.getMessage()
                        .matches(
                                "the streaming pool's store holds \\[stream\\] \\w+-6, but"
                                        + " \\[stream\\] \\w+-11 had arrived before step 10; put"
                                        + " back the store of this run, or choose another run"
                                        + " directory"),
                e::getMessage);
    }
}
