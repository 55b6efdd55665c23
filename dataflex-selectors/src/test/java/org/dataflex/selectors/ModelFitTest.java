package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Model;
import ai.djl.nn.Blocks;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.model.Pooling;
import org.dataflex.model.Preconditioner;
import org.dataflex.strategy.Need;
import org.dataflex.strategy.Selector;
import org.dataflex.testing.FakePool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What selectors tell of before a model is trained that they could not work with. */
class ModelFitTest {

    private static final SampleSet EXAM =
            TokenSequences.builder().add(new int[] {1, 2, 3}, 1).build();

    /** A prompt alone, and a text of one token, which is never predicted. */
    private static final SampleSet PROMPTS =
            TokenSequences.builder().add(new int[] {1, 2, 3}, 3).add(new int[] {4}).build();

    private static final Pattern NONE = Pattern.compile("lora_A$");

    private static CausalLm decoder() {
        return new CausalLm(
                DecoderConfig.builder()
                        .setVocabularySize(10)
                        .setHiddenSize(4)
                        .setNumLayers(1)
                        .setNumHeads(1)
                        .optMaxPositions(8)
                        .build(),
                1);
    }

    private static NiceSelectorBuilder nice() {
        return NiceSelector.builder()
                .setTokenizer(Tokenizer.of(text -> new int[] {1, 2, 3}, ids -> ""))
                .setReward(answer -> 1)
                .addSubtask("quiz", List.of(new Prompt("1+1=", new int[] {1, 2, 3}, null)));
    }

    private static List<Selector> following(SampleSet targets) {
        return List.of(
                LessSelector.builder().addSubtask("exam", targets).build(),
                ClusterLessSelector.builder().addSubtask("exam", targets).build(),
                GreatsSelector.builder().setTargets("exam", targets).setLearningRate(1).build(),
                RankingSelector.by(c -> c.alignment()).towards(targets));
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void check_targetsWithNothingToPredict_areRefused() {
        for (Selector selector : following(PROMPTS)) {
            String name = selector.targets().keySet().iterator().next();
            assertRefused(
                    "target set '"
                            + name
                            + "' has no token to predict in any of its 2 samples, and so no"
                            + " gradient; mark answers as targets, and cut none of them off",
                    () -> selector.check(FakePool.ofSize(3)));
        }
        following(EXAM).forEach(s -> assertDoesNotThrow(() -> s.check(FakePool.ofSize(3))));
    }

    @Test
    void check_parametersThatTheBlockHasNot_areRefused() {
        List<Selector> selectors =
                List.of(
                        LessSelector.builder().addSubtask("e", EXAM).optParameters(NONE).build(),
                        ClusterLessSelector.builder()
                                .addSubtask("e", EXAM)
                                .optParameters(NONE)
                                .build(),
                        GreatsSelector.builder()
                                .setTargets("e", EXAM)
                                .setLearningRate(1)
                                .optParameters(NONE)
                                .build(),
                        nice().optMaxNewTokens(1).optParameters(NONE).build());
        CausalLm decoder = decoder();
        decoder.getParameters().values().forEach(p -> p.freeze(true));
        decoder.getParameters().get(0).getValue().freeze(false);
        String trainable = decoder.getParameters().get(0).getKey();
        for (Selector selector : selectors) {
            assertRefused(
                    "parameters = 'lora_A$' is found in the names of none of the trainable"
                            + " parameters, ["
                            + trainable
                            + "]",
                    () -> selector.check(decoder));
        }
    }

    @Test
    void check_answersThatDoNotFitTheModel_areRefused() {
        assertRefused(
                "maxNewTokens = 6, but the longest prompt has 3 tokens, and the model 8 positions;"
                        + " lower it, shorten the prompt, or raise maxPositions",
                () -> nice().optMaxNewTokens(6).build().check(decoder()));
        assertRefused(
                "stopTokens has 10, must be a token id in [0, 10)",
                () ->
                        nice().optMaxNewTokens(5)
                                .addStopTokens(List.of(9, 10))
                                .build()
                                .check(decoder()));
        nice().optMaxNewTokens(5).addStopTokens(List.of(9)).build().check(decoder());
    }

    @Test
    void needs_areThoseOfTheSettings() {
        assertEquals(Set.of(Need.MOMENTS), following(EXAM).get(0).needs());
        assertEquals(Set.of(Need.MOMENTS, Need.HIDDEN_STATES), following(EXAM).get(1).needs());
        assertEquals(Set.of(), following(EXAM).get(2).needs());
        assertEquals(Set.of(), following(EXAM).get(3).needs());
        assertEquals(
                Set.of(Need.MOMENTS),
                RankingSelector.by(c -> 1).towards(EXAM, Preconditioner.Adam.less()).needs());
        assertEquals(Set.of(Need.GENERATION, Need.MOMENTS), nice().build().needs());
        assertEquals(
                Set.of(Need.GENERATION),
                nice().optPreconditioner(NiceSelector.Preconditioning.NONE).build().needs());
        EmbeddingSource ofModel = EmbeddingSource.trainingModel(EXAM, Pooling.MEAN);
        assertEquals(
                Set.of(Need.HIDDEN_STATES),
                NearSelector.builder().setEmbeddings(ofModel).build().needs());
        assertEquals(
                Set.of(Need.HIDDEN_STATES),
                TsdsSelector.builder().setEmbeddings(ofModel).build().needs());
    }

    @Test
    void embeddingModels_thatEmbedNothing_areRefused() {
        try (Model other = Model.newInstance("other")) {
            other.setBlock(Blocks.identityBlock());
            String message =
                    "the model 'other', which is to embed samples, exposes no hidden states; give"
                            + " one whose block implements org.dataflex.model.HiddenStates";
            assertRefused(message, () -> EmbeddingSource.model(other, EXAM, Pooling.MEAN));
            assertRefused(message, () -> ClusterLessSelector.builder().optEmbeddingModel(other));
        }
        try (Model decoder = Model.newInstance("decoder")) {
            decoder.setBlock(decoder());
            ClusterLessSelector another =
                    ClusterLessSelector.builder()
                            .addSubtask("exam", EXAM)
                            .optEmbeddingModel(decoder)
                            .build();
            assertEquals(Set.of(Need.MOMENTS), another.needs());
            assertEquals("another model", another.settings().get("embeddings"));
        }
    }
}
