package org.dataflex.examples.bench;

import ai.djl.Model;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.util.ProgressBar;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Samples;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.examples.ResidentMemory;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.mixers.OnlineDataMixingMixer;
import org.dataflex.model.Direction;
import org.dataflex.model.Normalisation;
import org.dataflex.model.Preconditioner;
import org.dataflex.optim.AdamW;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.weighters.LossBasedWeighter;

/**
 * Whether memory stays flat over 2,000 steps with all three kinds of strategy, the selector scoring
 * gradients every 50 steps.
 */
public final class FlatMemory {

    private static final int STEPS = 2000;
    private static final int EVERY = 200;

    private FlatMemory() {}

    /**
     * Prints the memory held at each tenth of the run, and the ratio of the last to the second, by
     * which the heap has grown to its size.
     *
     * @param arguments none
     * @throws Exception if training fails
     */
    public static void main(String[] arguments) throws Exception {
        CausalLm decoder =
                new CausalLm(
                        DecoderConfig.builder()
                                .setVocabularySize(ReferenceDecoder.VOCABULARY_SIZE)
                                .setHiddenSize(64)
                                .setNumLayers(3)
                                .setNumHeads(4)
                                .build(),
                        1);
        List<Long> held = new ArrayList<>();
        ProgressBar bar = new ProgressBar("training", STEPS);
        try (Model model = Model.newInstance("decoder")) {
            model.setBlock(decoder);
            try (DynamicTrainer trainer =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(
                                    new DefaultTrainingConfig(new CausalLmLoss())
                                            .optOptimizer(AdamW.builder().build()))
                            .setPool(
                                    CandidatePool.builder()
                                            .addDomain("a", ReferenceDecoder.tokens(2000, 8, 64))
                                            .addDomain("b", ReferenceDecoder.tokens(1000, 8, 64))
                                            .build())
                            .setSteps(STEPS)
                            .setBatchSize(8)
                            .optClipNorm(1)
                            .optCandidateLimit(64)
                            .optSelectionBudget(32)
                            .optSelector(FlatMemory::bySimilarity, UpdateSchedule.every(50))
                            .optMixer(
                                    OnlineDataMixingMixer.builder().build(),
                                    UpdateSchedule.every(1))
                            .optWeighter(
                                    LossBasedWeighter.builder().build(), UpdateSchedule.every(1))
                            .on(StepCompleted.class, e -> bar.update(e.step() - 1))
                            .on(
                                    StepCompleted.class,
                                    e -> {
                                        if (e.step() % EVERY == 0) {
                                            held.add(ResidentMemory.now().orElse(0));
                                        }
                                    })
                            .build()) {
                trainer.fit();
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%nMiB held every %d steps: %s; last / second = x %.3f%n",
                EVERY,
                held,
                (double) held.get(held.size() - 1) / held.get(1));
    }

    private static Selection bySimilarity(SelectionContext context) {
        Samples candidates = context.candidates();
        Samples first = new Samples(candidates.source(), candidates.indices().slice(0, 8));
        Direction mean = context.model().meanGradient(first, name -> true, Normalisation.UNIT);
        float[] scores = new float[candidates.size()];
        var alignment =
                context.model().alignment(candidates, List.of(mean), Preconditioner.Adam.less());
        for (int i = 0; i < scores.length; i++) {
            scores[i] = alignment.unitProduct(i, 0);
        }
        return Selection.highest(candidates, scores, context.budget());
    }
}
