package org.dataflex.examples.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.dataflex.UpdateSchedule;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Against schedules of DataFlex 3c13e37, src/dataflex/train/trainer/{select,mix}_trainer.py. */
class StepsTest {

    private static Steps steps(JsonNode params) {
        return new Steps(
                params.path("train_step").asLong(),
                params.path("num_train_epochs").asDouble(),
                params.path("warmup_step").asLong(),
                params.path("update_step").asLong(),
                params.path("update_times").asLong());
    }

    private static long total(JsonNode golden) {
        JsonNode params = golden.path("params");
        Steps steps = steps(params);
        int rows = params.path("global_batch").asInt();
        if (params.path("static_mix").asBoolean()) {
            return steps.ofFullPasses(params.path("total_source_rows").asLong(), rows);
        }
        return golden.path("algorithm").asText().startsWith("select")
                ? steps.ofSelection(params.path("dataset_size").asLong(), rows)
                : steps.ofMixing(params.path("total_source_rows").asLong(), rows);
    }

    @TestFactory
    Stream<DynamicTest> totalsAndUpdates_areDataFlexs() throws IOException {
        List<JsonNode> cases = new ArrayList<>();
        try (InputStream file = StepsTest.class.getResourceAsStream("/golden/schedules.json")) {
            new ObjectMapper().readTree(file).forEach(cases::add);
        }
        return cases.stream()
                .map(
                        golden ->
                                DynamicTest.dynamicTest(
                                        golden.path("case").asText(), () -> compare(golden)));
    }

    private static void compare(JsonNode golden) {
        long total = total(golden);
        assertEquals(golden.path("expected").path("max_steps").asLong(), total);
        Steps steps = steps(golden.path("params"));
        if (golden.path("params").path("static_mix").asBoolean()) {
            return;
        }
        UpdateSchedule schedule =
                new UpdateSchedule(
                        steps.warmUp(),
                        steps.interval(),
                        steps.updates() > 0 ? steps.updates() : UpdateSchedule.UNLIMITED);
        List<Long> due = LongStream.range(0, total).filter(schedule::isDue).boxed().toList();
        List<Long> expected = new ArrayList<>();
        for (JsonNode event : golden.path("expected").path("events")) {
            if (event.has("step_id")) {
                expected.add(event.path("step_id").asLong());
            }
        }
        assertEquals(expected, due);
    }

    @Test
    void ofMixing_withTrainSteps_countsThem() {
        assertEquals(50, new Steps(50, 1, 4, 3, 2).ofMixing(1_000, 8));
    }

    @Test
    void ofPasses_countsTheShortLastBatch() {
        assertEquals(3 * 13, new Steps(0, 3, 0, 0, 1).ofPasses(100, 8));
        assertEquals(3 * 12, new Steps(0, 3, 0, 0, 1).ofFullPasses(100, 8));
    }
}
