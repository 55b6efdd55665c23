package org.dataflex.strategy;

/**
 * Weighs the samples of each batch; the batch loss is sum(w_i l_i) / B.
 *
 * <p>{@link #weigh} is asked within the training step, for every batch from the schedule's warm-up
 * on; {@link #refresh} is asked between steps, on the schedule.
 */
@FunctionalInterface
public non-sealed interface Weighter extends Strategy {

    /**
     * Weighs a batch; weights are constants, no gradient flows through them.
     *
     * @param context the batch and its losses; valid during this call only
     * @return one weight per sample, in the order of the batch
     */
    SampleWeights weigh(WeightingContext context);

    /**
     * Brings up to date what later batches are weighed by, such as the target set's embeddings.
     *
     * @param context the run as it stands; valid during this call only
     */
    default void refresh(StrategyContext context) {}
}
