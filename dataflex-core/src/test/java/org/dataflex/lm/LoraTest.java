package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class LoraTest {

    private static final long[] TEXT = {3, 1, 4, 1, 5, 9};
    private static final LoraConfig RANK_2 = LoraConfig.builder().setRank(2).build();

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray logits(CausalLm model) {
        return TinyLm.logits(model, manager, new NDList(TinyLm.ids(manager, TEXT)));
    }

    /** Gives B values, as if it had learned something. */
    private static void teach(Lora lora) {
        lora.parameters()
                .forEach(
                        (name, parameter) -> {
                            NDArray array = parameter.getArray();
                            SeededNormal noise = new SeededNormal(0.5, name.hashCode());
                            try (NDArray drawn =
                                    noise.initialize(
                                            array.getManager(),
                                            array.getShape(),
                                            array.getDataType())) {
                                array.addi(drawn);
                            }
                        });
    }

    @Test
    void attach_newAdapters_leaveLogitsToTheBit() {
        CausalLm model = TinyLm.model(manager);
        NDArray before = logits(model);
        Lora.attach(model, RANK_2, 3);
        assertEquals(before, logits(model));
    }

    @Test
    void attach_allLinear_namesAndShapesAreThoseOfPeft() {
        CausalLm model = TinyLm.model(manager, TinyLm.config().setNumLayers(1).build());
        Lora lora = Lora.attach(model, RANK_2, 3);
        String path = "base_model.model.model.layers.0.";
        assertEquals(
                List.of(
                        path + "self_attn.q_proj.lora_A.weight (2, 8)",
                        path + "self_attn.q_proj.lora_B.weight (8, 2)",
                        path + "self_attn.k_proj.lora_A.weight (2, 8)",
                        path + "self_attn.k_proj.lora_B.weight (4, 2)",
                        path + "self_attn.v_proj.lora_A.weight (2, 8)",
                        path + "self_attn.v_proj.lora_B.weight (4, 2)",
                        path + "self_attn.o_proj.lora_A.weight (2, 8)",
                        path + "self_attn.o_proj.lora_B.weight (8, 2)",
                        path + "mlp.gate_proj.lora_A.weight (2, 8)",
                        path + "mlp.gate_proj.lora_B.weight (12, 2)",
                        path + "mlp.up_proj.lora_A.weight (2, 8)",
                        path + "mlp.up_proj.lora_B.weight (12, 2)",
                        path + "mlp.down_proj.lora_A.weight (2, 12)",
                        path + "mlp.down_proj.lora_B.weight (8, 2)"),
                lora.parameters().entrySet().stream()
                        .map(e -> e.getKey() + " " + e.getValue().getArray().getShape())
                        .toList());
        assertEquals(12 + 14, model.getParameters().size());
    }

    @Test
    void attach_targets_getAdaptersAndTheOthersDoNot() {
        Lora lora =
                Lora.attach(
                        TinyLm.model(manager),
                        LoraConfig.builder()
                                .setRank(1)
                                .addTargets("v_proj", "layers.1.self_attn.q_proj", "lm_head")
                                .build(),
                        3);
        assertEquals(
                List.of(
                        "base_model.model.model.layers.0.self_attn.v_proj.lora_A.weight",
                        "base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight",
                        "base_model.model.model.layers.1.self_attn.v_proj.lora_A.weight",
                        "base_model.model.lm_head.lora_A.weight"),
                lora.parameters().keySet().stream().filter(n -> n.contains("_A")).toList());
    }

    @Test
    void attach_unknownTarget_messageNamesItAndTheKnown() {
        CausalLm model = TinyLm.model(manager, TinyLm.config().optTieWordEmbeddings(true).build());
        LoraConfig config = LoraConfig.builder().setRank(1).addTargets("v_proj", "c_attn").build();
        Exception e =
                assertThrows(IllegalArgumentException.class, () -> Lora.attach(model, config, 3));
        assertEquals(
                "targets [c_attn] end no linear layer's name; the last parts are q_proj, k_proj,"
                        + " v_proj, o_proj, gate_proj, up_proj, down_proj",
                e.getMessage());
        assertTrue(model.getParameters().values().stream().allMatch(Parameter::requiresGradient));
    }

    @Test
    void attach_twice_isRefused() {
        CausalLm model = TinyLm.model(manager);
        Lora.attach(model, RANK_2, 3);
        assertThrows(IllegalStateException.class, () -> Lora.attach(model, RANK_2, 3));
    }

    @Test
    void attach_firstValues_followFromTheSeedAndArePeftsInSize() {
        CausalLm model = TinyLm.model(manager);
        NDArray weight = TinyLm.value(model, "model.layers.0.mlp.down_proj.weight");
        Lora.attach(model, LoraConfig.builder().setRank(100).build(), 3);
        assertSame(weight, TinyLm.value(model, "model.layers.0.mlp.down_proj.weight"));
        NDArray a = TinyLm.value(model, "model.layers.0.mlp.down_proj.lora_A.weight");
        double bound = 1 / Math.sqrt(12);
        assertTrue(a.abs().max().getFloat() <= bound);
        double deviation = a.square().mean().sqrt().getFloat();
        assertEquals(bound / Math.sqrt(3), deviation, bound * 0.1); // 1200 draws
        CausalLm same = TinyLm.model(manager);
        Lora.attach(same, LoraConfig.builder().setRank(100).build(), 3);
        assertEquals(a, TinyLm.value(same, "model.layers.0.mlp.down_proj.lora_A.weight"));
        assertNotEquals(a, TinyLm.value(same, "model.layers.1.mlp.down_proj.lora_A.weight"));
    }

    @Test
    void backward_afterAttach_reachesAdaptersOnly() {
        CausalLm model = TinyLm.model(manager);
        teach(Lora.attach(model, RANK_2, 3));
        TinyLm.backward(model, manager, TinyLm.ids(manager, TEXT));
        for (Parameter parameter : model.getParameters().values()) {
            boolean isAdapter = parameter.getName().contains("lora");
            assertEquals(isAdapter, parameter.getArray().hasGradient(), parameter.getName());
            if (isAdapter) {
                float norm = parameter.getArray().getGradient().norm().getFloat();
                assertTrue(norm > 0, parameter.getName());
            }
        }
    }

    /** In float64, as {@link CausalLmTrainingTest} does and why. */
    @Test
    void backward_everyAdapter_isTheFiniteDifference() {
        double h = 1e-5;
        CausalLm model = TinyLm.model(manager, TinyLm.config().build(), DataType.FLOAT64);
        Lora lora = Lora.attach(model, RANK_2, 3);
        teach(lora);
        NDArray ids = TinyLm.ids(manager, TEXT);
        TinyLm.backward(model, manager, ids);
        SplittableRandom random = new SplittableRandom(5);
        for (Map.Entry<String, Parameter> named : lora.parameters().entrySet()) {
            NDArray array = named.getValue().getArray();
            double[] gradient = array.getGradient().toDoubleArray();
            int i = random.nextInt(gradient.length);
            double[] step = new double[gradient.length];
            step[i] = h;
            NDArray delta = manager.create(step, array.getShape());
            array.addi(delta);
            double above = loss(model, ids);
            array.subi(delta.mul(2));
            double below = loss(model, ids);
            array.addi(delta);
            assertEquals((above - below) / (2 * h), gradient[i], 1e-7, named.getKey());
        }
    }

    private double loss(CausalLm model, NDArray ids) {
        NDArray logits = TinyLm.logits(model, manager, new NDList(ids));
        return TinyLm.loss(logits, ids, ids.onesLike()).getDouble();
    }

    @Test
    void merge_taughtAdapters_keepsLogitsAndLeavesAPlainModel() {
        LoraConfig stabilized =
                LoraConfig.builder().setRank(2).optAlpha(3).optRankStabilized(true).build();
        for (LoraConfig config : List.of(RANK_2, stabilized)) {
            CausalLm model = TinyLm.model(manager);
            NDArray before = logits(model);
            List<String> names = model.getParameters().keys();
            Lora lora = Lora.attach(model, config, 3);
            teach(lora);
            NDArray adapted = logits(model);
            assertFalse(before.allClose(adapted));
            lora.merge();
            assertArrayEquals(
                    adapted.toFloatArray(),
                    logits(model).toFloatArray(),
                    1e-5f * adapted.abs().max().getFloat()); // float32 sums in another order
            assertEquals(names, model.getParameters().keys());
            assertTrue(lora.parameters().isEmpty());
            assertThrows(IllegalStateException.class, lora::merge);
        }
    }

    @Test
    void remove_taughtAdapters_givesBackTheModel() {
        CausalLm model = TinyLm.model(manager);
        NDArray before = logits(model);
        Lora lora = Lora.attach(model, RANK_2, 3);
        teach(lora);
        lora.remove();
        assertEquals(before, logits(model));
        Lora.attach(model, RANK_2, 3);
    }

    @Test
    void forward_dropout_zeroesInputsOfAdaptersInTrainingOnly() {
        LoraAdapter adapter =
                new LoraAdapter(
                        "a",
                        new Shape(400, 400),
                        LoraConfig.builder().setRank(400).optAlpha(400).optDropout(0.25f).build(),
                        1);
        for (Parameter parameter : adapter.getParameters().values()) {
            parameter.setInitializer((m, shape, type) -> m.eye(400));
        }
        adapter.initialize(manager, DataType.FLOAT32, new Shape(1, 400));
        NDArray ones = manager.ones(new Shape(1, 400));
        NDList x = new NDList(ones, ones.zerosLike()); // and what the layer made of it
        ParameterStore store = new ParameterStore(manager, false);
        assertEquals(x.get(0), adapter.forward(store, x, false).singletonOrThrow());
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray y = adapter.forward(store, x, true).singletonOrThrow();
            long kept = y.gt(0).sum().getLong();
            assertEquals(300, kept, 50); // six standard deviations
            assertEquals(4 / 3.0, y.max().getFloat(), 1e-6); // so that the mean stays
            collector.backward(y.sum());
        }
    }

    @Test
    void saveAndLoad_attachedBeforeValues_givesEqualLogits(@TempDir Path directory)
            throws IOException, MalformedModelException {
        try (Model saved = Model.newInstance("lm");
                Model loaded = Model.newInstance("lm")) {
            CausalLm block = TinyLm.model(saved.getNDManager());
            teach(Lora.attach(block, RANK_2, 3));
            saved.setBlock(block);
            saved.save(directory, "lm");
            CausalLm other = new CausalLm(TinyLm.config().build(), 2);
            Lora.attach(other, RANK_2, 4);
            loaded.setBlock(other);
            loaded.load(directory, "lm");
            assertEquals(logits(block), logits(other));
        }
    }

    @Test
    void initialize_attachedBefore_givesAdaptersValuesAndFreezesTheRest() {
        CausalLm model = new CausalLm(TinyLm.config().build(), 1);
        Lora lora = Lora.attach(model, RANK_2, 3);
        model.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        List<String> trained =
                model.getParameters().values().stream()
                        .filter(p -> p.getArray().hasGradient())
                        .map(p -> "base_model.model." + p.getName())
                        .toList();
        assertEquals(List.copyOf(lora.parameters().keySet()), trained);
    }
}
