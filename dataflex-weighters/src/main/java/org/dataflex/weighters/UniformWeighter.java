package org.dataflex.weighters;

import java.util.Arrays;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Weighter;
import org.dataflex.strategy.WeightingContext;

/**
 * Gives every sample the weight 1, as training without a weighter does.
 *
 * <p>The baseline that any other weighter has to beat. No paper.
 *
 * <p>Formula: w_i = 1.
 *
 * <p>Needs: nothing; no state. Cost: O(B) for B samples a batch.
 *
 * <p>Deviations from DataFlex: this is the mean of the losses, as its custom weighter's template.
 * The {@code uniform} of its loss weighter is not uniform, see {@link LossBasedWeighter}.
 */
public final class UniformWeighter implements Weighter {

    static final String NAME = "uniform";

    /** Makes a weighter; there is nothing to set. */
    public UniformWeighter() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public SampleWeights weigh(WeightingContext context) {
        float[] ones = new float[context.batch().size()];
        Arrays.fill(ones, 1);
        return SampleWeights.absolute(ones);
    }
}
