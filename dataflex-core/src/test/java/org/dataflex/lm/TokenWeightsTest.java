package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Samples;
import org.dataflex.data.TokenSequences;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.model.Pooling;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.StrategyException;
import org.dataflex.strategy.TokenWeights;
import org.dataflex.strategy.WeightingContext;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What weighters see of the training pass of a language model, and what their weights do. */
@ExtendWith(NoLeaks.class)
class TokenWeightsTest {

    private static final float FLOAT32 = 1e-5f;
    private static final UpdateSchedule ALWAYS = UpdateSchedule.every(1);

    private CausalLmLoss loss = new CausalLmLoss();
    private TokenSequences texts = texts(0);
    private boolean isPlain;

    /** The values of all parameters, and each step's loss. */
    private record Trained(float[] values, List<Double> losses) {

        void assertEqualTo(Trained other, float tolerance) {
            assertArrayEquals(other.values, values, tolerance);
            for (int i = 0; i < losses.size(); i++) {
                assertEquals(other.losses.get(i), losses.get(i), tolerance);
            }
        }
    }

    /** Nine texts of 4 to 9 tokens, the first of which are no targets. */
    private static TokenSequences texts(int promptLength) {
        TokenSequences.Builder texts = TokenSequences.builder();
        for (int i = 0; i < 9; i++) {
            int[] tokens = new int[4 + i * 5 % 6];
            for (int t = 0; t < tokens.length; t++) {
                tokens[t] = (i * 3 + t * t) % TinyLm.VOCABULARY_SIZE;
            }
            texts.add(tokens, promptLength);
        }
        return texts.build();
    }

    private Trained train(Consumer<DynamicTrainer.Builder> strategies) {
        List<Double> losses = new ArrayList<>();
        try (Model model = Model.newInstance("weighed")) {
            model.setDataType(DataType.FLOAT32);
            CausalLm decoder = new CausalLm(TinyLm.config().build(), 7);
            decoder.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
            // a block of blocks is none with a linear head
            Block block = isPlain ? new SequentialBlock().add(decoder) : decoder;
            model.setBlock(block);
            DynamicTrainer.Builder builder =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(
                                    new DefaultTrainingConfig(loss)
                                            .optOptimizer(
                                                    Optimizer.sgd()
                                                            .setLearningRateTracker(
                                                                    Tracker.fixed(0.5f))
                                                            .build()))
                            .setPool(CandidatePool.of(texts))
                            .setSteps(3)
                            .setBatchSize(3)
                            .optAccumulation(2)
                            .on(StepCompleted.class, e -> losses.add(e.loss()));
            strategies.accept(builder);
            try (DynamicTrainer trainer = builder.build()) {
                trainer.fit();
            }
            return new Trained(values(block), losses);
        } catch (java.io.IOException | ai.djl.translate.TranslateException e) {
            throw new AssertionError(e);
        }
    }

    private static float[] values(Block block) {
        float[] all = {};
        for (Parameter parameter : block.getParameters().values()) {
            float[] own = parameter.getArray().toFloatArray();
            int n = all.length;
            all = Arrays.copyOf(all, n + own.length);
            System.arraycopy(own, 0, all, n, own.length);
        }
        return all;
    }

    private Trained weighTokens(Function<float[][], float[][]> weights) {
        return train(
                b ->
                        b.optTokenWeighter(
                                c -> TokenWeights.absolute(weights.apply(c.tokenLosses())),
                                ALWAYS));
    }

    private static float[][] ones(float[][] losses) {
        float[][] ones = new float[losses.length][];
        for (int i = 0; i < losses.length; i++) {
            ones[i] = new float[losses[i].length];
            Arrays.fill(ones[i], 1);
        }
        return ones;
    }

    @Test
    void weightsOfOne_trainAsNoWeights() {
        for (boolean plain : new boolean[] {false, true}) {
            isPlain = plain;
            weighTokens(TokenWeightsTest::ones).assertEqualTo(train(b -> {}), FLOAT32);
        }
    }

    @Test
    void oneWeightASample_trainsAsSampleWeights() {
        for (boolean plain : new boolean[] {false, true}) {
            isPlain = plain;
            float[] ofSample = {0.5f, 0, 3};
            Trained samples =
                    train(b -> b.optWeighter(c -> SampleWeights.absolute(ofSample), ALWAYS));
            Trained tokens =
                    weighTokens(
                            losses -> {
                                float[][] weights = ones(losses);
                                for (int i = 0; i < weights.length; i++) {
                                    Arrays.fill(weights[i], ofSample[i]);
                                }
                                return weights;
                            });
            tokens.assertEqualTo(samples, FLOAT32);
        }
    }

    /** Weight 0 at the first 3 tokens, of which the very first is none that is predicted. */
    @Test
    void weightZeroAtPrompts_trainsAsPromptsThatAreNoTargets() {
        for (boolean plain : new boolean[] {false, true}) {
            isPlain = plain;
            texts = texts(0);
            Trained weighed =
                    weighTokens(
                            losses -> {
                                float[][] weights = ones(losses);
                                for (float[] own : weights) {
                                    Arrays.fill(own, own.length / (own.length - 2f));
                                    Arrays.fill(own, 0, 2, 0);
                                }
                                return weights;
                            });
            texts = texts(3);
            weighed.assertEqualTo(train(b -> {}), FLOAT32);
        }
    }

    /** What takes all logits at once and what takes some agree, sample weights included. */
    @Test
    void weightsByLoss_trainAlikeWithAnyHead() {
        for (CausalLmLoss each : List.of(new CausalLmLoss(), CausalLmLoss.byToken())) {
            loss = each;
            texts = texts(2);
            Consumer<DynamicTrainer.Builder> both =
                    b ->
                            b.optWeighter(c -> SampleWeights.absolute(c.losses()), ALWAYS)
                                    .optTokenWeighter(
                                            c -> TokenWeights.normalized(c.tokenLosses()), ALWAYS);
            isPlain = false;
            Trained lean = train(both);
            isPlain = true;
            lean.assertEqualTo(train(both), FLOAT32);
        }
    }

    /** The step's loss is sum(w_i mean_t(v_it l_it)) / B. */
    @Test
    void stepLoss_isThatOfTheWeighedTokens() {
        List<Double> expected = new ArrayList<>();
        Trained trained =
                train(
                        b ->
                                b.optWeighter(c -> SampleWeights.absolute(2, 0, 1), ALWAYS)
                                        .optTokenWeighter(
                                                c -> {
                                                    expected.add(objective(c.tokenLosses()));
                                                    return TokenWeights.absolute(c.tokenLosses());
                                                },
                                                ALWAYS));
        for (int step = 0; step < 3; step++) {
            double mean = (expected.get(2 * step) + expected.get(2 * step + 1)) / 6;
            assertEquals(mean, trained.losses().get(step), FLOAT32);
        }
    }

    private static double objective(float[][] losses) {
        double[] w = {2, 0, 1};
        double sum = 0;
        for (int i = 0; i < losses.length; i++) {
            for (float l : losses[i]) {
                sum += w[i] * l * l / losses[i].length;
            }
        }
        return sum;
    }

    /** Without dropout the training pass shows what a question to the model answers. */
    @Test
    void context_showsWhatTheModelWouldAnswer() {
        texts = texts(2);
        train(b -> b.optWeighter(this::compare, ALWAYS));
    }

    private SampleWeights compare(WeightingContext c) {
        Samples batch = new Samples(c.pool(), c.batch());
        float[][] asked = c.model().tokenLosses(batch);
        float[][] shown = c.tokenLosses();
        for (int i = 0; i < asked.length; i++) {
            assertEquals(c.pool().length(c.batch().get(i)) - 2, shown[i].length);
            assertArrayEquals(asked[i], shown[i], FLOAT32);
            double sum = 0;
            for (float l : shown[i]) {
                sum += l;
            }
            assertEquals(sum / shown[i].length, c.losses()[i], FLOAT32);
        }
        for (Pooling pooling : Pooling.values()) {
            NDArray embeddings = c.embeddings(pooling);
            assertEquals(new Shape(3, 8), embeddings.getShape());
            assertArrayEquals(
                    c.model().embed(batch, pooling).toFloatArray(),
                    embeddings.toFloatArray(),
                    FLOAT32);
        }
        return SampleWeights.absolute(1, 1, 1);
    }

    /** What was shown is a copy: nothing that one weighter does reaches the other. */
    @Test
    void context_showsCopies() {
        train(
                b ->
                        b.optWeighter(
                                        c -> {
                                            c.tokenLosses()[0][0] = Float.NaN;
                                            c.losses()[0] = Float.NaN;
                                            return SampleWeights.absolute(1, 1, 1);
                                        },
                                        ALWAYS)
                                .optTokenWeighter(
                                        c -> {
                                            assertTrue(Float.isFinite(c.losses()[0]));
                                            return TokenWeights.absolute(ones(c.tokenLosses()));
                                        },
                                        ALWAYS));
    }

    @Test
    void plainBlock_showsNoHiddenStates() {
        isPlain = true;
        refused(
                b ->
                        b.optWeighter(
                                c -> {
                                    c.embeddings(Pooling.MEAN);
                                    return null;
                                },
                                ALWAYS),
                "SequentialBlock shows no hidden states of its training pass to embed a batch by;"
                        + " implement org.dataflex.model.LinearHead");
    }

    @Test
    void wrongAnswers_areNamed() {
        refused(b -> b.optTokenWeighter(c -> null, ALWAYS), "custom @ step 0: returned null");
        refused(
                b -> b.optTokenWeighter(c -> TokenWeights.absolute(new float[] {1}), ALWAYS),
                "custom @ step 0: returned weights of 1 samples for a batch of 3");
        refused(
                b ->
                        b.optTokenWeighter(
                                c -> {
                                    float[][] weights = ones(c.tokenLosses());
                                    weights[1] = new float[] {1, 1};
                                    return TokenWeights.absolute(weights);
                                },
                                ALWAYS),
                "target tokens of sample 1 of the batch");
        refused(
                b ->
                        b.optTokenWeighter(
                                c -> {
                                    float[][] weights = ones(c.tokenLosses());
                                    weights[2][1] = Float.NaN;
                                    return TokenWeights.absolute(weights);
                                },
                                ALWAYS),
                "weight[2][1] = NaN, must be finite and at least 0");
    }

    private void refused(Consumer<DynamicTrainer.Builder> strategies, String problem) {
        StrategyException e = assertThrows(StrategyException.class, () -> train(strategies));
        assertTrue(e.getMessage().contains(problem), e::getMessage);
    }
}
