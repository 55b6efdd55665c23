package org.dataflex.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.dataflex.math.Seeds;
import org.dataflex.strategy.TokenWeighter;
import org.dataflex.strategy.TokenWeights;
import org.junit.jupiter.api.Test;

/**
 * What every token weighter must do; a weighter's test implements this and adds what is its own.
 */
public interface TokenWeighterContract {

    /**
     * Makes the weighter under test, always with the same settings.
     *
     * @return a new weighter
     */
    TokenWeighter create();

    /**
     * Makes the contexts that the weighter sees.
     *
     * @return a pool of at least 33 samples; sample i has i % 5 target tokens
     */
    FakeContexts contexts();

    @Test
    default void weigh_anyBatchSize_givesOneFiniteWeightEach() {
        for (int size : new int[] {2, 3, 33}) {
            checkWeights(losses(size, 1));
        }
    }

    @Test
    default void weigh_noTargetTokens_givesNoWeights() {
        checkWeights(new float[0]);
    }

    @Test
    default void weigh_extremeLosses_givesFiniteWeights() {
        checkWeights(new float[0], new float[] {0}, new float[] {Float.MAX_VALUE, 0});
        checkWeights(new float[0], new float[] {0}, new float[] {0, 0});
    }

    private void checkWeights(float[]... losses) {
        TokenWeights weights = weights(create(), losses);
        assertEquals(losses.length, weights.size());
        for (int i = 0; i < losses.length; i++) {
            float[] own = weights.get(i);
            assertEquals(losses[i].length, own.length);
            for (float weight : own) {
                assertTrue(Float.isFinite(weight) && weight >= 0, weights::toString);
            }
        }
    }

    @Test
    default void weigh_leavesTheLossesAlone() {
        float[][] losses = losses(33, 3);
        float[][] before = Arrays.stream(losses).map(float[]::clone).toArray(float[][]::new);
        weights(create(), losses);
        assertArrayEquals(before, losses);
    }

    @Test
    default void weigh_sameState_givesTheSameAnswer() {
        assertEquals(
                weights(create(), losses(33, 4)).toString(),
                weights(create(), losses(33, 4)).toString());
    }

    @Test
    default void nameAndSettings_doNotChange() {
        TokenWeighter weighter = create();
        String name = weighter.name();
        Map<String, String> settings = Map.copyOf(weighter.settings());
        weights(weighter, losses(33, 5));
        assertEquals(name, weighter.name());
        assertEquals(settings, weighter.settings());
    }

    private TokenWeights weights(TokenWeighter weighter, float[]... losses) {
        weighter.check(contexts().refreshing().pool());
        weighter.refresh(contexts().refreshing());
        return weighter.weigh(contexts().weightingTokens(losses));
    }

    private static float[][] losses(int size, long seed) {
        RandomGenerator random = Seeds.generator(seed);
        float[][] losses = new float[size][];
        for (int i = 0; i < size; i++) {
            losses[i] = new float[i % 5];
            for (int t = 0; t < losses[i].length; t++) {
                losses[i][t] = 5 * random.nextFloat();
            }
        }
        return losses;
    }
}
