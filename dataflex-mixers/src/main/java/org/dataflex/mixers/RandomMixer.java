package org.dataflex.mixers;

import java.util.List;
import org.dataflex.data.Domain;
import org.dataflex.math.Simplex;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.MixingContext;
import org.dataflex.strategy.Mixture;

/**
 * Sets random proportions, new ones at every update.
 *
 * <p>A baseline that tells whether a mixer does better than mere change. No paper.
 *
 * <p>Formula: p_i = u_i / sum_j u_j with u_i ~ U(0, 1], independent.
 *
 * <p>Needs: nothing; no state. Cost: O(K) for K domains.
 *
 * <p>Deviations from DataFlex: there every update seeds the global generator anew with the same
 * seed, and so gives the same proportions each time; here each update has randomness of its own.
 */
public final class RandomMixer implements Mixer {

    static final String NAME = "random";

    /** Makes a mixer; there is nothing to set. */
    public RandomMixer() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Mixture mix(MixingContext context) {
        List<Domain> domains = context.pool().domains();
        double[] u = new double[domains.size()];
        for (int i = 0; i < u.length; i++) {
            u[i] = 1 - context.random().nextDouble(); // never 0, so never all 0
        }
        return Mixture.of(domains, Simplex.normalize(u));
    }
}
