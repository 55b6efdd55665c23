package org.dataflex.strategy;

/**
 * Weighs the target tokens of each batch; the loss of sample i becomes 1/|T_i| sum over t in T_i of
 * v_it l_it.
 *
 * <p>Composed with a {@link Weighter}'s weights by multiplication: a token's loss counts v_it w_i.
 * Both see the losses before weighting. Needs a loss with a per-token form, {@link
 * org.dataflex.loss.CausalLmLoss}. {@link #weigh} is asked within the training step, for every
 * batch from the schedule's warm-up on; {@link #refresh} is asked between steps, on the schedule.
 */
@FunctionalInterface
public non-sealed interface TokenWeighter extends Strategy {

    /**
     * Weighs a batch's target tokens; weights are constants, no gradient flows through them.
     *
     * @param context the batch and its losses; valid during this call only
     * @return one weight per target token, in the form of {@link WeightingContext#tokenLosses}
     */
    TokenWeights weigh(WeightingContext context);

    /**
     * Brings up to date what later batches are weighed by.
     *
     * @param context the run as it stands; valid during this call only
     */
    default void refresh(StrategyContext context) {}
}
