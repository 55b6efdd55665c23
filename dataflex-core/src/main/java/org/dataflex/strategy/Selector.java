package org.dataflex.strategy;

/**
 * Chooses which samples to train on until the next update.
 *
 * <p>Without a mixer a selector is asked once an update, about the whole pool. With a mixer it is
 * asked once for each domain, in the pool's order: the mixer fixes each domain's share of a batch,
 * the selector which samples of the domain may be drawn.
 */
@FunctionalInterface
public non-sealed interface Selector extends Strategy {

    /**
     * Chooses {@code context.budget()} of {@code context.candidates()}.
     *
     * @param context the run as it stands; valid during this call only
     * @return exactly {@code budget} distinct candidates, in any order
     */
    Selection select(SelectionContext context);
}
