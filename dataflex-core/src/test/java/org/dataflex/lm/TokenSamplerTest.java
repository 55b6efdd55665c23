package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.dataflex.math.Seeds;
import org.dataflex.model.GenerationOptions;
import org.dataflex.testing.Golden;
import org.junit.jupiter.api.Test;

/** The probabilities are those of transformers' filters; generation.py wrote them. */
class TokenSamplerTest {

    private static TokenSampler sampler(double temperature, int topK, double topP) {
        return new TokenSampler(
                GenerationOptions.builder()
                        .setMaxNewTokens(1)
                        .optTemperature(temperature)
                        .optTopK(topK)
                        .optTopP(topP)
                        .optSeed(1)
                        .build());
    }

    private static TokenSampler sampler(JsonNode filter) {
        return sampler(
                filter.get("temperature").doubleValue(),
                filter.get("top_k").intValue(),
                filter.get("top_p").doubleValue());
    }

    private static float[] logits(JsonNode golden) {
        double[] values = Golden.array(golden.get("logits"));
        float[] logits = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            logits[i] = (float) values[i]; // exact: quarters
        }
        return logits;
    }

    private static double[] probabilities(double[] weights) {
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(w -> w / sum).toArray();
    }

    @Test
    void weights_goldenFilters_areInProportionToTheirProbabilities() throws Exception {
        JsonNode golden = GoldenDecoder.read("generation.json");
        for (JsonNode filter : golden.get("filters")) {
            double[] weights = sampler(filter).weights(logits(golden));
            assertArrayEquals(
                    Golden.array(filter.get("probabilities")),
                    probabilities(weights),
                    1e-9, // nine decimals in the file
                    filter.toString());
        }
    }

    /**
     * A count of n draws has deviation sqrt(n p (1 - p)); five of them are exceeded with a chance
     * below 1e-6, and our seed is fixed.
     */
    @Test
    void draw_goldenFilters_frequenciesAreTheirProbabilities() throws Exception {
        JsonNode golden = GoldenDecoder.read("generation.json");
        int n = 40_000;
        long seed = 11;
        for (JsonNode filter : golden.get("filters")) {
            TokenSampler sampler = sampler(filter);
            float[] logits = logits(golden);
            double[] expected = Golden.array(filter.get("probabilities"));
            int[] counts = new int[logits.length];
            for (int i = 0; i < n; i++) {
                counts[sampler.draw(logits, Seeds.generator(seed, i))]++;
            }
            for (int token = 0; token < counts.length; token++) {
                double p = expected[token];
                assertEquals(
                        n * p,
                        counts[token],
                        5 * Math.sqrt(n * p * (1 - p)),
                        "seed " + seed + ", token " + token + " of " + filter);
            }
        }
    }

    @Test
    void weights_equalLogits_keepLowerIds() {
        float[] equal = new float[1_000];
        int[] first3 = IntStream.range(0, 3).toArray();
        assertArrayEquals(first3, kept(sampler(1, 3, 1).weights(equal)));
        int[] firstHalf = IntStream.range(0, 500).toArray();
        assertArrayEquals(firstHalf, kept(sampler(1, 0, 0.5).weights(equal)));
    }

    /** The share of topP is one of what topK leaves. */
    @Test
    void weights_topKThenTopP_sharesAreOfWhatIsLeft() {
        float[] logits = {0, 0, 0, 0, 0, 0, 0, 0};
        assertArrayEquals(new int[] {0, 1}, kept(sampler(1, 4, 0.5).weights(logits)));
    }

    @Test
    void weights_verySmallShareOrTemperature_keepsTheLikeliest() {
        float[] logits = {1, 3, 2};
        assertArrayEquals(new int[] {1}, kept(sampler(1, 0, Double.MIN_VALUE).weights(logits)));
        assertArrayEquals(new int[] {1}, kept(sampler(1e-300, 0, 1).weights(logits)));
    }

    @Test
    void draw_impossibleTokens_areNeverDrawn() {
        float[] logits = {Float.NEGATIVE_INFINITY, 0, Float.NEGATIVE_INFINITY, 0};
        for (int i = 0; i < 1_000; i++) {
            int token = sampler(5, 0, 1).draw(logits, Seeds.generator(3, i));
            assertTrue(token == 1 || token == 3, "token " + token);
        }
    }

    private static int[] kept(double[] weights) {
        return IntStream.range(0, weights.length).filter(i -> weights[i] > 0).toArray();
    }
}
