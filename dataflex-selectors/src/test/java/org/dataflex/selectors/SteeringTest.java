package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.tracker.Tracker;
import java.nio.file.Path;
import java.util.Map;
import java.util.random.RandomGenerator;
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
import org.dataflex.selectors.RankingSelector.Candidate;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Strategies;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A decoder learns to count; of sequences that count up and down, those selectors choose that do
 * what the target sequences do.
 */
@ExtendWith(NoLeaks.class)
class SteeringTest {

    private static final int NUMBERS = 10;
    private static final int EACH = 40;
    private static final int BUDGET = 20;

    @TempDir Path directory;

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

    /** How many of the chosen count up, after a few steps on both. */
    private long up(Selector selector) throws Exception {
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
                            .setSteps(11)
                            .setBatchSize(8)
                            .optSelectionBudget(BUDGET)
                            .optSelector(selector, UpdateSchedule.once().afterWarmUp(10))
                            .on(DecisionApplied.class, e -> chosen[0] = (Selection) e.decision())
                            .build()) {
                trainer.fit();
            }
        }
        assertEquals(BUDGET, chosen[0].indices().size());
        return chosen[0].indices().stream().filter(i -> i < EACH).count();
    }

    private String targets(int by) throws Exception {
        Path file = directory.resolve("targets.tokens");
        counting(by, 10, 7).save(file);
        return "counting:" + file;
    }

    private void assertFollows(int by, Selector selector) throws Exception {
        long up = up(selector);
        long right = by > 0 ? up : BUDGET - up;
        assertTrue(right >= BUDGET - 1, () -> right + " of " + BUDGET);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -1})
    void less_choosesWhatCountsAsTheTargets(int by) throws Exception {
        Map<String, String> settings = Map.of("targets", targets(by), "chunkSize", "30");
        assertFollows(by, Strategies.create(Selector.class, "less", settings));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -1})
    void greats_choosesWhatCountsAsTheTargets(int by) throws Exception {
        Map<String, String> settings = Map.of("targets", targets(by), "learningRate", "0.001");
        assertFollows(by, Strategies.create(Selector.class, "greats", settings));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -1})
    void ranking_byAlignment_choosesWhatCountsAsTheTargets(int by) throws Exception {
        TokenSequences targets = counting(by, 10, 7);
        assertFollows(by, RankingSelector.by(Candidate::alignment).towards(targets));
    }
}
