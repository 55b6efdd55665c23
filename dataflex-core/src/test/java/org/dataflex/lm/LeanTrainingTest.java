package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.dataflex.DynamicTrainer;
import org.dataflex.TrainingReport;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.TokenSequences;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.loss.PerSampleLoss;
import org.dataflex.model.BackbonePass;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Weighter;
import org.dataflex.testing.NoLeaks;
import org.dataflex.torch.InPlace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Training with some logits at a time, and with layers run twice, trains what plain training does.
 */
@ExtendWith(NoLeaks.class)
class LeanTrainingTest {

    private static final float FLOAT32 = 1e-5f;

    private DecoderConfig config = TinyLm.config().build();
    private PerSampleLoss loss = new CausalLmLoss();
    private int batchSize = 4;
    private int accumulation = 1;
    private boolean isWeighed;
    private Consumer<CausalLm> set = model -> {};

    /** The values of all parameters and each step's loss. */
    private record Trained(float[] values, List<Double> losses) {}

    private Trained train(boolean isPlain) {
        CausalLm decoder = new CausalLm(config, 7);
        List<Double> losses = new ArrayList<>();
        try (Model model = Model.newInstance("lean")) {
            model.setDataType(DataType.FLOAT32);
            decoder.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
            set.accept(decoder);
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
                            .setPool(CandidatePool.of(texts()))
                            .setSteps(3)
                            .setBatchSize(batchSize)
                            .optAccumulation(accumulation)
                            .on(StepCompleted.class, e -> losses.add(e.loss()));
            if (isWeighed) {
                builder.optWeighter(byLoss(), UpdateSchedule.every(1));
            }
            try (DynamicTrainer trainer = builder.build()) {
                TrainingReport report = trainer.fit();
                assertEquals(3, report.step());
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            return new Trained(values(block), losses);
        }
    }

    private static Weighter byLoss() {
        return context -> SampleWeights.absolute(context.losses());
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

    /** Twelve texts of 3 to 9 tokens; some begin with a prompt. */
    private static TokenSequences texts() {
        TokenSequences.Builder texts = TokenSequences.builder();
        for (int i = 0; i < 12; i++) {
            int[] tokens = new int[3 + i * 5 % 7];
            for (int t = 0; t < tokens.length; t++) {
                tokens[t] = (i * 3 + t * t) % TinyLm.VOCABULARY_SIZE;
            }
            texts.add(tokens, i % 3 == 0 ? 2 : 0);
        }
        return texts.build();
    }

    private void assertTrainsAlike() {
        Trained plain = train(true);
        Trained lean = train(false);
        assertArrayEquals(plain.values(), lean.values(), FLOAT32);
        for (int i = 0; i < 3; i++) {
            assertEquals(plain.losses().get(i), lean.losses().get(i), FLOAT32);
        }
    }

    @Test
    void ownHead() {
        assertTrainsAlike();
    }

    @Test
    void sharedHead() {
        config = TinyLm.config().optTieWordEmbeddings(true).build();
        assertTrainsAlike();
    }

    @Test
    void weightsThatDependOnLosses() {
        isWeighed = true;
        accumulation = 2;
        assertTrainsAlike();
    }

    @Test
    void adaptedHead() {
        set = model -> Lora.attach(model, lora("lm_head", "v_proj"), 3);
        assertTrainsAlike();
    }

    @Test
    void frozenHead() {
        set = model -> Lora.attach(model, lora("v_proj"), 3);
        assertTrainsAlike();
    }

    @Test
    void anotherLoss() {
        loss =
                PerSampleLoss.of(
                        "twice",
                        (y, z) ->
                                new CausalLmLoss()
                                        .perSample(y, z)
                                        .add(new CausalLmLoss().perSample(y, z)));
        assertTrainsAlike();
        set = model -> model.setActivationCheckpointing(true);
        assertTrainsAlike();
    }

    @Test
    void meanOverTokens() {
        loss = CausalLmLoss.byToken();
        isWeighed = true;
        accumulation = 2;
        assertTrainsAlike();
    }

    @Test
    void meanOverTokens_isThatOfTheWholeWindow() {
        loss = CausalLmLoss.byToken();
        Trained atOnce = train(false);
        batchSize = 1;
        accumulation = 4;
        Trained oneByOne = train(false);
        assertArrayEquals(atOnce.values(), oneByOne.values(), FLOAT32);
        assertEquals(atOnce.losses().get(2), oneByOne.losses().get(2), FLOAT32);
        loss = new CausalLmLoss();
        assertFalse(Arrays.equals(oneByOne.values(), train(false).values()));
    }

    private static LoraConfig lora(String... targets) {
        return LoraConfig.builder().setRank(2).addTargets(targets).build();
    }

    private void assertCheckpointingChangesNothing() {
        Trained kept = train(false);
        Consumer<CausalLm> before = set;
        set =
                model -> {
                    before.accept(model);
                    model.setActivationCheckpointing(true);
                };
        Trained again = train(false);
        set = before;
        assertArrayEquals(kept.values(), again.values());
        assertEquals(kept.losses(), again.losses());
    }

    @Test
    void checkpointing_wholeModel_sameBits() {
        assertCheckpointingChangesNothing();
        config = TinyLm.config().optTieWordEmbeddings(true).build();
        assertCheckpointingChangesNothing();
    }

    @Test
    void experts() {
        config = TinyLm.config().optExperts(ExpertConfig.mixtral(4, 2, 6)).build();
        assertTrainsAlike();
        assertCheckpointingChangesNothing();
    }

    @Test
    void checkpointing_adapters_sameBits() {
        set = model -> Lora.attach(model, lora("q_proj", "down_proj"), 3);
        assertCheckpointingChangesNothing();
    }

    @Test
    void checkpointing_lastLayerOrLess_sameBits() {
        set = model -> Freezing.allButLastLayers(model, 1);
        assertCheckpointingChangesNothing();
        set =
                model -> {
                    model.freezeParameters(true);
                    model.freezeParameters(false, p -> p.getName().equals("model.norm.weight"));
                };
        assertCheckpointingChangesNothing();
    }

    /** The second run of a layer must drop what the first dropped, or the gradient is another's. */
    @Test
    void checkpointing_dropout_gradientIsThatOfTheStatesShown() {
        try (NDManager manager = NDManager.newBaseManager()) {
            CausalLm model = TinyLm.model(manager, config, DataType.FLOAT64);
            LoraConfig half = LoraConfig.builder().setRank(2).optDropout(0.5f).build();
            Lora lora = Lora.attach(model, half, 3);
            model.setActivationCheckpointing(true);
            for (Parameter parameter : lora.parameters().values()) {
                NDArray value = parameter.getArray();
                InPlace.copy(
                        new SeededNormal(1, 5)
                                .initialize(manager, value.getShape(), DataType.FLOAT64),
                        value);
            }
            sumOfStates(model, manager);
            double h = 1e-5;
            for (Parameter parameter : lora.parameters().values()) {
                try (NDArray gradient = parameter.getArray().getGradient();
                        NDArray shift = parameter.getArray().zerosLike()) {
                    shift.set(new NDIndex("0, 0"), h);
                    double there = sumOfStates(model, manager, parameter, shift);
                    double back = sumOfStates(model, manager, parameter, shift.neg());
                    assertEquals(
                            (there - back) / (2 * h),
                            gradient.getDouble(0, 0),
                            1e-5,
                            parameter.getName());
                }
            }
        }
    }

    private static double sumOfStates(
            CausalLm model, NDManager manager, Parameter shifted, NDArray shift) {
        NDArray value = shifted.getArray();
        try (NDArray before = value.duplicate();
                NDArray there = value.add(shift);
                NDManager own = manager.newSubManager()) {
            InPlace.copy(there, value);
            Engine.getInstance().setRandomSeed(1);
            double sum = states(model, own).states().square().sum().getDouble();
            InPlace.copy(before, value);
            return sum;
        }
    }

    /** Computes the sum of squared states and its gradients. */
    private static void sumOfStates(CausalLm model, NDManager manager) {
        Engine.getInstance().setRandomSeed(1);
        try (NDManager own = manager.newSubManager();
                GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            BackbonePass pass = states(model, own);
            collector.backward(pass.states().square().sum());
            pass.backward();
        }
    }

    private static BackbonePass states(CausalLm model, NDManager manager) {
        NDList ids = new NDList(TinyLm.ids(manager, new long[] {1, 5, 3, 2}));
        return model.backbone(new ParameterStore(manager, false), ids);
    }
}
