package org.dataflex.mixers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.dataflex.DynamicTrainer;
import org.dataflex.ReferenceLosses;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.ByteTokens;
import org.dataflex.data.CandidatePool;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.optim.AdamW;
import org.dataflex.optim.LearningRateSchedule;
import org.dataflex.strategy.Mixture;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A proxy run of a tiny decoder, with two micro-batches a step. */
@ExtendWith(NoLeaks.class)
class DoReMiRunTest {

    private static final int STEPS = 7;
    private static final int KILLED_AT = 5;

    private final CandidatePool pool =
            CandidatePool.builder()
                    .addDomain("a", ByteTokens.sequences(List.of("abcabc".repeat(12)), 16))
                    .addDomain("b", ByteTokens.sequences(List.of("the lazy fox ".repeat(9)), 16))
                    .build();

    @TempDir Path directory;

    private static Model model(long seed) {
        Model model = Model.newInstance("tiny");
        model.setDataType(DataType.FLOAT32);
        CausalLm decoder =
                new CausalLm(
                        DecoderConfig.builder()
                                .setVocabularySize(ByteTokens.VOCABULARY_SIZE)
                                .setHiddenSize(8)
                                .setNumLayers(1)
                                .setNumHeads(2)
                                .optIntermediateSize(12)
                                .optMaxPositions(16)
                                .build(),
                        seed);
        decoder.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
        model.setBlock(decoder);
        return model;
    }

    /** Runs the proxy; returns the proportions that it found. */
    private Mixture proxy(String name, ReferenceLosses reference, Consumer<StepCompleted> afterStep)
            throws Exception {
        DoReMiMixer doremi = DoReMiMixer.builder().setReference(reference).build();
        AdamW adamW =
                AdamW.builder()
                        .optLearningRateTracker(LearningRateSchedule.constant(0.01f, 0))
                        .build();
        try (Model model = model(2);
                DynamicTrainer trainer =
                        DynamicTrainer.builder()
                                .setModel(model)
                                .setTrainingConfig(
                                        new DefaultTrainingConfig(CausalLmLoss.byToken())
                                                .optOptimizer(adamW))
                                .setPool(pool)
                                .setSteps(STEPS)
                                .setBatchSize(3)
                                .optAccumulation(2)
                                .optMixer(doremi, UpdateSchedule.once())
                                .optWeighter(doremi, UpdateSchedule.every(1))
                                .optRunDirectory(directory.resolve(name))
                                .optCheckpointInterval(3)
                                .on(StepCompleted.class, afterStep)
                                .build()) {
            trainer.fit();
        }
        return doremi.averageWeights(pool);
    }

    @Test
    void killedRun_resumed_findsTheSameProportionsAndParameters() throws Exception {
        try (Model model = model(1);
                ReferenceLosses reference =
                        ReferenceLosses.compute(model, pool, directory.resolve("cache"), null)) {
            Mixture straight = proxy("straight", reference, e -> {});
            assertThrows(
                    IllegalStateException.class,
                    () ->
                            proxy(
                                    "resumed",
                                    reference,
                                    e -> {
                                        if (e.step() == KILLED_AT) {
                                            throw new IllegalStateException("killed");
                                        }
                                    }));
            Mixture resumed = proxy("resumed", reference, e -> {});
            assertEquals(straight, resumed);
            assertEquals(straight, proxy("resumed", reference, e -> {}), "a finished run");
            for (String file : List.of("model.safetensors", "strategies.safetensors")) {
                Path last = Path.of("checkpoints", "step-000000007", file);
                assertArrayEquals(
                        Files.readAllBytes(directory.resolve("straight").resolve(last)),
                        Files.readAllBytes(directory.resolve("resumed").resolve(last)),
                        file);
            }
            double share = straight.of(pool.domains().get(0));
            assertTrue(share > 0.001 && share < 0.999 && share != 0.5, "share " + share);
        }
    }

    /** A model of 11 tokens cannot tell the losses of bytes. */
    @Test
    void referenceOfAnotherTokenizer_isRefused() {
        try (Model model = Model.newInstance("other")) {
            CausalLm decoder =
                    new CausalLm(
                            DecoderConfig.builder()
                                    .setVocabularySize(11)
                                    .setHiddenSize(8)
                                    .setNumLayers(1)
                                    .setNumHeads(2)
                                    .optMaxPositions(16)
                                    .build(),
                            1);
            decoder.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
            model.setBlock(decoder);
            String message =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () ->
                                            ReferenceLosses.compute(
                                                    model, pool, directory.resolve("cache"), null))
                            .getMessage();
            assertTrue(
                    message.endsWith(
                            "and the reference model knows 11 tokens: give one of the samples'"
                                    + " tokenizer"),
                    message);
        }
    }
}
