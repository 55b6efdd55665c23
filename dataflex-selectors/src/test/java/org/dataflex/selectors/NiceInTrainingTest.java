package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.tracker.Tracker;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.TokenSequences;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.math.Seeds;
import org.dataflex.optim.AdamW;
import org.dataflex.selectors.reward.Answer;
import org.dataflex.strategy.Selection;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A decoder learns to count up and down; its answers are rewarded for one of the two, and those
 * sequences are chosen that do it.
 */
@ExtendWith(NoLeaks.class)
class NiceInTrainingTest {

    private static final int NUMBERS = 10;
    private static final int EACH = 40;
    private static final int BUDGET = 20;

    private static final Tokenizer DIGITS =
            Tokenizer.of(
                    text -> text.chars().map(c -> c - '0').toArray(),
                    ids -> {
                        StringBuilder text = new StringBuilder();
                        IntStream.of(ids).forEach(text::append);
                        return text.toString();
                    });

    private static TokenSequences counting(int by, int size, long seed) {
        RandomGenerator random = Seeds.generator(seed);
        TokenSequences.Builder builder = TokenSequences.builder();
        for (int i = 0; i < size; i++) {
            int[] ids = new int[4 + random.nextInt(6)];
            ids[0] = random.nextInt(NUMBERS);
            for (int t = 1; t < ids.length; t++) {
                ids[t] = Math.floorMod(ids[t - 1] + by, NUMBERS);
            }
            builder.add(ids);
        }
        return builder.build();
    }

    /** The share of an answer's numbers that follow the one before. */
    private static double reward(Answer answer, int by) {
        int[] ids = DIGITS.encode(answer.prompt() + answer.text());
        long right =
                IntStream.range(1, ids.length)
                        .filter(t -> ids[t] == Math.floorMod(ids[t - 1] + by, NUMBERS))
                        .count();
        return right / (ids.length - 1.0);
    }

    private static NiceSelector selector(int by) {
        List<Prompt> prompts =
                IntStream.range(0, NUMBERS)
                        .mapToObj(n -> new Prompt("" + n, new int[] {n}, null))
                        .toList();
        return NiceSelector.builder()
                .setTokenizer(DIGITS)
                .setReward(answer -> reward(answer, by))
                .addSubtask("counting", prompts)
                .optMcSamples(8)
                .optMaxNewTokens(3)
                .optSeed(5)
                .build();
    }

    private static Selection choose(NiceSelector selector) throws Exception {
        Selection[] chosen = new Selection[1];
        DecoderConfig config =
                DecoderConfig.builder()
                        .setVocabularySize(NUMBERS)
                        .setHiddenSize(16)
                        .setNumLayers(1)
                        .setNumHeads(2)
                        .optMaxPositions(16)
                        .build();
        try (Model model = Model.newInstance("counting")) {
            model.setDataType(DataType.FLOAT32);
            model.setBlock(new CausalLm(config, 3));
            AdamW adam = AdamW.builder().optLearningRateTracker(Tracker.fixed(0.01f)).build();
            try (DynamicTrainer trainer =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(
                                    new DefaultTrainingConfig(new CausalLmLoss())
                                            .optOptimizer(adam)
                                            .addTrainingListeners(NoLeaks.cap()))
                            .setPool(
                                    CandidatePool.builder()
                                            .addDomain("up", counting(1, EACH, 1))
                                            .addDomain("down", counting(-1, EACH, 2))
                                            .build())
                            .setSteps(21)
                            .setBatchSize(8)
                            .optSelectionBudget(BUDGET)
                            .optSelector(selector, UpdateSchedule.once().afterWarmUp(20))
                            .on(DecisionApplied.class, e -> chosen[0] = (Selection) e.decision())
                            .build()) {
                trainer.fit();
            }
        }
        return chosen[0];
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -1})
    void select_choosesWhatTheRewardedAnswersDo(int by) throws Exception {
        Selection chosen = choose(selector(by));
        assertEquals(BUDGET, chosen.indices().size());
        long up = chosen.indices().stream().filter(i -> i < EACH).count();
        long right = by > 0 ? up : BUDGET - up;
        assertTrue(right >= BUDGET - 1, () -> right + " of " + BUDGET);
    }

    @Test
    void select_again_choosesTheSame() throws Exception {
        assertEquals(
                choose(selector(1)).indices().asList(), choose(selector(1)).indices().asList());
    }
}
