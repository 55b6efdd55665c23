package org.dataflex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class UpdateScheduleTest {

    @Test
    void isDue_everyInterval_fromTheStart() {
        assertEquals(List.of(0L, 3L, 6L, 9L), due(UpdateSchedule.every(3)));
    }

    /**
     * Origin: the select trainer of OpenDCAI/DataFlex 3c13e37, warm-up 4, interval 3, 2 updates.
     */
    @Test
    void isDue_warmUpAndLimit_asInDataFlex() {
        assertEquals(List.of(4L, 7L), due(UpdateSchedule.every(3).afterWarmUp(4).atMost(2)));
    }

    @Test
    void isDue_once_isBeforeTheFirstStepOnly() {
        assertEquals(List.of(0L), due(UpdateSchedule.once()));
    }

    @Test
    void hasBegun_fromTheWarmUpOn() {
        UpdateSchedule schedule = UpdateSchedule.every(5).afterWarmUp(3);
        assertFalse(schedule.hasBegun(2));
        assertTrue(schedule.hasBegun(3));
        assertTrue(schedule.hasBegun(4));
    }

    /** Over exactly when no later step is due: 1,000 schedules. */
    @Test
    void isOver_meansThatNothingIsDueAnyMore() {
        for (long seed = 0; seed < 1000; seed++) {
            UpdateSchedule schedule =
                    new UpdateSchedule(seed % 7, 1 + seed / 7 % 5, 1 + seed / 35 % 4);
            for (long step = 0; step < 30; step++) {
                boolean anyDue = LongStream.range(step, 60).anyMatch(schedule::isDue);
                assertEquals(!anyDue, schedule.isOver(step), schedule + " at " + step);
            }
        }
        assertFalse(UpdateSchedule.every(1).isOver(Long.MAX_VALUE));
    }

    @Test
    void toString_readsAsASentence() {
        assertEquals(
                "every 3 steps from step 4, at most 2 times",
                UpdateSchedule.every(3).afterWarmUp(4).atMost(2).toString());
        assertEquals("every 1 steps from step 0", UpdateSchedule.every(1).toString());
    }

    @Test
    void constructor_badParts_areNamed() {
        refused(() -> new UpdateSchedule(-1, 1, 1), "warmUp = -1, must be at least 0");
        refused(() -> UpdateSchedule.every(0), "interval = 0, must be at least 1");
        refused(
                () -> UpdateSchedule.every(1).atMost(0),
                "updates = 0, must be at least 1; leave the strategy out instead");
    }

    private static void refused(Runnable make, String message) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, make::run).getMessage());
    }

    private static List<Long> due(UpdateSchedule schedule) {
        return LongStream.range(0, 12).filter(schedule::isDue).boxed().toList();
    }
}
