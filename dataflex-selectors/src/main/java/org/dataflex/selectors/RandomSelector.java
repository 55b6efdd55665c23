package org.dataflex.selectors;

import java.util.Arrays;
import org.dataflex.data.SampleIndices;
import org.dataflex.math.Shuffle;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;

/**
 * Chooses candidates at random, every subset of the budget's size equally likely.
 *
 * <p>The baseline that any other selector has to beat. No paper.
 *
 * <p>Formula: the first {@code budget} of a random permutation of the candidates.
 *
 * <p>Needs: nothing; no state. Cost: O(n) for n candidates.
 *
 * <p>Deviations from DataFlex: no drawing with replacement, since the samples of a selection are
 * distinct; the randomness is the run's and differs between domains too, not that of seed + step.
 */
public final class RandomSelector implements Selector {

    static final String NAME = "random";

    /** Makes a selector; there is nothing to set. */
    public RandomSelector() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Selection select(SelectionContext context) {
        long[] order = context.candidates().indices().toArray();
        Shuffle.inPlace(order, context.random());
        return Selection.of(SampleIndices.of(Arrays.copyOf(order, context.budget())));
    }
}
