package org.dataflex.examples.report;

import java.util.Map;

/** An event of a run's log; see {@code docs/checkpoints.md}. */
sealed interface RunEvent {

    /** Optimizer updates made when it happened. */
    long step();

    /** Whether it is void when the run goes on again from a checkpoint of this step. */
    default boolean isVoidFrom(long checkpoint) {
        return step() > checkpoint;
    }

    /** The run began or went on. */
    record Start(
            long step,
            Map<String, Long> domains,
            Map<String, String> configuration,
            Map<String, String> environment)
            implements RunEvent {}

    /** An optimizer update. */
    record Step(long step, double loss, double millis, Map<String, Long> rows, long[] samples)
            implements RunEvent {}

    /** Losses of the validation sets. */
    record Measurement(long step, double millis, Map<String, Double> losses) implements RunEvent {}

    /** The end of the run or of a part of it. */
    record End(long step, boolean completed) implements RunEvent {}

    /** What arrived on a stream; made, as a decision, after a step's checkpoint. */
    record Arrival(long step, long arrived, long size, double millis) implements RunEvent {

        @Override
        public boolean isVoidFrom(long checkpoint) {
            return step >= checkpoint;
        }
    }

    /** What says nothing that a report shows. */
    record Other(long step) implements RunEvent {}

    /** A strategy's decision; it is in force from the update after {@link #step()} on. */
    sealed interface DecisionEvent extends RunEvent {

        String strategy();

        double millis();

        /** Decisions are made after a step's checkpoint, before the next update. */
        @Override
        default boolean isVoidFrom(long checkpoint) {
            return step() >= checkpoint;
        }
    }

    /** A mixer's answer. */
    record Mixing(long step, String strategy, double millis, Map<String, Double> proportions)
            implements DecisionEvent {}

    /** A selector's answer: how many of how many, and the file that lists them. */
    record Choice(long step, String strategy, double millis, Chosen chosen)
            implements DecisionEvent {}

    /**
     * What a selector was asked about and answered.
     *
     * @param scope the domain's name, or {@code pool}
     * @param candidates how many it chose from
     * @param count how many it chose
     * @param file the name of its selection file
     * @param sha256 the file's digest
     */
    record Chosen(String scope, long candidates, long count, String file, String sha256) {}

    /** A token weighter's answer for a batch. */
    record TokenWeighing(long step, String strategy, double millis) implements DecisionEvent {}

    /** A weighter's answer for a batch. */
    record Weighing(long step, String strategy, double millis, long[] samples, double[] weights)
            implements DecisionEvent {}
}
