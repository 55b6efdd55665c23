package org.dataflex.selectors.reward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.core.Linear;
import java.util.List;
import java.util.function.Function;
import org.dataflex.math.Sha256;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A model whose logits are sums and counts of token ids. */
@ExtendWith(NoLeaks.class)
class RewardModelTest {

    private static Answer answer(String text) {
        return new Answer("1", text, null);
    }

    private static double[] rate(Function<NDList, NDList> logits, int batchSize, String... texts) {
        try (Model model = Model.newInstance("judge")) {
            model.setBlock(new LambdaBlock(logits));
            model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 2));
            RewardModel reward =
                    new RewardModel(
                            model,
                            answer -> (answer.prompt() + answer.text()).chars().toArray(),
                            batchSize);
            assertEquals("model judge " + new Sha256().hex(), reward.description());
            model.getNDManager().cap();
            return reward.ofAll(List.of(texts).stream().map(RewardModelTest::answer).toList());
        }
    }

    private static NDArray sum(NDList data) {
        return data.get(0).toType(DataType.FLOAT32, true).sum(new int[] {1}, true).div(100);
    }

    @Test
    void oneLogit_ratesBySigmoid_inBatches() {
        double[] expected = { // '1' is 49, '2' is 50, '5' is 53; padding is 0
            1 / (1 + Math.exp(-0.99)), 1 / (1 + Math.exp(-1.52)), 1 / (1 + Math.exp(-0.49))
        };
        for (int batchSize : new int[] {1, 2, 8}) {
            double[] rewards = rate(data -> new NDList(sum(data)), batchSize, "2", "25", "");
            assertArrayEquals(expected, rewards, 1e-6, "batch size " + batchSize);
        }
    }

    @Test
    void severalLogits_rateByTheSoftmaxOfTheLast() {
        Function<NDList, NDList> twoClasses =
                data -> {
                    NDArray tokens = data.get(1).sum(new int[] {1}, true); // the mask's
                    return new NDList(tokens.zerosLike().concat(tokens, 1));
                };
        assertArrayEquals(
                new double[] {1 / (1 + Math.exp(-2)), 1 / (1 + Math.exp(-3))},
                rate(twoClasses, 8, "2", "25"),
                1e-6);
    }

    @Test
    void description_tellsModelsOfOneNameApartByTheirParameters() {
        String zeros = describe(0, 2);
        assertEquals(zeros, describe(0, 2));
        assertNotEquals(zeros, describe(1, 2));
        assertNotEquals(zeros, describe(0, 3));
        assertTrue(zeros.matches("model judge [0-9a-f]{64}"), zeros);
    }

    private static String describe(float weight, int inputs) {
        try (Model model = Model.newInstance("judge")) {
            Linear block = Linear.builder().setUnits(1).build();
            block.setInitializer(
                    (manager, shape, type) -> manager.full(shape, weight, type), p -> true);
            model.setBlock(block);
            block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, inputs));
            model.getNDManager().cap();
            RewardModel reward = new RewardModel(model, answer -> new int[] {1}, 1);
            assertEquals(reward.description(), reward.description());
            return reward.description();
        }
    }

    @Test
    void badSettingsAndOutputs_areRefused() {
        assertEquals(
                "batchSize = 0, must be at least 1",
                assertThrows(IllegalArgumentException.class, () -> rate(d -> d, 0, "2"))
                        .getMessage());
        assertEquals(
                "the reward model's output is (2) for 2 answers, must be logits [B, K]",
                assertThrows(
                                IllegalStateException.class,
                                () -> rate(d -> new NDList(sum(d).squeeze(1)), 8, "2", "3"))
                        .getMessage());
    }
}
