package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DecoderConfigTest {

    @ParameterizedTest
    @MethodSource("wrongSettings")
    void build_aSettingIsWrong_messageNamesItItsValueAndTheMend(
            UnaryOperator<DecoderConfigBuilder> change, String message) {
        DecoderConfigBuilder builder = change.apply(TinyLm.config());
        Exception e = assertThrows(IllegalArgumentException.class, builder::build);
        assertEquals(message, e.getMessage());
    }

    static Stream<Arguments> wrongSettings() {
        return Stream.of(
                wrong(b -> b.setVocabularySize(0), "vocabularySize = 0, must be at least 1"),
                wrong(b -> b.setHiddenSize(-8), "hiddenSize = -8, must be at least 1"),
                wrong(b -> b.optIntermediateSize(0), "intermediateSize = 0, must be at least 1"),
                wrong(b -> b.setNumLayers(0), "numLayers = 0, must be at least 1"),
                wrong(b -> b.setNumHeads(0), "numHeads = 0, must be at least 1"),
                wrong(b -> b.optNumKeyValueHeads(0), "numKeyValueHeads = 0, must be at least 1"),
                wrong(b -> b.optMaxPositions(0), "maxPositions = 0, must be at least 1"),
                wrong(b -> b.optRmsNormEps(0), "rmsNormEps = 0.0, must be positive and finite"),
                wrong(
                        b -> b.optRopeTheta(Double.NaN),
                        "ropeTheta = NaN, must be positive and finite"),
                wrong(
                        b -> b.optRopeTheta(Double.POSITIVE_INFINITY),
                        "ropeTheta = Infinity, must be positive and finite"),
                wrong(
                        b -> b.setHiddenSize(12),
                        "hiddenSize = 12 does not give numHeads = 4 an even number of features"
                                + " each, try hiddenSize = 16 or set headSize"),
                wrong(b -> b.optHeadSize(0), "headSize = 0, must be at least 1"),
                wrong(
                        b -> b.optHeadSize(3),
                        "headSize = 3 is odd, but positions turn pairs of features; try headSize ="
                                + " 4"),
                wrong(
                        b -> b.optSlidingWindow(-1),
                        "slidingWindow = -1, must not be negative; 0 switches it off"),
                wrong(
                        b -> b.optNumKeyValueHeads(3),
                        "numKeyValueHeads = 3 does not divide numHeads = 4, so that queries cannot"
                                + " share keys evenly; numKeyValueHeads = numHeads shares none"));
    }

    private static Arguments wrong(UnaryOperator<DecoderConfigBuilder> change, String message) {
        return Arguments.of(change, message);
    }

    @Test
    void build_nothingIsSet_messageNamesAllThatIsRequired() {
        DecoderConfigBuilder builder = DecoderConfig.builder();
        Exception e = assertThrows(IllegalArgumentException.class, builder::build);
        for (String name : new String[] {"vocabularySize", "hiddenSize", "numLayers", "numHeads"}) {
            assertTrue(e.getMessage().contains(name + " = 0"), e.getMessage());
        }
    }

    @Test
    void build_optionalSettingsAreLeftOut_areLlamas() {
        DecoderConfig config =
                DecoderConfig.builder()
                        .setVocabularySize(100)
                        .setHiddenSize(32)
                        .setNumLayers(1)
                        .setNumHeads(4)
                        .build();
        DecoderConfig expected =
                new DecoderConfig(
                        100, 32, 88, 1, 4, 4, 8, 2_048, 1e-6, 10_000, null, 0, false, false, false,
                        null);
        assertEquals(expected, config);
        assertEquals(8, config.headSize());
    }

    @Test
    void numParameters_llama2Of7Billion_isAsPublished() {
        DecoderConfig llama =
                DecoderConfig.builder()
                        .setVocabularySize(32_000)
                        .setHiddenSize(4_096)
                        .setNumLayers(32)
                        .setNumHeads(32)
                        .optIntermediateSize(11_008)
                        .build();
        assertEquals(6_738_415_616L, llama.numParameters());
    }

    @Test
    void numParameters_experts_areThoseOfTheModel() {
        for (ExpertConfig experts :
                new ExpertConfig[] {
                    new ExpertConfig(3, 2, 5, 0, true), new ExpertConfig(3, 2, 5, 7, true)
                }) {
            DecoderConfig config =
                    TinyLm.config()
                            .optQueryKeyValueBias(experts.sharedSize() > 0)
                            .optExperts(experts)
                            .build();
            long sum =
                    new CausalLm(config, 1)
                            .getParameters().values().stream()
                                    .mapToLong(p -> p.getShape().size())
                                    .sum();
            assertEquals(sum, config.numParameters());
        }
    }

    @Test
    void numParameters_mixtral8x7B_isAsPublished() {
        DecoderConfig mixtral =
                DecoderConfig.builder()
                        .setVocabularySize(32_000)
                        .setHiddenSize(4_096)
                        .setNumLayers(32)
                        .setNumHeads(32)
                        .optNumKeyValueHeads(8)
                        .optExperts(ExpertConfig.mixtral(8, 2, 14_336))
                        .build();
        assertEquals(46_702_792_704L, mixtral.numParameters());
    }

    @Test
    void experts_wrongSizes_messageHasALineForEach() {
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class, () -> new ExpertConfig(0, 0, 0, -1, true));
        assertEquals(
                List.of(
                        "numExperts = 0, must be at least 1",
                        "expertsPerToken = 0, must be at least 1",
                        "expertSize = 0, must be at least 1",
                        "sharedSize = -1, must not be negative; 0 switches it off"),
                e.getMessage().lines().toList());
    }

    @Test
    void small_byteVocabulary_hasAboutOneAndAHalfMillionParameters() {
        assertEquals(1_550_784, DecoderConfig.small(260).numParameters());
    }
}
