package org.dataflex.mixers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.TokenSequences;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.lm.DecoderConfigBuilder;
import org.dataflex.lm.ExpertConfig;
import org.dataflex.lm.Freezing;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.math.Seeds;
import org.dataflex.mixers.DynamicMoeMixer.Layers;
import org.dataflex.optim.AdamW;
import org.dataflex.strategy.Mixture;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A mixture of experts learns to count; two domains have the same numbers, one has others. */
@ExtendWith(NoLeaks.class)
class DynamicMoeInTrainingTest {

    private static final int EACH = 10;
    private static final int STEPS = 30;

    private static TokenSequences counting(int first, long seed) {
        RandomGenerator random = Seeds.generator(seed);
        TokenSequences.Builder builder = TokenSequences.builder();
        for (int i = 0; i < 40; i++) {
            int[] ids = new int[4 + random.nextInt(6)];
            int start = random.nextInt(EACH);
            for (int t = 0; t < ids.length; t++) {
                ids[t] = first + (start + t) % EACH;
            }
            builder.add(ids);
        }
        return builder.build();
    }

    private static CandidatePool pool() {
        return CandidatePool.builder()
                .addDomain("low", counting(0, 1))
                .addDomain("low too", counting(0, 2))
                .addDomain("high", counting(EACH, 3))
                .build();
    }

    private static DecoderConfigBuilder config() {
        return DecoderConfig.builder()
                .setVocabularySize(2 * EACH)
                .setHiddenSize(16)
                .setNumLayers(2)
                .setNumHeads(2)
                .optMaxPositions(16);
    }

    private static DynamicTrainer.Builder trainer(Model model) {
        AdamW adam = AdamW.builder().optLearningRateTracker(Tracker.fixed(0.01f)).build();
        return DynamicTrainer.builder()
                .setModel(model)
                .setTrainingConfig(
                        new DefaultTrainingConfig(new CausalLmLoss())
                                .optOptimizer(adam)
                                .addTrainingListeners(NoLeaks.cap()))
                .setPool(pool())
                .setSteps(STEPS)
                .setBatchSize(8)
                .optMixer(
                        DynamicMoeMixer.builder().optLayers(Layers.ALL).build(),
                        UpdateSchedule.every(5));
    }

    @Test
    void fit_domainWithNumbersOfItsOwn_getsTheLargestShareAndIsLearned() throws Exception {
        DecoderConfig config = config().optExperts(ExpertConfig.mixtral(4, 2, 16)).build();
        CausalLm decoder = new CausalLm(config, 5);
        List<Mixture> mixtures = new ArrayList<>();
        List<Double> losses = new ArrayList<>();
        try (Model model = Model.newInstance("moe")) {
            model.setBlock(decoder);
            decoder.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
            Freezing.parameters(decoder, decoder.routerNames());
            List<float[]> routers = routers(decoder);
            try (DynamicTrainer trainer =
                    trainer(model)
                            .on(DecisionApplied.class, e -> mixtures.add((Mixture) e.decision()))
                            .on(StepCompleted.class, e -> losses.add(e.loss()))
                            .build()) {
                trainer.fit();
            }
            List<float[]> after = routers(decoder);
            for (int i = 0; i < routers.size(); i++) {
                assertArrayEquals(routers.get(i), after.get(i));
            }
        }
        assertEquals(STEPS / 5, mixtures.size());
        for (Mixture mixture : mixtures) {
            double[] shares = mixture.toArray(pool().domains());
            assertTrue(shares[2] > shares[0] && shares[2] > shares[1], mixture::toString);
        }
        assertTrue(losses.get(STEPS - 1) < losses.get(0) / 2, losses::toString);
    }

    private static List<float[]> routers(CausalLm decoder) {
        return decoder.routerNames().stream()
                .map(name -> decoder.getParameters().get(name).getArray().toFloatArray())
                .toList();
    }

    @Test
    void build_modelWithoutExperts_isRefused() {
        try (Model model = Model.newInstance("dense")) {
            model.setBlock(new CausalLm(config().build(), 5));
            assertEquals(
                    "cannot build the trainer:\n"
                            + "  - mixer 'dynamic-moe': CausalLm has no experts whose loads could be"
                            + " counted; take a mixture of experts",
                    assertThrows(IllegalStateException.class, trainer(model)::build).getMessage());
        }
    }
}
