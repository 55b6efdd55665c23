package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.ByteTokens;
import org.dataflex.data.CandidatePool;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.model.Pooling;
import org.dataflex.optim.AdamW;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.Selector;
import org.dataflex.testing.CountedSamples;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs whose embeddings come from real models. */
@ExtendWith(NoLeaks.class)
class EmbeddingRunTest {

    private static final int STEPS = 3;
    private static final List<String> TEXTS =
            IntStream.range(0, 12)
                    .mapToObj(i -> "text " + i * i * 7919 + " " + "xyz".charAt(i % 3))
                    .toList();

    private final CountedSamples targets =
            new CountedSamples(ByteTokens.sequences(TEXTS.subList(5, 6), 32));

    @Test
    void near_trainingModel_findsTheCopyAndEmbedsAtEachUpdate() throws Exception {
        List<Selection> selections =
                run(
                        NearSelector.builder()
                                .setEmbeddings(EmbeddingSource.trainingModel(targets, Pooling.MEAN))
                                .build());
        assertEquals(5, selections.get(0).indices().get(0));
        assertEquals(1, selections.get(0).scores()[0], 1e-5); // float32
        assertEquals(STEPS, targets.reads().get());
        assertEquals(
                2 * STEPS,
                selections.stream().flatMapToLong(s -> s.indices().stream()).distinct().count());
    }

    @Test
    void near_anotherModel_findsTheCopyAndEmbedsOnce() throws Exception {
        try (Model other = decoder(9)) {
            List<Selection> selections =
                    run(
                            NearSelector.builder()
                                    .setEmbeddings(
                                            EmbeddingSource.model(other, targets, Pooling.LAST))
                                    .build());
            assertEquals(5, selections.get(0).indices().get(0));
            assertEquals(1, targets.reads().get());
        }
    }

    @Test
    void tsds_anotherModel_drawsNeighboursAndEmbedsOnce() throws Exception {
        try (Model other = decoder(9)) {
            List<Selection> selections =
                    run(
                            TsdsSelector.builder()
                                    .setEmbeddings(
                                            EmbeddingSource.model(other, targets, Pooling.MEAN))
                                    .optNeighbours(12)
                                    .build());
            for (Selection selection : selections) {
                assertTrue(selection.scores()[0] > 0);
            }
            assertEquals(1, targets.reads().get());
        }
    }

    private static List<Selection> run(Selector selector) throws Exception {
        List<Selection> selections = new ArrayList<>();
        try (Model model = decoder(1)) {
            DynamicTrainer.Builder builder =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(
                                    new DefaultTrainingConfig(new CausalLmLoss())
                                            .optOptimizer(AdamW.builder().build())
                                            .addTrainingListeners(NoLeaks.cap()))
                            .setPool(CandidatePool.of(ByteTokens.sequences(TEXTS, 32)))
                            .setSteps(STEPS)
                            .setBatchSize(2)
                            .optSelector(selector, UpdateSchedule.every(1))
                            .on(
                                    DecisionApplied.class,
                                    event -> selections.add((Selection) event.decision()));
            try (DynamicTrainer trainer = builder.build()) {
                trainer.fit();
            }
        }
        assertEquals(STEPS, selections.size());
        return selections;
    }

    private static Model decoder(long seed) {
        DecoderConfig config =
                DecoderConfig.builder()
                        .setVocabularySize(ByteTokens.VOCABULARY_SIZE)
                        .setHiddenSize(16)
                        .setNumLayers(1)
                        .setNumHeads(2)
                        .build();
        Model model = Model.newInstance("decoder");
        model.setBlock(new CausalLm(config, seed));
        model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 4));
        return model;
    }
}
