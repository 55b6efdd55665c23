package org.dataflex.examples.weighnoisydata;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.dataflex.data.SampleIndices;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.strategy.Decision;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.TokenWeights;
import org.junit.jupiter.api.Test;

/** Samples 0 to 9 are clean, later ones corrupted. */
class WeightsByKindTest {

    private final WeightsByKind weights = new WeightsByKind(10);

    private void add(long step, Decision decision, long... samples) {
        weights.add(
                new DecisionApplied(
                        step,
                        "weighter",
                        "batch",
                        SampleIndices.of(samples),
                        decision,
                        "",
                        Duration.ZERO));
    }

    @Test
    void add_averagesOverAllSamplesOfAKind() {
        add(0, SampleWeights.absolute(1, 2, 9), 0, 9, 10);
        add(1, SampleWeights.absolute(3, 1, 2), 4, 11, 12);
        assertEquals((1 + 2 + 3) / 3.0, weights.clean());
        assertEquals((9 + 1 + 2) / 3.0, weights.corrupted());
    }

    @Test
    void add_tokenWeights_averagesOverTokens() {
        add(
                0,
                TokenWeights.absolute(new float[] {1, 0, 2}, new float[] {}, new float[] {4}),
                3,
                5,
                20);
        assertEquals(1, weights.clean());
        assertEquals(4, weights.corrupted());
    }

    @Test
    void nothingWeighed_hasNoMean() {
        assertEquals(Double.NaN, weights.clean());
        add(0, SampleWeights.absolute(2), 1);
        assertEquals(2, weights.clean());
        assertEquals(Double.NaN, weights.corrupted());
    }

    @Test
    void ratios_areOfTheLatestSteps() {
        add(0, SampleWeights.absolute(1, 2), 0, 10);
        add(1, SampleWeights.absolute(1, 4), 0, 10);
        add(2, SampleWeights.absolute(3, 1), 0, 10);
        assertEquals("{0=2.0, 1=4.0, 2=0.3333333333333333}", weights.ratios(1).toString());
        assertEquals("{0=2.0, 1=3.0, 2=1.25}", weights.ratios(2).toString());
    }
}
