package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import java.util.List;
import java.util.function.Consumer;
import org.dataflex.data.ByteTokens;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.data.TokenSequences;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.lm.DecoderConfigBuilder;
import org.dataflex.lm.ExpertConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.model.UnsupportedModelException;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Questions about the loads of experts, of texts with different lengths. */
@ExtendWith(NoLeaks.class)
class ExpertLoadsTest {

    private final TokenSequences texts =
            ByteTokens.sequences(List.of("short", "a somewhat longer text", "mid size"), 64);

    private static DecoderConfigBuilder config() {
        return DecoderConfig.builder()
                .setVocabularySize(ByteTokens.VOCABULARY_SIZE)
                .setHiddenSize(16)
                .setNumLayers(2)
                .setNumHeads(2);
    }

    private static void ask(Block block, int batchSize, Consumer<DjlModelOps> question) {
        try (Model model = Model.newInstance("experts")) {
            model.setBlock(block);
            block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 4));
            try (NDManager scope = model.getNDManager().newSubManager()) {
                question.accept(new DjlModelOps(model, new CausalLmLoss(), scope, batchSize));
            }
        }
    }

    @Test
    void expertLoads_countEachTextsTokensAndNoPadding() {
        ExpertConfig experts = ExpertConfig.mixtral(4, 3, 8);
        for (int batchSize : new int[] {1, 8}) {
            Block block = new CausalLm(config().optExperts(experts).build(), 1);
            ask(block, batchSize, ops -> assertLoadsAddUp(ops, experts));
        }
    }

    private void assertLoadsAddUp(DjlModelOps ops, ExpertConfig experts) {
        double[][] all = ops.expertLoads(Samples.all(texts));
        assertEquals(2, all.length);
        for (int layer = 0; layer < 2; layer++) {
            double[] sum = new double[experts.numExperts()];
            for (int i = 0; i < texts.size(); i++) {
                Samples one = new Samples(texts, SampleIndices.of(i));
                double[] own = ops.expertLoads(one)[layer];
                double total = 0;
                for (int e = 0; e < own.length; e++) {
                    sum[e] += own[e];
                    total += own[e];
                }
                assertEquals(texts.length(i) * experts.expertsPerToken(), total);
            }
            assertArrayEquals(sum, all[layer]);
        }
        Samples none = new Samples(texts, SampleIndices.range(0, 0));
        assertEquals(0, ops.expertLoads(none).length);
    }

    @Test
    void expertLoads_noExperts_areRefused() {
        CausalLm dense = new CausalLm(config().build(), 1);
        assertRefused(
                dense,
                "the decoder has no experts whose loads could be counted; give it some by"
                        + " DecoderConfigBuilder.optExperts, or take a Mixtral or Qwen-MoE");
        assertRefused(
                new SequentialBlock().add(new CausalLm(config().build(), 1)),
                "SequentialBlock has no experts whose loads could be counted; implement"
                        + " org.dataflex.model.RoutedBlock");
    }

    private void assertRefused(Block block, String message) {
        ask(
                block,
                1,
                ops ->
                        assertEquals(
                                message,
                                assertThrows(
                                                UnsupportedModelException.class,
                                                () -> ops.expertLoads(Samples.all(texts)))
                                        .getMessage()));
    }
}
