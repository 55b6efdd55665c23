package org.dataflex.examples.selectfortarget;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.dataflex.selectors.reward.Answer;
import org.junit.jupiter.api.Test;

class ContinuationTest {

    @Test
    void reward_isTheMeanScoreOverRunsOfOneToThreeCharacters() {
        assertEquals(1, reward("sum of", "sum of"));
        assertEquals(0, reward("xyz", "sum of"));
        assertEquals(0, reward("", "sum"));
        // abcd and abce: 3 of 4 characters, 2 of 3 pairs, 1 of 2 triples
        assertEquals((3 / 4.0 + 2 / 3.0 + 1 / 2.0) / 3, reward("abcd", "abce"), 1e-15);
        // aa has a twice, a once: 2 * 1 / 3; no pairs in common
        assertEquals(2 / 3.0 / 3, reward("aa", "a"), 1e-15);
    }

    private static double reward(String answer, String reference) {
        return new Continuation().of(new Answer("prompt", answer, reference));
    }
}
