package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Packed samples give what each gives alone, and see nothing of each other. */
@ExtendWith(NoLeaks.class)
class PackingTest {

    private static final float FLOAT32 = 1e-5f;
    private static final double FLOAT64 = 1e-12;
    private static final int T = 7;
    private static final long[][] TEXTS = {{3, 1, 4, 1, 5, 9, 2}, {6, 5}, {3, 5, 8, 9}};

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    /** Llama, Mistral with a window shorter than the texts, Qwen2, Qwen3, Mixtral. */
    static Stream<DecoderConfig> families() {
        return Stream.of(
                TinyLm.config().build(),
                TinyLm.config().optSlidingWindow(3).build(),
                TinyLm.config().optQueryKeyValueBias(true).optTieWordEmbeddings(true).build(),
                TinyLm.config().optQueryKeyNorm(true).build(),
                TinyLm.config().optExperts(ExpertConfig.mixtral(4, 2, 6)).build());
    }

    private CausalLm packed(DecoderConfig config, DataType type) {
        CausalLm model = TinyLm.model(manager, config, type);
        model.setPacking(true);
        return model;
    }

    /** The texts as one batch, padded on one side. */
    private NDList batch(boolean isPaddedOnTheRight, long[]... texts) {
        long[] ids = new long[texts.length * T];
        float[] mask = new float[ids.length];
        for (int b = 0; b < texts.length; b++) {
            int first = b * T + (isPaddedOnTheRight ? 0 : T - texts[b].length);
            for (int t = 0; t < texts[b].length; t++) {
                ids[first + t] = texts[b][t];
                mask[first + t] = 1;
            }
        }
        Shape shape = new Shape(texts.length, T);
        return new NDList(manager.create(ids, shape), manager.create(mask, shape));
    }

    private static float[] floats(NDArray array) {
        return array.toType(DataType.FLOAT32, false).toFloatArray();
    }

    private static double[] doubles(NDArray array) {
        return array.toType(DataType.FLOAT64, false).toDoubleArray();
    }

    @ParameterizedTest
    @MethodSource("families")
    void forward_packed_givesEachTextsOwnLogits(DecoderConfig config) {
        CausalLm model = packed(config, DataType.FLOAT32);
        NDArray logits = TinyLm.logits(model, manager, batch(true, TEXTS));
        assertEquals(new Shape(3, T, TinyLm.VOCABULARY_SIZE), logits.getShape());
        for (int b = 0; b < TEXTS.length; b++) {
            NDList alone = new NDList(TinyLm.ids(manager, TEXTS[b]));
            assertArrayEquals(
                    floats(TinyLm.logits(model, manager, alone)),
                    floats(logits.get(new NDIndex(b + ", :" + TEXTS[b].length))),
                    FLOAT32);
        }
    }

    /** The gradients of a batch are the sum of those of its texts alone, and the loss is too. */
    @ParameterizedTest
    @MethodSource("families")
    void backward_packed_givesTheSumOfEachTextsOwnGradients(DecoderConfig config) {
        for (boolean isCheckpointed : new boolean[] {false, true}) {
            CausalLm model = packed(config, DataType.FLOAT64);
            model.setActivationCheckpointing(isCheckpointed);
            double together = backward(model, batch(true, TEXTS));
            List<double[]> gradients = takeGradients(model);
            double apart = 0;
            for (long[] text : TEXTS) {
                apart += backward(model, new NDList(TinyLm.ids(manager, text)));
            }
            assertEquals(apart, together, FLOAT64 * Math.abs(apart));
            List<double[]> expected = takeGradients(model);
            for (int p = 0; p < expected.size(); p++) {
                assertArrayEquals(expected.get(p), gradients.get(p), 1e-10);
            }
        }
    }

    /** Adds the gradients of the sum of cubed states at real tokens; returns that sum. */
    private double backward(CausalLm model, NDList inputs) {
        NDArray isReal = model.tokenMask(inputs).expandDims(2).toType(DataType.FLOAT64, false);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            var pass = model.backbone(new ParameterStore(manager, false), inputs);
            NDArray states = pass.states();
            NDArray sum = states.mul(states).mul(states).mul(isReal).sum();
            collector.backward(sum);
            pass.backward();
            return sum.getDouble();
        }
    }

    private static List<double[]> takeGradients(CausalLm model) {
        List<double[]> gradients = new ArrayList<>();
        for (Parameter parameter : model.getParameters().values()) {
            NDArray gradient = parameter.getArray().getGradient();
            gradients.add(doubles(gradient));
            gradient.subi(gradient);
        }
        return gradients;
    }

    @ParameterizedTest
    @MethodSource("families")
    void forward_oneTextChanges_theOthersLogitsStayToTheBit(DecoderConfig config) {
        CausalLm model = packed(config, DataType.FLOAT32);
        NDArray before = TinyLm.logits(model, manager, batch(true, TEXTS));
        for (int changed = 0; changed < TEXTS.length; changed++) {
            long[][] texts = TEXTS.clone();
            texts[changed] = Arrays.stream(TEXTS[changed]).map(id -> 10 - id).toArray();
            NDArray after = TinyLm.logits(model, manager, batch(true, texts));
            for (int b = 0; b < TEXTS.length; b++) {
                NDIndex own = new NDIndex(b + ", :" + TEXTS[b].length);
                boolean isSame = Arrays.equals(floats(before.get(own)), floats(after.get(own)));
                assertEquals(b != changed, isSame);
            }
        }
    }

    @Test
    void states_atPadding_areZeroOnlyWherePacked() {
        CausalLm model = TinyLm.model(manager);
        NDIndex padding = new NDIndex("1, 2:");
        for (boolean isPacked : new boolean[] {false, true}) {
            model.setPacking(isPacked);
            for (boolean isPaddedOnTheRight : new boolean[] {false, true}) {
                NDArray states = states(model, batch(isPaddedOnTheRight, TEXTS));
                NDArray some =
                        isPaddedOnTheRight ? states.get(padding) : states.get(new NDIndex("1, :5"));
                boolean isZero = some.abs().max().getFloat() == 0;
                assertEquals(isPacked && isPaddedOnTheRight, isZero);
            }
            assertFalse(states(model, batch(true, TEXTS[0])).abs().min().getFloat() == 0);
        }
    }

    private NDArray states(CausalLm model, NDList inputs) {
        return model.hiddenStates(new ParameterStore(manager, false), inputs, false);
    }

    @ParameterizedTest
    @MethodSource("families")
    void forward_paddingOnTheLeft_isNotPacked_andGivesTheSameBits(DecoderConfig config) {
        CausalLm model = TinyLm.model(manager, config);
        NDArray expected = TinyLm.logits(model, manager, batch(false, TEXTS));
        model.setPacking(true);
        assertEquals(expected, TinyLm.logits(model, manager, batch(false, TEXTS)));
    }

    @Test
    void forward_aTokenAfterPadding_isNotPacked_andGivesTheSameBits() {
        CausalLm model = TinyLm.model(manager);
        NDList holes = batch(true, TEXTS);
        holes.get(1).set(new NDIndex("1, 5"), 1);
        NDArray expected = TinyLm.logits(model, manager, holes);
        model.setPacking(true);
        assertEquals(expected, TinyLm.logits(model, manager, holes));
    }

    @Test
    void forward_textsOfOneLength_orWithoutAMask_giveTheSameBits() {
        CausalLm model = TinyLm.model(manager);
        NDList full = batch(true, TEXTS[0], TEXTS[0]);
        NDList unmasked = new NDList(full.get(0));
        NDArray expected = TinyLm.logits(model, manager, full);
        model.setPacking(true);
        assertEquals(expected, TinyLm.logits(model, manager, full));
        assertEquals(expected, TinyLm.logits(model, manager, unmasked));
    }

    @Test
    void expertLoads_areThoseWithoutPacking() {
        CausalLm model =
                TinyLm.model(
                        manager, TinyLm.config().optExperts(ExpertConfig.mixtral(4, 2, 6)).build());
        ParameterStore store = new ParameterStore(manager, false);
        double[][] expected = model.expertLoads(store, batch(true, TEXTS));
        model.setPacking(true);
        assertTrue(Arrays.deepEquals(expected, model.expertLoads(store, batch(true, TEXTS))));
    }
}
