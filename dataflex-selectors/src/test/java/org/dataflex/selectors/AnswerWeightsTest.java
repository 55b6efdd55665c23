package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class AnswerWeightsTest {

    private static final double[] REWARDS = {0.5, 1, 0, 0.5};

    private static void assertWeights(AnswerWeights weights, double... expected) {
        assertArrayEquals(expected, weights.of(REWARDS), 1e-15);
    }

    @Test
    void byDefault_rewardsOverTheirNumber() {
        assertWeights(new AnswerWeights(false, Double.NEGATIVE_INFINITY, 0), 0.125, 0.25, 0, 0.125);
    }

    @Test
    void baseline_isTheMeanOfTheOthers() {
        assertWeights(
                new AnswerWeights(true, Double.NEGATIVE_INFINITY, 0),
                (0.5 - 1.5 / 3) / 4,
                (1 - 1.0 / 3) / 4,
                (0 - 2.0 / 3) / 4,
                (0.5 - 1.5 / 3) / 4);
    }

    @Test
    void rejected_countNoMore_andTheRestIsAveraged() {
        assertWeights(new AnswerWeights(false, 0.5, 0), 0.5 / 3, 1.0 / 3, 0, 0.5 / 3);
        assertWeights(new AnswerWeights(false, 2, 0), 0, 0, 0, 0);
    }

    @Test
    void top_countOnly_ofEqualOnesTheFirst() {
        double all = Double.NEGATIVE_INFINITY;
        assertWeights(new AnswerWeights(false, all, 2), 0.25, 0.5, 0, 0);
        assertWeights(new AnswerWeights(false, all, 9), 0.125, 0.25, 0, 0.125);
        assertWeights(new AnswerWeights(false, 0.7, 2), 0, 1, 0, 0);
        assertWeights(new AnswerWeights(true, all, 1), 0, 1 - 1.0 / 3, 0, 0);
    }
}
