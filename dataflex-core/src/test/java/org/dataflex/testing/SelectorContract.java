package org.dataflex.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Model;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Stateful;
import org.dataflex.strategy.Strategies;
import org.junit.jupiter.api.Test;

/** What every selector must do; a selector's test implements this and adds what is its own. */
public interface SelectorContract {

    /**
     * Makes the selector under test, always with the same settings.
     *
     * @return a new selector
     */
    Selector create();

    /**
     * Tells whether the selector asks for no randomness.
     *
     * @return true if every seed gives the same selection
     */
    default boolean isDeterministic() {
        return false;
    }

    /**
     * Tells whether name and settings are enough to make the selector.
     *
     * @return false if it needs an object, such as a target set
     */
    default boolean isCreatableByName() {
        return true;
    }

    /**
     * Makes the model at a step.
     *
     * @param step the step
     * @return by default one whose losses all differ, and change with the step
     */
    default FakeModelOps modelAt(long step) {
        return FakeModelOps.withLosses(i -> 1 + 0.01 * (i * 31 % 97) + 0.001 * (i * step % 89));
    }

    @Test
    default void select_anyBudget_returnsThatManyDistinctCandidates() {
        Selector selector = create();
        int step = 0;
        for (int budget : new int[] {1, 2, 23, 47, 48}) {
            step++;
            Selection selection = selector.select(contexts(48).atStep(step).selection(budget));
            assertEquals(budget, selection.indices().size());
            assertDistinctAndWithin(selection.indices(), SampleIndices.range(0, 48));
        }
    }

    @Test
    default void select_wholeDomain_returnsAllOfIt() {
        Selection selection = create().select(contexts(17).selection(17));
        assertEquals(
                LongStream.range(0, 17).boxed().toList(),
                selection.indices().stream().sorted().boxed().toList());
    }

    @Test
    default void build_budgetAboveThePool_isRefusedBeforeTraining() {
        try (Model model = TinyRuns.model()) {
            DynamicTrainer.Builder builder =
                    TinyRuns.trainer(model)
                            .optSelector(create(), UpdateSchedule.every(1))
                            .optSelectionBudget(81);
            String message = assertThrows(IllegalStateException.class, builder::build).getMessage();
            assertTrue(
                    message.contains("the selection budget of 81 samples exceeds the pool's 80;"),
                    message);
        }
    }

    @Test
    default void select_oneDomain_leavesTheOthersAlone() {
        CandidatePool pool = FakePool.ofSizes(11, 20, 13);
        Selector selector = create();
        pool.domains().forEach(domain -> checkStaysWithin(selector, pool, pool.samples(domain)));
    }

    private void checkStaysWithin(Selector selector, CandidatePool pool, Samples candidates) {
        FakeModelOps model = modelAt(5);
        FakeContexts contexts = FakeContexts.of(pool).atStep(5).withModel(model);
        Selection selection = selector.select(contexts.selection(candidates, 6));
        assertEquals(6, selection.indices().size());
        assertDistinctAndWithin(selection.indices(), candidates.indices());
        List<Samples> calls = new ArrayList<>(model.lossCalls());
        calls.addAll(model.embedCalls());
        for (Samples asked : calls) {
            if (asked.source() == pool) {
                assertWithin(asked.indices(), candidates.indices());
            }
        }
    }

    @Test
    default void select_sameSeedAndState_givesTheSameAnswer() {
        assertEquals(answers(create(), 7), answers(create(), 7));
    }

    @Test
    default void select_otherSeed_givesAnotherAnswerUnlessDeterministic() {
        if (isDeterministic()) {
            assertEquals(answers(create(), 7), answers(create(), 8));
        } else {
            assertNotEquals(answers(create(), 7), answers(create(), 8));
        }
    }

    @Test
    default void restoreState_givesTheAnswersOfAnUninterruptedRun() {
        assumeTrue(create() instanceof Stateful);
        Selector uninterrupted = create();
        answer(uninterrupted, 7, 10);
        Map<String, double[]> state = ((Stateful) uninterrupted).saveState();
        List<List<Long>> expected =
                List.of(answer(uninterrupted, 7, 20), answer(uninterrupted, 7, 30));
        for (int resume = 0; resume < 2; resume++) { // twice: the first must not spoil the state
            Selector resumed = create();
            ((Stateful) resumed).restoreState(state);
            assertEquals(expected, List.of(answer(resumed, 7, 20), answer(resumed, 7, 30)));
        }
    }

    @Test
    default void nameAndSettings_doNotChange() {
        Selector selector = create();
        String name = selector.name();
        Map<String, String> settings = Map.copyOf(selector.settings());
        answers(selector, 7);
        assertEquals(name, selector.name());
        assertEquals(settings, selector.settings());
    }

    @Test
    default void createByName_givesTheSameSelector() {
        assumeTrue(isCreatableByName());
        Selector made = create();
        Selector named = Strategies.create(Selector.class, made.name(), made.settings());
        assertEquals(made.getClass(), named.getClass());
        assertEquals(made.name(), named.name());
        assertEquals(made.settings(), named.settings());
        assertEquals(answers(made, 7), answers(named, 7));
    }

    private FakeContexts contexts(long size) {
        return FakeContexts.of(FakePool.ofSize(size)).withModel(modelAt(0));
    }

    private List<List<Long>> answers(Selector selector, long seed) {
        return List.of(
                answer(selector, seed, 10), answer(selector, seed, 20), answer(selector, seed, 30));
    }

    private List<Long> answer(Selector selector, long seed, long step) {
        FakeContexts contexts = contexts(48).withSeed(seed).atStep(step).withModel(modelAt(step));
        return selector.select(contexts.selection(16)).indices().asList();
    }

    private static void assertDistinctAndWithin(SampleIndices chosen, SampleIndices candidates) {
        assertEquals(chosen.size(), new HashSet<>(chosen.asList()).size(), "repeats in " + chosen);
        assertWithin(chosen, candidates);
    }

    private static void assertWithin(SampleIndices some, SampleIndices all) {
        Set<Long> known = all.stream().boxed().collect(Collectors.toSet());
        assertTrue(known.containsAll(some.asList()), some + " is not within " + all);
    }
}
