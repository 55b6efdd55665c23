package org.dataflex.event;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleIndices;
import org.dataflex.strategy.Decision;

/** Something that happened in a run; a run's events, in order, are its log. */
public sealed interface TrainingEvent {

    /**
     * Returns the number of optimizer updates made when it happened.
     *
     * @return the step
     */
    long step();

    /**
     * Training began, or went on from a checkpoint; of earlier events, those past this step are
     * void.
     *
     * @param step 0, or the checkpoint's step
     * @param domains how many samples of the pool each domain has, in the order of their positions
     * @param configuration what the run is made with, by name
     * @param environment what it runs on, by name: versions, machine, device
     */
    record RunStarted(
            long step,
            Map<Domain, Long> domains,
            Map<String, String> configuration,
            Map<String, String> environment)
            implements TrainingEvent {}

    /**
     * An optimizer update was made.
     *
     * @param step the step, 1 for the first
     * @param loss the loss that was minimised: weighted, the mean over the batch
     * @param samples the batch, in the order in which it went through the model
     * @param rows how many samples of each domain were in the batch
     * @param elapsed time the step took, strategies included
     */
    record StepCompleted(
            long step,
            double loss,
            SampleIndices samples,
            Map<Domain, Integer> rows,
            Duration elapsed)
            implements TrainingEvent {}

    /**
     * A strategy answered and its decision is in force.
     *
     * @param step the step
     * @param strategy its name
     * @param scope the samples it decided about: a domain's name, {@code pool}, or {@code batch}
     * @param samples for weighters the batch, in the order of the weights; for a selector the
     *     candidates; else empty
     * @param decision its answer
     * @param inputs digest of the plain values that the strategy was given
     * @param elapsed time it took; with a weighter's first answer after a refresh, the refresh's
     *     too
     */
    record DecisionApplied(
            long step,
            String strategy,
            String scope,
            SampleIndices samples,
            Decision decision,
            String inputs,
            Duration elapsed)
            implements TrainingEvent {}

    /**
     * A streaming pool was asked for what has arrived.
     *
     * @param step the step
     * @param arrived how many samples are new, perhaps none
     * @param size how many have arrived in all; the new ones have the last positions
     * @param window how many of the last are candidates
     * @param elapsed time it took, waiting included
     */
    record SamplesArrived(long step, long arrived, long size, int window, Duration elapsed)
            implements TrainingEvent {}

    /**
     * The validation sets were measured.
     *
     * @param step the step
     * @param losses mean loss of each set's samples, by the set's name
     * @param elapsed time it took
     */
    record Validated(long step, Map<String, Double> losses, Duration elapsed)
            implements TrainingEvent {}

    /**
     * A checkpoint is whole on disk.
     *
     * @param step the step
     * @param directory where
     */
    record CheckpointSaved(long step, Path directory) implements TrainingEvent {}

    /**
     * The run ended.
     *
     * @param step the step
     * @param completed false if it was stopped early or failed
     */
    record RunEnded(long step, boolean completed) implements TrainingEvent {}
}
