package org.dataflex.selectors;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
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
import org.dataflex.strategy.Decision;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.MixingContext;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.Selector;
import org.dataflex.testing.NoLeaks;

/** A small decoder that learns to count up and down, and what a selector then chooses. */
final class CountingRun {

    /** Numbers that are counted, round and round; token ids from 0. */
    static final int NUMBERS = 10;

    /** Samples that are chosen. */
    static final int BUDGET = 20;

    private static final int EACH = 40;

    private CountingRun() {}

    /** Sequences of 4 to 9 numbers, each {@code by} more than the one before. */
    static TokenSequences counting(int by, int size, long seed) {
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

    /** What the selector chooses after some steps on both ways to count. */
    static Selection choose(Selector selector, int afterSteps) throws Exception {
        return choose(selector, afterSteps, trainer -> {}).get(0);
    }

    /** What the selector chooses of each domain, in equal parts. */
    static List<Selection> chooseByDomain(Selector selector, int afterSteps) throws Exception {
        Mixer mixer = MixingContext::current;
        return choose(
                selector, afterSteps, trainer -> trainer.optMixer(mixer, UpdateSchedule.once()));
    }

    private static List<Selection> choose(
            Selector selector, int afterSteps, Consumer<DynamicTrainer.Builder> more)
            throws Exception {
        List<Selection> chosen = new ArrayList<>();
        try (Model model = Model.newInstance("counting")) {
            model.setDataType(DataType.FLOAT32);
            model.setBlock(new CausalLm(decoder(), 3));
            AdamW adam = AdamW.builder().optLearningRateTracker(Tracker.fixed(0.01f)).build();
            DynamicTrainer.Builder builder =
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
                            .setSteps(afterSteps + 1L)
                            .setBatchSize(8)
                            .optSelectionBudget(BUDGET)
                            .optSelector(selector, UpdateSchedule.once().afterWarmUp(afterSteps))
                            .on(DecisionApplied.class, e -> add(e.decision(), chosen));
            more.accept(builder);
            try (DynamicTrainer trainer = builder.build()) {
                trainer.fit();
            }
        }
        return chosen;
    }

    private static void add(Decision decision, List<Selection> chosen) {
        if (decision instanceof Selection selection) {
            chosen.add(selection);
        }
    }

    private static DecoderConfig decoder() {
        return DecoderConfig.builder()
                .setVocabularySize(NUMBERS)
                .setHiddenSize(16)
                .setNumLayers(1)
                .setNumHeads(2)
                .optMaxPositions(16)
                .build();
    }

    /** How many of the chosen count as asked. */
    static long right(Selection chosen, int by) {
        return chosen.indices().stream().filter(i -> i < EACH == by > 0).count();
    }
}
