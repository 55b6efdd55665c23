package org.dataflex.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GenerationOptionsTest {

    private static List<String> linesOfError(GenerationOptions.Builder builder) {
        return assertThrows(IllegalArgumentException.class, builder::build)
                .getMessage()
                .lines()
                .toList();
    }

    @Test
    void build_optionalSettingsAreLeftOut_isGreedyWithoutStopTokens() {
        assertEquals(
                new GenerationOptions(5, 0, 0, 1, Set.of(), null, 8),
                GenerationOptions.builder().setMaxNewTokens(5).build());
    }

    @Test
    void build_allSettings_keepsThem() {
        assertEquals(
                new GenerationOptions(5, 0.5, 3, 0.75, Set.of(1, 2, 4), 9L, 2),
                GenerationOptions.builder()
                        .setMaxNewTokens(5)
                        .optTemperature(0.5)
                        .optTopK(3)
                        .optTopP(0.75)
                        .addStopTokens(Set.of(1, 4))
                        .addStopTokens(List.of(2, 4))
                        .optSeed(9)
                        .optBatchSize(2)
                        .build());
    }

    @Test
    void build_settingsAreWrong_messageHasALineForEach() {
        assertEquals(
                List.of(
                        "maxNewTokens = 0, must be at least 1",
                        "temperature = NaN, must be finite and at least 0",
                        "topK = -1, must be at least 0",
                        "topP = 0.0, must be in (0, 1]",
                        "batchSize = 0, must be at least 1"),
                linesOfError(
                        GenerationOptions.builder()
                                .optTemperature(Double.NaN)
                                .optTopK(-1)
                                .optTopP(0)
                                .optBatchSize(0)));
    }

    @Test
    void build_temperatureOrTopPOutOfRange_isRefused() {
        for (double wrong : new double[] {-0.1, Double.POSITIVE_INFINITY}) {
            assertEquals(
                    List.of("temperature = " + wrong + ", must be finite and at least 0"),
                    linesOfError(
                            GenerationOptions.builder()
                                    .setMaxNewTokens(1)
                                    .optTemperature(wrong)
                                    .optSeed(1)));
        }
        for (double wrong : new double[] {Math.nextUp(1.0), Double.NaN}) {
            assertEquals(
                    List.of("topP = " + wrong + ", must be in (0, 1]"),
                    linesOfError(
                            GenerationOptions.builder()
                                    .setMaxNewTokens(1)
                                    .optTemperature(1)
                                    .optTopP(wrong)
                                    .optSeed(1)));
        }
    }

    @Test
    void build_drawsWithoutSeed_isRefused() {
        assertEquals(
                List.of("no seed, but temperature = 0.7 draws tokens; set a seed"),
                linesOfError(GenerationOptions.builder().setMaxNewTokens(1).optTemperature(0.7)));
    }

    @Test
    void build_filtersThatChooseNothing_areRefused() {
        GenerationOptions.Builder builder = GenerationOptions.builder().setMaxNewTokens(1);
        assertEquals(
                List.of(
                        "topK = 0 and topP = 0.9 choose nothing at temperature 0; set a"
                                + " temperature"),
                linesOfError(builder.optTopP(0.9)));
        assertEquals(
                List.of(
                        "topK = 3 and topP = 1.0 choose nothing at temperature 0; set a"
                                + " temperature"),
                linesOfError(builder.optTopP(1).optTopK(3)));
    }
}
