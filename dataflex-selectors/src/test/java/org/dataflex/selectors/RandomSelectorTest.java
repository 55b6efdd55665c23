package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.Selector;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.SelectorContract;
import org.junit.jupiter.api.Test;

class RandomSelectorTest implements SelectorContract {

    @Override
    public Selector create() {
        return new RandomSelector();
    }

    @Test
    void nameAndSettings() {
        assertEquals("random", new RandomSelector().name());
        assertEquals(Map.of(), new RandomSelector().settings());
    }

    @Test
    void select_needsNoModelAndGivesNoScores() {
        Selection selection =
                new RandomSelector().select(FakeContexts.of(FakePool.ofSize(5)).selection(3));
        assertArrayEquals(new double[0], selection.scores());
        assertTrue(selection.candidateScores().isEmpty());
    }

    @Test
    void select_otherStep_givesAnotherAnswer() {
        FakeContexts contexts = FakeContexts.of(FakePool.ofSize(40));
        assertNotEquals(
                new RandomSelector().select(contexts.atStep(1).selection(20)).indices(),
                new RandomSelector().select(contexts.atStep(2).selection(20)).indices());
    }

    @Test
    void select_manySeeds_drawsEveryCandidateEquallyOften() {
        int[] drawn = new int[10];
        FakeContexts contexts = FakeContexts.of(FakePool.ofSize(10));
        for (int seed = 0; seed < 4_000; seed++) {
            new RandomSelector()
                    .select(contexts.withSeed(seed).selection(3)).indices().stream()
                            .forEach(i -> drawn[(int) i]++);
        }
        for (int count : drawn) {
            assertEquals(1_200, count, 120); // four standard deviations
        }
    }
}
