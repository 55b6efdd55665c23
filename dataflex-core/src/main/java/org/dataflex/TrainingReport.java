package org.dataflex;

import java.time.Duration;
import java.util.Map;
import java.util.NavigableMap;

/**
 * The outcome of a run.
 *
 * @param step optimizer updates made in all
 * @param completed whether all the steps asked for were made
 * @param loss the training loss of the last step, NaN if no step was made
 * @param validationLosses mean loss of each validation set by step, by the set's name; of a resumed
 *     run, what came before the resume too
 * @param elapsed time of this call, strategies and validation included
 * @param strategyTime the part of it that strategies took
 */
public record TrainingReport(
        long step,
        boolean completed,
        double loss,
        Map<String, NavigableMap<Long, Double>> validationLosses,
        Duration elapsed,
        Duration strategyTime) {}
