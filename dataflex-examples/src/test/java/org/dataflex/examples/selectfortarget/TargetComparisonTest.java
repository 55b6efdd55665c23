package org.dataflex.examples.selectfortarget;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dataflex.examples.corpus.LabelledText;
import org.junit.jupiter.api.Test;

/** The table claims what the differences to the baseline show, and no more. */
class TargetComparisonTest {

    private static Outcome outcome(int found, double loss) {
        return new Outcome(
                100, new int[] {0, found / 2, found}, new TreeMap<>(Map.of(9L, loss)), 1.5);
    }

    private static List<String> row(Outcome... outcomes) throws Exception {
        List<LabelledText> texts = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            texts.add(new LabelledText("own " + i, "own"));
        }
        Map<String, List<Outcome>> all = new LinkedHashMap<>();
        all.put("random", List.of(outcome(10, 2), outcome(12, 2.1)).subList(0, outcomes.length));
        all.put("other", List.of(outcomes));
        TargetData data =
                TargetData.split(texts, "own", new TargetData.Sizes(48, 100, outcomes.length));
        return new TargetComparison(data, all).table().rows().get(1);
    }

    @Test
    void table_steadyDifferences_areClaimed() throws Exception {
        assertEquals(
                List.of(
                        "other",
                        "51.0 +- 12.7",
                        "1.550 +- 0.635",
                        "-0.500 +- 0.000",
                        "1.5",
                        "finds more; lower loss"),
                row(outcome(50, 1.5), outcome(52, 1.6)));
        assertEquals("finds less; higher loss", row(outcome(5, 2.5), outcome(7, 2.6)).get(5));
    }

    @Test
    void table_unsteadyDifferences_areNot() throws Exception {
        assertEquals("no difference shown", row(outcome(50, 1.5), outcome(13, 2.1)).get(5));
        assertEquals("finds more", row(outcome(50, 1.5), outcome(52, 2.1)).get(5));
        assertEquals("lower loss", row(outcome(50, 1.5), outcome(13, 1.6)).get(5));
    }

    @Test
    void table_oneSeed_provesNothing() throws Exception {
        assertEquals(
                List.of("other", "90.0", "1.000", "-1.000", "1.5", "one seed proves nothing"),
                row(outcome(90, 1)));
    }
}
