package org.dataflex.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Compares with transformers' schedules; schedules.py wrote schedules.json. */
class LearningRateScheduleTest {

    private static final float PEAK = 0x1p-10f;

    @Test
    void getNewValue_everyUpdate_isTransformersRate() throws IOException {
        JsonNode golden = Golden.read("schedules.json");
        assertEquals(PEAK, golden.get("peak").floatValue());
        for (JsonNode expected : golden.get("cases")) {
            LearningRateSchedule schedule = schedule(expected);
            JsonNode rates = expected.get("rates");
            for (int update = 1; update <= rates.size(); update++) {
                float rate = rates.get(update - 1).floatValue();
                String message = schedule + ", update " + update;
                // both round a double to float, where the last bit of a cosine may tip it over
                assertEquals(rate, schedule.getNewValue(update), Math.ulp(rate), message);
            }
        }
    }

    private static LearningRateSchedule schedule(JsonNode expected) {
        int warmUp = expected.get("warm_up").intValue();
        int total = expected.get("total").intValue();
        return switch (expected.get("schedule").textValue()) {
            case "cosine" -> LearningRateSchedule.cosine(PEAK, 0, warmUp, total);
            case "cosine_to_quarter" -> LearningRateSchedule.cosine(PEAK, PEAK / 4, warmUp, total);
            case "linear" -> LearningRateSchedule.linear(PEAK, 0, warmUp, total);
            case "constant" -> LearningRateSchedule.constant(PEAK, warmUp);
            default -> throw new AssertionError(expected);
        };
    }

    @Test
    void getNewValue_ofTheFirstUpdate_isZeroInAWarmUpAndElseThePeak() {
        assertEquals(0, LearningRateSchedule.linear(1, 0, 4, 8).getNewValue(1));
        assertEquals(0.25f, LearningRateSchedule.linear(1, 0, 4, 8).getNewValue(2));
        assertEquals(1, LearningRateSchedule.linear(1, 0, 4, 8).getNewValue(5));
        assertEquals(1, LearningRateSchedule.cosine(1, 0, 0, 8).getNewValue(1));
    }

    @Test
    void getNewValue_ofNoUpdate_isThatOfTheFirst() {
        // DJL's WarmUpTracker asks its main tracker so
        assertEquals(1, LearningRateSchedule.cosine(1, 0, 0, 8).getNewValue(0));
        assertEquals(0, LearningRateSchedule.cosine(1, 0, 2, 8).getNewValue(-5));
    }

    @Test
    void getNewValue_pastTheLastStep_staysAtTheFinalValue() {
        for (int update : new int[] {9, 10, 14, 1_000, Integer.MAX_VALUE}) {
            assertEquals(0.125f, LearningRateSchedule.cosine(1, 0.125f, 2, 8).getNewValue(update));
            assertEquals(0.125f, LearningRateSchedule.linear(1, 0.125f, 2, 8).getNewValue(update));
            assertEquals(1, LearningRateSchedule.constant(1, 2).getNewValue(update));
        }
    }

    @Test
    void linear_toAFinalValue_isTheLineBetweenThem() {
        LearningRateSchedule schedule = LearningRateSchedule.linear(1, 0.5f, 1, 5);
        assertEquals(0.875f, schedule.getNewValue(3));
        assertEquals(0.75f, schedule.getNewValue(4));
        assertEquals(0.625f, schedule.getNewValue(5));
        assertEquals(0.5f, schedule.getNewValue(6));
    }

    @Test
    void factories_ofValuesOutOfRange_nameThem() {
        assertRefused("peak = 0.0, must be positive", () -> LearningRateSchedule.constant(0, 1));
        assertRefused(
                "peak = NaN, must be positive",
                () -> LearningRateSchedule.cosine(Float.NaN, 0, 1, 2));
        assertRefused(
                "finalValue = 2.0, must be between 0 and the peak, 1.0",
                () -> LearningRateSchedule.cosine(1, 2, 1, 2));
        assertRefused("finalValue = -1.0, must be", () -> LearningRateSchedule.linear(1, -1, 1, 2));
        assertRefused(
                "warmUpSteps = 3, must be between 0 and the total, 2",
                () -> LearningRateSchedule.linear(1, 0, 3, 2));
        assertRefused("warmUpSteps = -1, must", () -> LearningRateSchedule.constant(1, -1));
        assertRefused("totalSteps = 0, must", () -> LearningRateSchedule.linear(1, 0, 0, 0));
    }

    private static void assertRefused(String start, Executable call) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertEquals(start, message.substring(0, Math.min(start.length(), message.length())));
    }

    @Test
    void toString_isTheCall() {
        assertEquals(
                "cosine(1.0, 0.5, 2, 8)", LearningRateSchedule.cosine(1, 0.5f, 2, 8).toString());
        assertEquals("constant(1.0, 2)", LearningRateSchedule.constant(1, 2).toString());
    }
}
