package org.dataflex.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.dataflex.math.Seeds;
import org.dataflex.strategy.Stateful;
import org.dataflex.strategy.Strategies;
import org.dataflex.strategy.Weighter;
import org.dataflex.strategy.WeightingContext;
import org.junit.jupiter.api.Test;

/** What every weighter must do; a weighter's test implements this and adds what is its own. */
public interface WeighterContract {

    /**
     * Makes the weighter under test, always with the same settings.
     *
     * @return a new weighter
     */
    Weighter create();

    /**
     * Tells whether name and settings are enough to make the weighter.
     *
     * @return false if it needs an object, such as a target set
     */
    default boolean isCreatableByName() {
        return true;
    }

    /**
     * Tells whether the weights follow from the losses alone.
     *
     * @return false if equal losses may have different weights
     */
    default boolean isLossOnly() {
        return true;
    }

    /**
     * Makes the contexts that the weighter sees.
     *
     * @return by default without a model; the pool has at least 33 samples
     */
    default FakeContexts contexts() {
        return FakeContexts.of(FakePool.ofSize(64)).atStep(100);
    }

    /**
     * Makes the context of a batch.
     *
     * @param losses of the pool's first samples
     * @return by default one without losses of tokens
     */
    default WeightingContext weighting(float... losses) {
        return contexts().weighting(losses);
    }

    @Test
    default void weigh_anyBatchSize_givesOneFiniteWeightEach() {
        for (int size : new int[] {1, 2, 33}) {
            checkWeights(losses(size, 1));
        }
    }

    @Test
    default void weigh_extremeLosses_givesFiniteWeights() {
        checkWeights(0, 1e-30f, 1e30f);
        checkWeights(Float.MAX_VALUE, 0, Float.MIN_VALUE);
        checkWeights(Float.MAX_VALUE, -Float.MAX_VALUE);
        checkWeights(Float.MAX_VALUE, Float.MAX_VALUE, Float.MAX_VALUE);
        checkWeights(0, 0);
        checkWeights(1, Math.nextUp(1f));
    }

    private void checkWeights(float... losses) {
        float[] weights = weights(create(), losses);
        assertEquals(losses.length, weights.length);
        for (float weight : weights) {
            assertTrue(
                    Float.isFinite(weight) && weight >= 0,
                    () -> Arrays.toString(losses) + " gives " + Arrays.toString(weights));
        }
    }

    @Test
    default void weigh_equalLosses_givesEqualWeights() {
        assumeTrue(isLossOnly());
        for (float loss : new float[] {0, 1e-30f, 0.1f, 2.5f, 1e30f}) {
            for (int size : new int[] {1, 2, 33}) {
                float[] losses = new float[size];
                Arrays.fill(losses, loss);
                float[] weights = weights(create(), losses);
                assertEquals(
                        1, IntStream.range(0, size).mapToObj(i -> weights[i]).distinct().count());
            }
        }
    }

    @Test
    default void weigh_permutedBatch_permutesTheWeights() {
        assumeTrue(isLossOnly());
        float[] losses = losses(33, 2);
        float[] expected = weights(create(), losses);
        float[] rotated = new float[33];
        for (int i = 0; i < 33; i++) {
            rotated[i] = losses[(i + 5) % 33];
        }
        float[] weights = weights(create(), rotated);
        for (int i = 0; i < 33; i++) {
            // the sum that normalises is taken in another order
            assertEquals(expected[(i + 5) % 33], weights[i], 1e-6f);
        }
    }

    @Test
    default void weigh_leavesTheLossesAlone() {
        float[] losses = losses(33, 3);
        float[] before = losses.clone();
        weights(create(), losses);
        assertArrayEquals(before, losses);
    }

    @Test
    default void weigh_sameState_givesTheSameAnswer() {
        assertEquals(answers(create()), answers(create()));
    }

    @Test
    default void restoreState_givesTheAnswersOfAnUninterruptedRun() {
        Weighter uninterrupted = create();
        assumeTrue(uninterrupted instanceof Stateful);
        answers(uninterrupted);
        Map<String, double[]> state = ((Stateful) uninterrupted).saveState();
        List<List<Float>> expected = answers(uninterrupted);
        for (int resume = 0; resume < 2; resume++) { // twice: the first must not spoil the state
            Weighter resumed = create();
            ((Stateful) resumed).restoreState(state);
            assertEquals(expected, answers(resumed));
        }
    }

    @Test
    default void nameAndSettings_doNotChange() {
        Weighter weighter = create();
        String name = weighter.name();
        Map<String, String> settings = Map.copyOf(weighter.settings());
        answers(weighter);
        assertEquals(name, weighter.name());
        assertEquals(settings, weighter.settings());
    }

    @Test
    default void createByName_givesTheSameWeighter() {
        assumeTrue(isCreatableByName());
        Weighter made = create();
        Weighter named = Strategies.create(Weighter.class, made.name(), made.settings());
        assertEquals(made.getClass(), named.getClass());
        assertEquals(made.name(), named.name());
        assertEquals(made.settings(), named.settings());
        assertEquals(answers(made), answers(named));
    }

    private List<List<Float>> answers(Weighter weighter) {
        return IntStream.range(0, 3)
                .mapToObj(seed -> weights(weighter, losses(8, seed)))
                .map(w -> IntStream.range(0, w.length).mapToObj(i -> w[i]).toList())
                .toList();
    }

    private float[] weights(Weighter weighter, float... losses) {
        weighter.refresh(contexts().refreshing());
        return weighter.weigh(weighting(losses)).toArray();
    }

    private static float[] losses(int size, long seed) {
        RandomGenerator random = Seeds.generator(seed);
        float[] losses = new float[size];
        for (int i = 0; i < size; i++) {
            losses[i] = 5 * random.nextFloat();
        }
        return losses;
    }
}
