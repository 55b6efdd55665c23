package org.dataflex.strategy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.testing.PointSamples;
import org.junit.jupiter.api.Test;

class DecisionsTest {

    private static final Domain WIKI = new Domain("wiki");
    private static final Domain CODE = new Domain("code");

    private final Samples candidates =
            new Samples(new PointSamples(100, 1), SampleIndices.range(10, 15));

    @Test
    void highest_isBestFirst_tiesToTheLower_nanLast() {
        float[] scores = {1, Float.NaN, 5, 1, 5};
        Selection selection = Selection.highest(candidates, scores, 4);
        assertEquals(SampleIndices.of(12, 14, 10, 13), selection.indices());
        assertArrayEquals(new double[] {5, 5, 1, 1}, selection.scores());
        assertEquals(3, selection.candidateScores().get().median());
        assertEquals(candidates.indices(), selection.scoredCandidates());
        assertEquals(5, selection.scoreOfCandidate(2));
    }

    @Test
    void of_withoutScores_hasNone() {
        Selection selection = Selection.of(SampleIndices.of(4));
        assertEquals(0, selection.scores().length);
        assertTrue(selection.candidateScores().isEmpty());
        assertEquals(0, selection.scoredCandidates().size());
        assertEquals("Selection of 1 samples", selection.toString());
    }

    @Test
    void highest_notOneScoreEach_isRefused() {
        refused(() -> Selection.highest(candidates, new double[4], 1), "4 scores for 5 candidates");
    }

    @Test
    void tokenWeights_areCopies_andNormalisedOverTheBatch() {
        float[][] raw = {{1, 3}, {}, {0}};
        TokenWeights absolute = TokenWeights.absolute(raw);
        raw[0][0] = 9;
        absolute.get(0)[1] = 9;
        assertArrayEquals(new float[] {1, 3}, absolute.get(0));
        assertEquals(3, absolute.size());
        TokenWeights normalized = TokenWeights.normalized(new float[][] {{1, 3}, {}, {0}});
        assertEquals("TokenWeights[[0.75, 2.25], [], [0.0]]", normalized.toString());
        assertEquals(0, TokenWeights.normalized(new float[0]).get(0).length);
    }

    @Test
    void tokenWeights_outOfRange_areRefused() {
        refused(
                () -> TokenWeights.absolute(new float[] {1}, new float[] {2, -1}),
                "weight[1][1] = -1.0, must be finite and at least 0");
        refused(
                () -> TokenWeights.normalized(new float[] {Float.POSITIVE_INFINITY}),
                "weight[0][0] = Infinity, must be finite and at least 0");
        refused(
                () -> TokenWeights.absolute(new float[] {0}, new float[] {0, 0}),
                "all 3 weights are zero");
    }

    @Test
    void mixture_keepsOrder_andAnswersByDomain() {
        Mixture mixture = Mixture.of(List.of(WIKI, CODE), 0.25, 0.75);
        assertEquals(List.of(WIKI, CODE), List.copyOf(mixture.proportions().keySet()));
        assertEquals(0.75, mixture.of(CODE));
        assertArrayEquals(new double[] {0.75, 0.25}, mixture.toArray(List.of(CODE, WIKI)));
    }

    @Test
    void mixture_cannotBeChangedFromOutside() {
        Map<Domain, Double> map = new LinkedHashMap<>(Map.of(WIKI, 1.0));
        Mixture mixture = new Mixture(map);
        map.put(WIKI, 0.0);
        assertEquals(1.0, mixture.of(WIKI));
        assertThrows(
                UnsupportedOperationException.class, () -> mixture.proportions().put(CODE, 0.0));
    }

    @Test
    void mixture_thatIsNoDistribution_isRefused() {
        refused(
                () -> Mixture.of(List.of(WIKI, CODE), 0.5, 0.6),
                "proportions sum to 1.1, not 1: {wiki=0.5, code=0.6}");
        refused(
                () -> Mixture.of(List.of(WIKI, CODE), -0.5, 1.5),
                "proportion of wiki = -0.5, must be in [0, 1]");
        refused(
                () -> Mixture.of(List.of(WIKI), Double.NaN),
                "proportion of wiki = NaN, must be in [0, 1]");
        refused(() -> Mixture.of(List.of(WIKI), 0.5, 0.5), "2 proportions for 1 domains [wiki]");
        refused(
                () -> Mixture.of(List.of(WIKI), 1).of(CODE),
                "no proportion for domain code, only for [wiki]");
    }

    @Test
    void weights_normalized_haveMeanOne() {
        assertArrayEquals(
                new float[] {0.5f, 1.5f}, SampleWeights.normalized(1, 3).toArray(), 1e-7f);
        assertArrayEquals(new float[] {1, 3}, SampleWeights.absolute(1, 3).toArray());
        assertEquals(3f, SampleWeights.absolute(1, 3).get(1));
        assertEquals("SampleWeights[1.0, 3.0]", SampleWeights.absolute(1, 3).toString());
    }

    @Test
    void weights_normalized_doNotOverflow() {
        float large = Float.MAX_VALUE;
        assertArrayEquals(
                new float[] {1, 1}, SampleWeights.normalized(large, large).toArray(), 1e-7f);
        assertArrayEquals(
                new float[] {1, 1},
                TokenWeights.normalized(new float[] {large, large}).get(0),
                1e-7f);
    }

    @Test
    void weights_thatCannotBe_areRefused() {
        refused(
                () -> SampleWeights.absolute(1, -1),
                "weight[1] = -1.0, must be finite and at least 0");
        refused(
                () -> SampleWeights.normalized(Float.POSITIVE_INFINITY),
                "weight[0] = Infinity, must be finite and at least 0");
        refused(() -> SampleWeights.absolute(0, 0), "all 2 weights are zero");
    }

    private static void refused(Runnable call, String message) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
