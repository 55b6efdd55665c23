package org.dataflex.selectors.reward;

import java.util.List;

/** Says what an answer is worth; the same for the same answer. */
@FunctionalInterface
public interface Reward {

    /** The description of a reward that does not describe itself. */
    String CUSTOM = "custom";

    /**
     * Rates an answer.
     *
     * @param answer the answer
     * @return its reward, finite; 0 for an answer from which nothing is to be learned
     * @throws IllegalArgumentException if the answer lacks a reference that this reward needs
     */
    double of(Answer answer);

    /**
     * Refuses a prompt whose answers this reward cannot rate; called before training.
     *
     * @param unanswered the prompt and its reference, with an empty answer
     * @throws IllegalArgumentException saying what it lacks; by default no prompt does
     */
    default void check(Answer unanswered) {}

    /**
     * Rates answers; a reward that is faster for many at once overrides this.
     *
     * @param answers the answers
     * @return a reward each, in order
     */
    default double[] ofAll(List<Answer> answers) {
        return answers.stream().mapToDouble(this::of).toArray();
    }

    /**
     * Returns how many answers to rate at a time where what has been rated must not be lost.
     *
     * @return at least 1, by default 1
     */
    default int batchSize() {
        return 1;
    }

    /**
     * Describes this reward for the run's log, and for the check that a resume goes on with the
     * same.
     *
     * @return name and settings, by default {@link #CUSTOM}; without secrets
     */
    default String description() {
        return CUSTOM;
    }
}
