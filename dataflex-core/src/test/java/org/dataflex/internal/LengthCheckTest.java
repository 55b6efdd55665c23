package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Model;
import ai.djl.training.DefaultTrainingConfig;
import java.util.Map;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class LengthCheckTest {

    private static TokenSequences texts(int... lengths) {
        TokenSequences.Builder texts = TokenSequences.builder();
        for (int length : lengths) {
            texts.add(new int[length]);
        }
        return texts.build();
    }

    private static DynamicTrainer.Builder builder(Model model, TokenSequences pool) {
        model.setBlock(
                new CausalLm(
                        DecoderConfig.builder()
                                .setVocabularySize(5)
                                .setHiddenSize(4)
                                .setNumLayers(1)
                                .setNumHeads(1)
                                .optMaxPositions(8)
                                .build(),
                        1));
        return DynamicTrainer.builder()
                .setModel(model)
                .setTrainingConfig(new DefaultTrainingConfig(new CausalLmLoss()))
                .setPool(CandidatePool.of(pool))
                .setSteps(1)
                .setBatchSize(1);
    }

    @Test
    void build_longerThanThePositions_isRefused() {
        try (Model model = Model.newInstance("lm")) {
            DynamicTrainer.Builder builder =
                    builder(model, texts(8, 9, 3, 12)).addValidationSet("v", texts(2, 20));
            IllegalStateException e = assertThrows(IllegalStateException.class, builder::build);
            assertEquals(
                    "cannot build the trainer:\n"
                            + "  - the pool has 2 samples that are longer than the model's 8"
                            + " positions, the first is 1 with 9 tokens; cut or leave them out, or"
                            + " raise maxPositions\n"
                            + "  - validation set 'v' has 1 samples that are longer than the"
                            + " model's 8 positions, the first is 1 with 20 tokens; cut or leave"
                            + " them out, or raise maxPositions",
                    e.getMessage());
        }
    }

    @Test
    void build_targetsLongerThanThePositions_areRefused() {
        try (Model model = Model.newInstance("lm")) {
            DynamicTrainer.Builder builder =
                    builder(model, texts(8))
                            .optSelector(new Aiming(texts(8, 9)), UpdateSchedule.every(1));
            IllegalStateException e = assertThrows(IllegalStateException.class, builder::build);
            assertEquals(
                    "cannot build the trainer:\n"
                            + "  - selector 'Aiming': target set 'exam' has 1 samples that are longer"
                            + " than the model's 8 positions, the first is 1 with 9 tokens; cut or"
                            + " leave them out, or raise maxPositions",
                    e.getMessage());
        }
    }

    private record Aiming(SampleSet exam) implements Selector {

        @Override
        public Map<String, SampleSet> targets() {
            return Map.of("exam", exam);
        }

        @Override
        public Selection select(SelectionContext context) {
            throw new AssertionError("the trainer is not built");
        }
    }

    @Test
    void build_asLongAsThePositions_isNot() {
        try (Model model = Model.newInstance("lm")) {
            builder(model, texts(8, 3)).addValidationSet("v", texts(8)).build().close();
        }
    }
}
