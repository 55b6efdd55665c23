package org.dataflex.mixers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.Map;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Mixture;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.MixerContract;
import org.junit.jupiter.api.Test;

class RandomMixerTest implements MixerContract {

    private final CandidatePool pool = FakePool.ofSizes(10, 20, 30);

    @Override
    public Mixer create(List<Domain> domains) {
        return new RandomMixer();
    }

    @Test
    void nameAndSettings() {
        assertEquals("random", new RandomMixer().name());
        assertEquals(Map.of(), new RandomMixer().settings());
    }

    /** DataFlex gives the same proportions at every update. */
    @Test
    void mix_otherStepOrSeed_givesAnotherAnswer() {
        assertNotEquals(mix(7, 10), mix(7, 20));
        assertNotEquals(mix(7, 10), mix(8, 10));
    }

    @Test
    void mix_manySeeds_areAllDomainsAlikeOnAverage() {
        double[] sum = new double[3];
        for (int seed = 0; seed < 3_000; seed++) {
            double[] shares = mix(seed, 0).toArray(pool.domains());
            for (int i = 0; i < 3; i++) {
                sum[i] += shares[i] / 3_000;
            }
        }
        for (double mean : sum) {
            assertEquals(1 / 3.0, mean, 0.013); // four standard deviations of about 0.17/sqrt(3000)
        }
    }

    private Mixture mix(long seed, long step) {
        return new RandomMixer()
                .mix(
                        FakeContexts.of(pool)
                                .withSeed(seed)
                                .atStep(step)
                                .mixing(Mixture.of(pool.domains(), 0.2, 0.3, 0.5)));
    }
}
