package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.List;
import org.dataflex.testing.NoLeaks;
import org.dataflex.torch.Precision;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class CausalLmTest {

    private static final long[] TEXT = {3, 1, 4, 1, 5, 9};

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray logits(CausalLm model, long[]... rows) {
        return TinyLm.logits(model, manager, new NDList(TinyLm.ids(manager, rows)));
    }

    @Test
    void forward_twoTexts_givesLogitsOfEachToken() {
        CausalLm model = TinyLm.model(manager);
        NDArray logits = logits(model, TEXT, TEXT);
        assertEquals(new Shape(2, 6, TinyLm.VOCABULARY_SIZE), logits.getShape());
        assertEquals(DataType.FLOAT32, logits.getDataType());
        assertArrayEquals(
                new Shape[] {logits.getShape()},
                model.getOutputShapes(new Shape[] {new Shape(2, 6)}));
        assertArrayEquals(
                logits.get(0).toFloatArray(), logits.get(1).toFloatArray(), 1e-6f); // same sums
    }

    @Test
    void forward_oneTokenChanges_logitsBeforeItStayToTheBit() {
        CausalLm model = TinyLm.model(manager);
        NDArray before = logits(model, TEXT);
        for (int t = 0; t < TEXT.length; t++) {
            long[] changed = TEXT.clone();
            changed[t] = 7;
            NDArray after = logits(model, changed);
            NDIndex earlier = new NDIndex(":, :" + t);
            assertArrayEquals(
                    before.get(earlier).toFloatArray(), after.get(earlier).toFloatArray(), 0);
            NDIndex self = new NDIndex(":, " + t);
            assertNotEquals(before.get(self), after.get(self));
        }
    }

    @Test
    void hiddenStates_anyInput_areWhatTheHeadMultiplies() {
        CausalLm model = TinyLm.model(manager);
        NDList inputs = new NDList(TinyLm.ids(manager, TEXT));
        NDArray states = model.hiddenStates(new ParameterStore(manager, false), inputs, false);
        assertEquals(new Shape(1, 6, 8), states.getShape());
        NDArray expected = states.get(0).matMul(TinyLm.value(model, "lm_head.weight").transpose());
        assertArrayEquals(
                expected.toFloatArray(), logits(model, TEXT).toFloatArray(), 1e-5f); // 8 products
    }

    @Test
    void tokenMask_withAndWithoutMask_isTheMaskOrOnes() {
        CausalLm model = TinyLm.model(manager);
        NDArray ids = TinyLm.ids(manager, TEXT);
        NDArray mask = manager.create(new float[] {1, 1, 1, 1, 0, 0}, new Shape(1, 6));
        assertSame(mask, model.tokenMask(new NDList(ids, mask)));
        NDArray ones = model.tokenMask(new NDList(ids));
        assertEquals(manager.ones(new Shape(1, 6)), ones);
    }

    @Test
    void forward_sequenceIsTooLong_messageNamesBothNumbers() {
        CausalLm model = TinyLm.model(manager);
        Exception e =
                assertThrows(IllegalArgumentException.class, () -> logits(model, new long[17]));
        assertEquals(
                "a sequence of 17 tokens, but maxPositions = 16; cut it or raise maxPositions",
                e.getMessage());
        assertEquals(new Shape(1, 16, 11), logits(model, new long[16]).getShape());
    }

    @Test
    void forward_shapesDoNotFit_messageNamesThem() {
        CausalLm model = TinyLm.model(manager);
        NDArray ids = TinyLm.ids(manager, TEXT);
        Exception e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> TinyLm.logits(model, manager, new NDList(ids.flatten())));
        assertEquals("input_ids have shape (6), must be (samples, tokens)", e.getMessage());
        for (Shape none : List.of(new Shape(0, 3), new Shape(2, 0))) {
            NDList empty = new NDList(manager.zeros(none, DataType.INT64));
            e =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> TinyLm.logits(model, manager, empty));
            assertEquals(
                    "input_ids have shape "
                            + none
                            + ", must be of at least one sample and one token",
                    e.getMessage());
        }
        NDList uneven = new NDList(ids, manager.ones(new Shape(1, 5)));
        e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> TinyLm.logits(model, manager, uneven));
        assertEquals(
                "attention_mask has shape (1, 5), input_ids (1, 6); they must be equal",
                e.getMessage());
    }

    @Test
    void getParameters_untied_areNamedAndShapedAsInLlama() {
        CausalLm model = TinyLm.model(manager, TinyLm.config().setNumLayers(1).build());
        List<String> expected =
                List.of(
                        "model.embed_tokens.weight (11, 8)",
                        "model.layers.0.input_layernorm.weight (8)",
                        "model.layers.0.self_attn.q_proj.weight (8, 8)",
                        "model.layers.0.self_attn.k_proj.weight (4, 8)",
                        "model.layers.0.self_attn.v_proj.weight (4, 8)",
                        "model.layers.0.self_attn.o_proj.weight (8, 8)",
                        "model.layers.0.post_attention_layernorm.weight (8)",
                        "model.layers.0.mlp.gate_proj.weight (12, 8)",
                        "model.layers.0.mlp.up_proj.weight (12, 8)",
                        "model.layers.0.mlp.down_proj.weight (8, 12)",
                        "model.norm.weight (8)",
                        "lm_head.weight (11, 8)");
        assertEquals(
                expected,
                model.getParameters().stream()
                        .map(p -> p.getKey() + " " + p.getValue().getArray().getShape())
                        .toList());
        model.getParameters().forEach(p -> assertEquals(p.getKey(), p.getValue().getName()));
    }

    @Test
    void numParameters_tiedOrNot_isTheSizeOfAllArrays() {
        for (boolean tied : new boolean[] {false, true}) {
            DecoderConfig config =
                    TinyLm.config()
                            .optTieWordEmbeddings(tied)
                            .optHeadSize(6)
                            .optQueryKeyValueBias(tied)
                            .optQueryKeyNorm(!tied)
                            .build();
            CausalLm model = TinyLm.model(manager, config);
            assertEquals(
                    config.numParameters(),
                    model.getParameters().values().stream()
                            .mapToLong(p -> p.getArray().size())
                            .sum());
        }
    }

    @Test
    void initialize_bySeed_isNormalAndReproducible() {
        CausalLm model = initialized(7);
        NDArray matrix = TinyLm.value(model, "model.layers.1.mlp.up_proj.weight");
        double mean = matrix.mean().getFloat();
        double deviation = matrix.sub(matrix.mean()).square().mean().sqrt().getFloat();
        assertEquals(0, mean, 0.02 * 5 / Math.sqrt(64 * 96)); // five standard errors
        assertEquals(0.02, deviation, 0.02 * 5 / Math.sqrt(2 * 64 * 96)); // five standard errors
        NDArray norm = TinyLm.value(model, "model.norm.weight");
        assertEquals(norm.onesLike(), norm);
        String query = "model.layers.0.self_attn.q_proj.weight";
        assertEquals(TinyLm.value(model, query), TinyLm.value(initialized(7), query));
        assertNotEquals(TinyLm.value(model, query), TinyLm.value(initialized(8), query));
        String output = "model.layers.0.self_attn.o_proj.weight";
        assertNotEquals(TinyLm.value(model, query), TinyLm.value(model, output));
    }

    @Test
    void initialize_halfPrecision_isRefused() {
        CausalLm model = new CausalLm(TinyLm.config().build(), 1);
        Exception e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> model.initialize(manager, DataType.FLOAT16, new Shape(1, 1)));
        assertEquals("data type float16, must be float32 or float64", e.getMessage());
    }

    private CausalLm initialized(long seed) {
        DecoderConfig config = TinyLm.config().setHiddenSize(64).optIntermediateSize(96).build();
        CausalLm model = new CausalLm(config, seed);
        model.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        return model;
    }

    @Test
    void describeInput_withMask_namesBoth() {
        CausalLm model = new CausalLm(TinyLm.config().build(), 1);
        model.initialize(manager, DataType.FLOAT32, new Shape(2, 5), new Shape(2, 5));
        assertEquals(List.of("input_ids", "attention_mask"), model.describeInput().keys());
    }

    @Test
    void forward_storeThatCopies_worksTwiceInsideAScope() {
        CausalLm model = TinyLm.model(manager);
        ParameterStore copies = new ParameterStore(manager, true);
        NDList inputs = new NDList(TinyLm.ids(manager, TEXT));
        NDArray first = model.forward(copies, inputs, false).singletonOrThrow();
        NDArray second = model.forward(copies, inputs, false).singletonOrThrow();
        assertEquals(first, second);
        NDArray scoped;
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            scoped = model.forward(copies, inputs, false).singletonOrThrow();
            assertEquals(first, scoped);
        }
        assertTrue(scoped.isReleased());
        assertFalse(first.isReleased());
    }

    @Test
    void forward_anyPass_leavesOnlyLogitsOnTheInputsManager() {
        CausalLm model = TinyLm.model(manager);
        try (NDManager batch = manager.newSubManager()) {
            NDList inputs = new NDList(batch.create(TEXT, new Shape(1, 6)));
            NDArray logits = TinyLm.logits(model, batch, inputs);
            assertSame(batch, logits.getManager());
            assertEquals(2, batch.getManagedArrays().size());
        }
    }

    @Test
    void backward_fiveSteps_leavesNoNativeArrays() {
        CausalLm model = TinyLm.model(manager);
        manager.cap(); // an array that the parameters' manager gets from now on is an error
        long before = numArrays();
        for (int step = 0; step < 5; step++) {
            try (NDManager batch = NDManager.newBaseManager()) {
                TinyLm.backward(model, batch, TinyLm.ids(batch, TEXT, TEXT));
            }
            assertEquals(before, numArrays());
        }
    }

    private static long numArrays() {
        try (NDManager any = NDManager.newBaseManager()) {
            return any.getParentManager().getManagedArrays().size();
        }
    }

    @Test
    void freezeParameters_firstLayer_getsNoGradientAndTheOthersDo() {
        CausalLm model = TinyLm.model(manager);
        model.freezeParameters(true, p -> p.getName().startsWith("model.layers.0."));
        TinyLm.backward(model, manager, TinyLm.ids(manager, TEXT));
        for (Parameter parameter : model.getParameters().values()) {
            boolean isFrozen = parameter.getName().startsWith("model.layers.0.");
            assertEquals(!isFrozen, parameter.getArray().hasGradient(), parameter.getName());
            if (!isFrozen) {
                float norm = parameter.getArray().getGradient().norm().getFloat();
                assertTrue(norm > 0, parameter.getName());
            }
        }
    }

    @Test
    void backward_tiedHead_gradientIsTheSumOfEmbeddingsAndHeads() {
        CausalLm tied = TinyLm.model(manager, TinyLm.config().optTieWordEmbeddings(true).build());
        CausalLm untied = new CausalLm(TinyLm.config().build(), 1);
        for (Parameter parameter : untied.getParameters().values()) {
            boolean isHead = parameter.getName().equals("lm_head.weight");
            String source = isHead ? "model.embed_tokens.weight" : parameter.getName();
            NDArray value = TinyLm.value(tied, source).duplicate();
            parameter.setInitializer((m, shape, type) -> value);
        }
        untied.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        NDArray ids = TinyLm.ids(manager, TEXT);
        assertEquals(TinyLm.backward(untied, manager, ids), TinyLm.backward(tied, manager, ids), 0);
        NDArray sum =
                TinyLm.value(untied, "model.embed_tokens.weight")
                        .getGradient()
                        .add(TinyLm.value(untied, "lm_head.weight").getGradient());
        float[] actual =
                TinyLm.value(tied, "model.embed_tokens.weight").getGradient().toFloatArray();
        assertArrayEquals(sum.toFloatArray(), actual, 1e-6f); // one addition
        assertFalse(tied.getParameters().keys().contains("lm_head.weight"));
    }

    @Test
    void settings_areWhatChangesResults_inOneOrder() {
        CausalLm model = TinyLm.model(manager);
        assertEquals(
                "{precision=FLOAT32, packing=false, adapters=none}", model.settings().toString());
        model.setPrecision(Precision.BFLOAT16);
        model.setPacking(true);
        model.setActivationCheckpointing(true); // gives the same bits
        Lora.attach(model, LoraConfig.builder().setRank(4).optAlpha(6).build(), 1);
        assertEquals(
                "{precision=BFLOAT16, packing=true, adapters=scale 1.5, dropout 0.0}",
                model.settings().toString());
    }
}
