package org.dataflex.internal;

import static org.dataflex.internal.GradientRows.distance;
import static org.dataflex.internal.GradientRows.norm;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.DefaultTrainingConfig;
import java.util.List;
import java.util.stream.Stream;
import org.dataflex.DynamicTrainer;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Samples;
import org.dataflex.data.TokenSequences;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.lm.DecoderConfigBuilder;
import org.dataflex.lm.ExpertConfig;
import org.dataflex.lm.Lora;
import org.dataflex.lm.LoraConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.model.Alignment;
import org.dataflex.model.Direction;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.Normalisation;
import org.dataflex.model.Preconditioner;
import org.dataflex.optim.AdamW;
import org.dataflex.testing.NoLeaks;
import org.dataflex.torch.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A decoder's batched gradients and losses against those of one pass a sample with all logits. */
@ExtendWith(NoLeaks.class)
class DecoderGradientsTest {

    private static final double TOLERANCE = 1e-4;
    private static final int VOCABULARY = 13;

    /** A kind of decoder and what of it is trained. */
    record Kind(String name, DecoderConfig config, String... adapted) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static DecoderConfigBuilder config() {
        return DecoderConfig.builder()
                .setVocabularySize(VOCABULARY)
                .setHiddenSize(8)
                .setNumLayers(2)
                .setNumHeads(4)
                .optIntermediateSize(12)
                .optNumKeyValueHeads(2)
                .optMaxPositions(16);
    }

    private static final DecoderConfig QWEN2_MOE =
            config().optQueryKeyValueBias(true)
                    .optExperts(new ExpertConfig(4, 2, 6, 5, false))
                    .build();

    static Stream<Kind> kinds() {
        DecoderConfig tied = config().optTieWordEmbeddings(true).build();
        return Stream.of(
                new Kind("llama", config().build()),
                new Kind("tied", tied),
                new Kind("mistral", config().optSlidingWindow(3).build()),
                new Kind("qwen2", config().optQueryKeyValueBias(true).build()),
                new Kind("qwen3", config().optQueryKeyNorm(true).build()),
                new Kind("mixtral", config().optExperts(ExpertConfig.mixtral(4, 2, 6)).build()),
                new Kind("qwen2-moe", QWEN2_MOE),
                new Kind("lora of experts", QWEN2_MOE, "gate", "down_proj", "shared_expert_gate"),
                new Kind("lora", tied, "q_proj", "v_proj", "down_proj"),
                new Kind("lora of the head", config().build(), "lm_head", "up_proj"));
    }

    private static final TokenSequences TEXTS = TracedNetRun.texts(24, 9, VOCABULARY, 7);
    private static final Samples SAMPLES =
            TracedNetRun.samples(TEXTS, 5, 2, 11, 20, 1, 2, 8, 14, 3, 17);
    private static final Samples TARGETS = TracedNetRun.samples(TEXTS, 6, 5, 23, 0, 19, 6);

    /** A decoder trained for a few steps, asked as such and as a block like any other. */
    private static final class Run implements AutoCloseable {

        private final Model model = Model.newInstance("decoder");
        private final Model hidden = Model.newInstance("hidden");
        private final AdamW adam = AdamW.builder().build();
        private final DynamicTrainer trainer;
        private final NDManager scope;
        private final DjlModelOps traced;
        private final DjlModelOps reference;

        Run(Kind kind, Precision precision) throws Exception {
            CausalLm decoder = new CausalLm(kind.config(), 3);
            decoder.setPrecision(precision);
            model.setBlock(decoder);
            decoder.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 4));
            if (kind.adapted().length > 0) {
                LoraConfig config =
                        LoraConfig.builder().setRank(2).addTargets(kind.adapted()).build();
                Lora.attach(decoder, config, 4);
            }
            trainer = trainer();
            trainer.fit();
            Block block = new SequentialBlock().add(decoder);
            hidden.setBlock(block);
            scope = model.getNDManager().newSubManager();
            traced = new DjlModelOps(model, new CausalLmLoss(), adam, scope, 4);
            reference = new DjlModelOps(hidden, new CausalLmLoss(), adam, scope, 4);
        }

        /** Holds the optimizer's moments until it closes. */
        private DynamicTrainer trainer() {
            return DynamicTrainer.builder()
                    .setModel(model)
                    .setTrainingConfig(
                            new DefaultTrainingConfig(new CausalLmLoss()).optOptimizer(adam))
                    .setPool(CandidatePool.of(TEXTS))
                    .setSteps(3)
                    .setBatchSize(4)
                    .build();
        }

        @Override
        public void close() {
            scope.close();
            trainer.close();
            hidden.close();
            model.close();
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void losses_areThoseOfAllLogits(Kind kind) throws Exception {
        try (Run run = new Run(kind, Precision.FLOAT32)) {
            float[] expected = run.reference.losses(SAMPLES);
            assertArrayEquals(expected, run.traced.losses(SAMPLES), 1e-5f);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void gradients_areThoseOfOneSampleAtATime(Kind kind) throws Exception {
        try (Run run = new Run(kind, Precision.FLOAT32)) {
            double[][] expected = GradientRows.of(run.reference, SAMPLES, GradientQuery.full());
            double[][] actual = GradientRows.of(run.traced, SAMPLES, GradientQuery.full());
            for (int i = 0; i < expected.length; i++) {
                double error = distance(expected[i], actual[i]);
                assertTrue(error <= TOLERANCE * norm(expected[i]), "row " + i + ": " + error);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void alignment_isThatOfOneSampleAtATime(Kind kind) throws Exception {
        try (Run run = new Run(kind, Precision.FLOAT32)) {
            for (Preconditioner by :
                    List.of(new Preconditioner.None(), Preconditioner.Adam.less())) {
                Alignment expected = align(run.reference, by);
                Alignment actual = align(run.traced, by);
                for (int i = 0; i < expected.size(); i++) {
                    double norm = expected.norms()[i];
                    assertEquals(norm, actual.norms()[i], TOLERANCE * norm);
                    assertEquals(expected.unitProduct(i, 0), actual.unitProduct(i, 0), TOLERANCE);
                }
            }
        }
    }

    private static Alignment align(DjlModelOps model, Preconditioner by) {
        Direction mean = model.meanGradient(TARGETS, name -> true, Normalisation.UNIT);
        return model.alignment(SAMPLES, List.of(mean), by);
    }

    /** Rounded products: both paths round alike, but sums in another order. */
    @Test
    void alignment_inBfloat16_isClose() throws Exception {
        Kind kind = kinds().findFirst().orElseThrow();
        try (Run run = new Run(kind, Precision.BFLOAT16)) {
            Alignment expected = align(run.reference, new Preconditioner.None());
            Alignment actual = align(run.traced, new Preconditioner.None());
            for (int i = 0; i < expected.size(); i++) {
                assertEquals(expected.unitProduct(i, 0), actual.unitProduct(i, 0), 1e-2);
            }
        }
    }

    @Test
    void gradients_leaveTheModelAsItWas() throws Exception {
        Kind kind = kinds().findFirst().orElseThrow();
        try (Run run = new Run(kind, Precision.FLOAT32)) {
            List<Parameter> parameters = run.model.getBlock().getParameters().values();
            List<float[]> before =
                    parameters.stream().map(p -> p.getArray().toFloatArray()).toList();
            align(run.traced, new Preconditioner.None());
            for (int i = 0; i < before.size(); i++) {
                assertArrayEquals(before.get(i), parameters.get(i).getArray().toFloatArray());
                try (var gradient = parameters.get(i).getArray().getGradient()) {
                    assertEquals(0, gradient.abs().sum().getFloat());
                }
            }
        }
    }
}
