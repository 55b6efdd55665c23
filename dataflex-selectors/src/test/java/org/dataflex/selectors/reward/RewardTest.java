package org.dataflex.selectors.reward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.dataflex.testing.Golden;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RewardTest {

    private static Answer answer(String text, String reference) {
        return new Answer("What is 2+3?", text, reference);
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void exactMatch_ignoresWhiteSpaceAroundOnly() {
        Reward reward = new ExactMatch();
        assertEquals(1, reward.of(answer(" five\n", "five")));
        assertEquals(0, reward.of(answer("Five", "five")));
        assertEquals(0, reward.of(answer("fi ve", "five")));
        assertEquals("exact", reward.description());
        assertArrayEquals(
                new double[] {1, 0},
                reward.ofAll(List.of(answer("five", "five"), answer("six", "five"))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2+3 is 5|5|1",
                "5 is 2+3|5|0",
                "so it is 5.|5|1",
                "#### 5 apples of 7|5|1",
                "first #### 4 then #### 5|5|1",
                "4 #### none|4|0",
                "1,234.50|1234.5|1",
                "1,2|2|1",
                "5.0|2 + 3 = 5 #### 5|1",
                "-5|5|0",
                "at -5|-5|1",
                "10-5|5|1",
                "+5|5|1",
                "five|5|0",
                "0.1|0.10|1",
                ".5|0.5|1",
                "-.5|0.5|0",
                "it costs $.50|0.5|1",
                "see fig.5|5|1",
                "so ...5|5|1",
                "1e3|1000|1",
                "2.5E-1|.25|1",
                "1,200e0|1200|1",
                "3e4x|30000|0",
                "e = 2e|2|1",
                "1e9999999999|1|0",
                "1e999999999|1|0",
                "\u22125|-5|1",
                "10\u22125|5|1",
                "1e\u22121|0.1|1",
            })
    void numericAnswer_comparesTheNumbersAtTheEnd(String text, String reference, double expected) {
        assertEquals(expected, new NumericAnswer().of(answer(text, reference)));
    }

    @Test
    void regularExpression_isFoundOrGivesTheReference() {
        Reward found = new RegularExpression(Pattern.compile("(?i)five"));
        assertEquals(1, found.of(answer("It is Five.", null)));
        assertEquals(0, found.of(answer("It is six.", null)));
        Reward choice = new RegularExpression(Pattern.compile("answer is \\(([A-D])\\)"));
        assertEquals(1, choice.of(answer("answer is (A), no, the answer is (B)", "B")));
        assertEquals(0, choice.of(answer("answer is (A), no, the answer is (B)", "A")));
        assertEquals(0, choice.of(answer("B", "B")));
        assertEquals("regex (?i)five", found.description());
    }

    @Test
    void withoutAReference_isRefused() {
        String end =
                " needs a reference, and prompt 'What is 2+3?' has none; add one or choose another"
                        + " reward";
        Answer open = answer("5", null);
        Answer unanswered = answer("", null);
        Map.of(
                        "exact",
                        new ExactMatch(),
                        "numeric",
                        new NumericAnswer(),
                        "regex",
                        new RegularExpression(Pattern.compile("(5)")))
                .forEach(
                        (name, reward) -> {
                            assertRefused("reward " + name + end, () -> reward.of(open));
                            assertRefused("reward " + name + end, () -> reward.check(unanswered));
                        });
        new RegularExpression(Pattern.compile("5")).check(unanswered);
        assertRefused(
                "reward numeric needs a number, and reference 'five' of prompt 'What is 2+3?' has"
                        + " none",
                () -> new NumericAnswer().of(answer("5", "five")));
    }

    static List<JsonNode> logits() {
        return Golden.cases("nice-reward.json");
    }

    @ParameterizedTest
    @MethodSource("logits")
    void rewardModel_mapsLogitsAsTheReference(JsonNode golden) {
        double[] wide = Golden.array(golden.get("logits"));
        float[] logits = new float[wide.length];
        for (int k = 0; k < logits.length; k++) {
            logits[k] = (float) wide[k];
        }
        assertEquals(golden.get("reward").asDouble(), RewardModel.reward(logits), 1e-7);
    }

    @Test
    void rewardModel_largeLogits_areNoNaN() {
        assertEquals(0, RewardModel.reward(new float[] {-1e4f}));
        assertEquals(1, RewardModel.reward(new float[] {1e4f}));
        assertEquals(0, RewardModel.reward(new float[] {1e4f, -1e4f}));
        assertEquals(0.5, RewardModel.reward(new float[] {1e4f, 1e4f}));
        assertEquals(
                "the reward model's logits are [NaN, 1.0], must be finite",
                assertThrows(
                                IllegalStateException.class,
                                () -> RewardModel.reward(new float[] {Float.NaN, 1}))
                        .getMessage());
    }
}
