package org.dataflex.examples.weighnoisydata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dataflex.data.SampleIndices;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.strategy.SampleWeights;
import org.junit.jupiter.api.Test;

class WeighterComparisonTest {

    /** A run that ends with a loss; one clean and one corrupted sample were weighed. */
    private static WeighterOutcome outcome(double loss, float clean, float corrupted) {
        WeightsByKind weights = new WeightsByKind(1);
        weights.add(
                new DecisionApplied(
                        0,
                        "weighter",
                        "batch",
                        SampleIndices.of(0, 1),
                        SampleWeights.absolute(clean, corrupted),
                        "",
                        Duration.ZERO));
        return new WeighterOutcome(new TreeMap<>(Map.of(0L, 5.0, 4L, loss)), weights, 1.5);
    }

    private static Map<String, WeighterOutcome> seed(double uniform, double down, double up) {
        Map<String, WeighterOutcome> ofSeed = new LinkedHashMap<>();
        WeightsByKind none = new WeightsByKind(1);
        ofSeed.put("uniform", new WeighterOutcome(new TreeMap<>(Map.of(4L, uniform)), none, 1));
        ofSeed.put("down", outcome(down, 1.25f, 0.25f));
        ofSeed.put("up", outcome(up, 1, 1));
        return ofSeed;
    }

    /** Seeds differ more than weighters do; t(0.975, 1) = 12.706. */
    @Test
    void table_comparesSeedBySeed() {
        WeighterComparison comparison = new WeighterComparison();
        comparison.add(seed(3.0, 2.5, 3.4));
        comparison.add(seed(4.0, 3.51, 4.1));
        String n = System.lineSeparator();
        assertEquals(
                "Clean held-out loss (nats a byte): means over seeds +- 95 % interval"
                        + n
                        + "weighter            loss        - uniform   shown  corrupted  clean  seconds"
                        + n
                        + "uniform   3.500 +- 6.353                                                1.00"
                        + n
                        + "down      3.005 +- 6.417  -0.495 +- 0.064  better       0.25   1.25     1.50"
                        + n
                        + "up        3.750 +- 4.447  +0.250 +- 1.906               1.00   1.00     1.50"
                        + n,
                comparison.table().toText());
    }

    @Test
    void table_ofOneSeed_hasNoIntervalAndShowsNothing() {
        WeighterComparison comparison = new WeighterComparison();
        comparison.add(seed(3.0, 2.5, 3.5));
        assertEquals(
                "[down, 2.500, -0.500, , 0.25, 1.25, 1.50]",
                comparison.table().rows().get(1).toString());
    }

    @Test
    void means_areOverDomains_stepByStep() {
        assertEquals(
                "{0=5.0, 4=2.5}",
                WeighterOutcome.means(
                                List.of(
                                        new TreeMap<>(Map.of(0L, 6.0, 4L, 3.0)),
                                        new TreeMap<>(Map.of(0L, 4.0, 4L, 2.0))))
                        .toString());
    }

    @Test
    void page_drawsLossesOfAll_andWeightsOfThoseThatWeigh() {
        WeighterComparison comparison = new WeighterComparison();
        comparison.add(seed(3.0, 2.5, 3.5));
        String html = new WeighterPage(comparison).page().toHtml();
        assertEquals(2, html.split("<figure>", -1).length - 1);
        String weights = html.substring(html.indexOf("Weight of corrupted samples"));
        assertTrue(weights.contains("down") && !weights.contains("uniform"), weights);
    }
}
