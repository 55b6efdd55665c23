package org.dataflex.mixers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.stream.Stream;
import org.dataflex.testing.Golden;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class GroupDroTest {

    private static final double GOLDEN = 1e-6; // the authors' code counts in float32

    @TestFactory
    Stream<DynamicTest> update_isThatOfTheOriginals() {
        return Golden.cases("doremi-weights.json").stream()
                .map(c -> DynamicTest.dynamicTest(c.get("case").asText(), () -> checkWeights(c)));
    }

    private static void checkWeights(JsonNode golden) {
        GroupDro dro =
                new GroupDro(
                        3,
                        golden.get("stepSize").asDouble(),
                        golden.get("smoothing").asDouble(),
                        golden.get("variant").asText().equals("dataflex"));
        for (int t = 0; t < golden.get("scores").size(); t++) {
            dro.beginStep();
            dro.update(excess(golden.get("scores").get(t), golden.get("hasData").get(t)));
            assertArrayEquals(
                    Golden.array(golden.get("weights").get(t)), dro.weights(), GOLDEN, "t = " + t);
        }
        assertArrayEquals(Golden.array(golden.get("average")), dro.average(), GOLDEN);
    }

    /** One token a domain, whose excess loss is the score. */
    private static ExcessLoss excess(JsonNode scores, JsonNode hasData) {
        ExcessLoss excess = new ExcessLoss(scores.size());
        for (int i = 0; i < scores.size(); i++) {
            if (hasData.get(i).asBoolean()) {
                excess.add(i, new float[] {(float) scores.get(i).asDouble()}, new float[1]);
            }
        }
        return excess;
    }

    private static ExcessLoss excess(double... scores) {
        ExcessLoss excess = new ExcessLoss(scores.length);
        for (int i = 0; i < scores.length; i++) {
            excess.add(i, new float[] {(float) scores[i]}, new float[1]);
        }
        return excess;
    }

    @Test
    void update_closedForm() {
        GroupDro dro = new GroupDro(2, 2, 0.1, false);
        dro.beginStep();
        dro.update(excess(1, 0.5));
        double odds = Math.exp(2 * 0.5);
        double alpha = 0.9 * odds / (1 + odds) + 0.05;
        assertArrayEquals(new double[] {alpha, 1 - alpha}, dro.weights(), 1e-12);
        dro.beginStep();
        dro.update(excess(0, 0));
        double next = 0.9 * alpha + 0.05;
        assertArrayEquals(new double[] {next, 1 - next}, dro.weights(), 1e-12);
        assertArrayEquals(
                new double[] {(alpha + next) / 2, 1 - (alpha + next) / 2}, dro.average(), 1e-12);
    }

    @Test
    void update_manyPartsOfAStep_endWithTheWeightsOfTheWhole() {
        GroupDro whole = new GroupDro(2, 1, 0.01, false);
        GroupDro parts = new GroupDro(2, 1, 0.01, false);
        ExcessLoss all = new ExcessLoss(2);
        for (int step = 0; step < 3; step++) {
            whole.beginStep();
            parts.beginStep();
            ExcessLoss some = new ExcessLoss(2);
            all = new ExcessLoss(2);
            for (int part = 0; part < 4; part++) {
                float[] proxy = {part, 2 - step, 0.5f};
                float[] reference = {1, 0.3f * part, 1};
                all.add(part % 2, proxy, reference);
                some.add(part % 2, proxy, reference);
                parts.update(some);
            }
            whole.update(all);
        }
        assertArrayEquals(whole.weights(), parts.weights());
        assertArrayEquals(whole.average(), parts.average());
        assertEquals(3, parts.saveState().get("count")[0]);
    }

    @Test
    void update_domainWithoutTokens_keepsItsLastScore() {
        GroupDro dro = new GroupDro(2, 1, 0, false);
        dro.beginStep();
        dro.update(excess(1, 0));
        dro.beginStep();
        ExcessLoss second = new ExcessLoss(2);
        second.add(1, new float[] {0.25f}, new float[1]);
        dro.update(second);
        double odds = Math.exp(1 + 1 - 0.25);
        assertEquals(odds / (1 + odds), dro.weights()[0], 1e-12);
    }

    @Test
    void average_beforeTheFirstStep_isUniform() {
        assertArrayEquals(new double[] {0.5, 0.5}, new GroupDro(2, 1, 0, false).average());
    }

    @Test
    void restoreState_ofAnotherStrategy_isRefused() {
        GroupDro dro = new GroupDro(2, 1, 0, false);
        assertEquals(
                "the state of a doremi mixer has 'weights' = null among [rewards]; restore what"
                        + " such a mixer saved",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> dro.restoreState(Map.of("rewards", new double[2])))
                        .getMessage());
    }

    @Test
    void excessLoss_clipsTokenByToken_andDividesByTheDomainsTokens() {
        JsonNode golden = Golden.cases("doremi-tokens.json").get(0);
        ExcessLoss excess = new ExcessLoss(3);
        for (int i = 0; i < 4; i++) {
            JsonNode mask = golden.get("mask").get(i);
            excess.add(
                    golden.get("domains").get(i).asInt(),
                    targets(golden.get("proxy").get(i), mask),
                    targets(golden.get("reference").get(i), mask));
        }
        for (int i = 0; i < 3; i++) {
            assertEquals(golden.get("hasData").get(i).asBoolean(), excess.has(i));
            if (excess.has(i)) {
                assertEquals(golden.get("lambda").get(i).asDouble(), excess.of(i), GOLDEN);
            }
        }
    }

    @Test
    void excessLoss_neverBelowReference_isZero() {
        ExcessLoss excess = new ExcessLoss(1);
        excess.add(0, new float[] {1, 2}, new float[] {3, 2});
        assertTrue(excess.has(0));
        assertEquals(0, excess.of(0));
    }

    /** The losses where the mask is 1. */
    static float[] targets(JsonNode losses, JsonNode mask) {
        float[] all = new float[losses.size()];
        int n = 0;
        for (int t = 0; t < all.length; t++) {
            if (mask.get(t).asInt() == 1) {
                all[n++] = (float) losses.get(t).asDouble();
            }
        }
        return java.util.Arrays.copyOf(all, n);
    }
}
