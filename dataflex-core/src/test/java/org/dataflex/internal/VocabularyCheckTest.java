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
import org.dataflex.testing.PointSamples;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class VocabularyCheckTest {

    private static final String MEND =
            ", and the model knows 5 tokens; encode it by the model's own tokenizer, or raise"
                    + " vocabularySize";

    private static TokenSequences texts(int[]... ids) {
        TokenSequences.Builder texts = TokenSequences.builder();
        for (int[] text : ids) {
            texts.add(text, 1); // the first token is no target
        }
        return texts.build();
    }

    private static DynamicTrainer.Builder builder(Model model, CandidatePool pool) {
        model.setBlock(
                new CausalLm(
                        DecoderConfig.builder()
                                .setVocabularySize(5)
                                .setHiddenSize(4)
                                .setNumLayers(1)
                                .setNumHeads(1)
                                .build(),
                        1));
        return DynamicTrainer.builder()
                .setModel(model)
                .setTrainingConfig(new DefaultTrainingConfig(new CausalLmLoss()))
                .setPool(pool)
                .setSteps(1)
                .setBatchSize(1);
    }

    /** A selector that steers towards one set. */
    private record Aiming(SampleSet at) implements Selector {

        @Override
        public String name() {
            return "aiming";
        }

        @Override
        public Map<String, SampleSet> targets() {
            return Map.of("exam", at);
        }

        @Override
        public Selection select(SelectionContext context) {
            return Selection.of(context.candidates().indices().slice(0, context.budget()));
        }
    }

    @Test
    void build_tokensThatTheModelDoesNotKnow_areRefused() {
        CandidatePool pool =
                CandidatePool.builder()
                        .addDomain("a", texts(new int[] {4, 0}, new int[] {1, 2, 3}))
                        .addDomain("b", texts(new int[] {0, 3}, new int[] {7, 1}, new int[] {9, 0}))
                        .build();
        try (Model model = Model.newInstance("lm")) {
            DynamicTrainer.Builder builder =
                    builder(model, pool)
                            .addValidationSet("v", texts(new int[] {0, 5}))
                            .optSelector(
                                    new Aiming(texts(new int[] {0, 1}, new int[] {0, 6})),
                                    UpdateSchedule.every(1));
            IllegalStateException e = assertThrows(IllegalStateException.class, builder::build);
            assertEquals(
                    "cannot build the trainer:\n  - the pool has the token 7 in sample 3"
                            + MEND
                            + "\n  - validation set 'v' has the token 5 in sample 0"
                            + MEND
                            + "\n  - selector 'aiming': target set 'exam' has the token 6 in sample"
                            + " 1"
                            + MEND,
                    e.getMessage());
        }
    }

    @Test
    void build_tokensThatTheModelKnows_areNot() {
        try (Model model = Model.newInstance("lm")) {
            CandidatePool pool = CandidatePool.of(texts(new int[] {4, 0}, new int[] {1, 4}));
            builder(model, pool).build().close();
        }
    }

    @Test
    void largestToken_ofWhatIsNoTokens_isMinus1() {
        assertEquals(-1, new PointSamples(2, 1).largestToken(1));
        CandidatePool both =
                CandidatePool.builder()
                        .addDomain("points", new PointSamples(2, 1))
                        .addDomain("texts", texts(new int[] {3, 1}))
                        .build();
        assertEquals(-1, both.largestToken(1));
        assertEquals(3, both.largestToken(2));
    }
}
