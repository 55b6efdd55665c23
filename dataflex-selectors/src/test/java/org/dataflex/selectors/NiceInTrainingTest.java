package org.dataflex.selectors;

import static org.dataflex.selectors.CountingRun.BUDGET;
import static org.dataflex.selectors.CountingRun.NUMBERS;
import static org.dataflex.selectors.CountingRun.choose;
import static org.dataflex.selectors.CountingRun.chooseByDomain;
import static org.dataflex.selectors.CountingRun.right;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.dataflex.selectors.reward.Answer;
import org.dataflex.strategy.Selection;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A decoder learns to count up and down; its answers are rewarded for one of the two, and those
 * sequences are chosen that do it.
 */
@ExtendWith(NoLeaks.class)
class NiceInTrainingTest {

    private static final Tokenizer DIGITS =
            Tokenizer.of(
                    text -> text.chars().map(c -> c - '0').toArray(),
                    ids -> {
                        StringBuilder text = new StringBuilder();
                        IntStream.of(ids).forEach(text::append);
                        return text.toString();
                    });

    /** The share of an answer's numbers that follow the one before. */
    private static double reward(Answer answer, int by) {
        int[] ids = DIGITS.encode(answer.prompt() + answer.text());
        long right =
                IntStream.range(1, ids.length)
                        .filter(t -> ids[t] == Math.floorMod(ids[t - 1] + by, NUMBERS))
                        .count();
        return right / (ids.length - 1.0);
    }

    private static NiceSelector selector(int by) {
        return selector(by, DIGITS);
    }

    private static NiceSelector selector(int by, Tokenizer tokenizer) {
        List<Prompt> prompts =
                IntStream.range(0, NUMBERS)
                        .mapToObj(n -> new Prompt("" + n, new int[] {n}, null))
                        .toList();
        return NiceSelector.builder()
                .setTokenizer(tokenizer)
                .setReward(answer -> reward(answer, by))
                .addSubtask("counting", prompts)
                .optMcSamples(8)
                .optMaxNewTokens(3)
                .optSeed(5)
                .build();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -1})
    void select_choosesWhatTheRewardedAnswersDo(int by) throws Exception {
        Selection chosen = choose(selector(by), 20);
        assertEquals(BUDGET, chosen.indices().size());
        assertTrue(right(chosen, by) >= BUDGET - 1, () -> right(chosen, by) + " of " + BUDGET);
    }

    @Test
    void select_byDomain_answersThePromptsOnce() throws Exception {
        AtomicInteger answers = new AtomicInteger();
        Tokenizer counting =
                Tokenizer.of(
                        DIGITS::encode,
                        ids -> {
                            answers.incrementAndGet();
                            return DIGITS.decode(ids);
                        });
        List<Selection> chosen = chooseByDomain(selector(1, counting), 20);
        assertEquals(2, chosen.size());
        assertEquals(8 * NUMBERS, answers.get());
    }

    @Test
    void select_again_choosesTheSame() throws Exception {
        assertEquals(
                choose(selector(1), 20).indices().asList(),
                choose(selector(1), 20).indices().asList());
    }
}
