package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.testing.NoLeaks;
import org.dataflex.torch.Precision;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Beside what {@link TransformersParityTest} compares: files, adapters, precision. */
@ExtendWith(NoLeaks.class)
class MixtureOfExpertsTest {

    private static final WeightFilesWriter F32 = WeightFilesWriter.of(SafetensorsType.F32);

    private final NDManager manager = NDManager.newBaseManager();

    @TempDir Path directory;

    @AfterEach
    void close() {
        manager.close();
    }

    private CausalLm golden(String family) throws IOException {
        return GoldenDecoder.model(GoldenDecoder.read(family + "-tiny.json"), manager);
    }

    private float[] logits(CausalLm model) {
        NDArray ids = TinyLm.ids(manager, new long[] {3, 1, 4, 1, 5, 9, 2, 6});
        return TinyLm.logits(model, manager, new NDList(ids)).toFloatArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mixtral", "qwen2_moe", "qwen3_moe"})
    void savedDirectory_isReadAsItWas(String family) throws IOException {
        CausalLm model = golden(family);
        HuggingFaceConfig config = HuggingFaceConfig.of(model.config());
        assertEquals(family, config.family().modelType());
        config.write(directory.resolve("config.json"));
        F32.write(directory, model);
        CausalLm again =
                new CausalLm(HuggingFaceConfig.read(directory.resolve("config.json")).decoder(), 1);
        WeightFiles.open(directory).load(again, manager);
        assertArrayEquals(logits(model), logits(again));
    }

    @Test
    void load_fusedExperts_isRefusedByName() throws IOException {
        CausalLm model = golden("qwen3_moe");
        Map<String, NDArray> fused =
                Map.of(
                        "model.layers.0.mlp.experts.gate_up_proj",
                        manager.ones(new Shape(5, 16, 16)));
        F32.writeFile(directory.resolve("model.safetensors"), fused);
        Exception e =
                assertThrows(
                        CheckpointException.class,
                        () -> WeightFiles.open(directory).load(model, manager));
        assertTrue(
                e.getMessage().contains("unexpected: model.layers.0.mlp.experts.gate_up_proj"),
                e.getMessage());
        assertTrue(
                e.getMessage().contains("missing: model.layers.0.mlp.experts.0.gate_proj.weight"),
                e.getMessage());
    }

    @Test
    void attach_allTargets_leavesRoutersOut() throws IOException {
        CausalLm model = golden("mixtral");
        float[] before = logits(model);
        Lora lora = Lora.attach(model, LoraConfig.builder().setRank(2).build(), 1);
        assertEquals(
                "k_proj,o_proj,q_proj,v_proj,w1,w2,w3",
                lora.targets().stream().sorted().collect(Collectors.joining(",")));
        assertArrayEquals(before, logits(model), 1e-6f); // joined products are summed otherwise
        lora.merge();
        assertArrayEquals(before, logits(model));
        model = golden("mixtral");
        lora = Lora.attach(model, LoraConfig.builder().setRank(2).addTargets("gate").build(), 1);
        assertEquals(4, lora.parameters().size());
    }

    @Test
    void setPrecision_bfloat16_roundsLogits() throws IOException {
        CausalLm model = golden("qwen2_moe");
        float[] exact = logits(model);
        model.setPrecision(Precision.BFLOAT16);
        float[] rounded = logits(model);
        assertFalse(Arrays.equals(exact, rounded));
        double error = 0;
        double norm = 0;
        for (int i = 0; i < exact.length; i++) {
            error += Math.pow(exact[i] - rounded[i], 2);
            norm += Math.pow(exact[i], 2);
        }
        assertTrue(Math.sqrt(error / norm) < 0.05, "off by " + Math.sqrt(error / norm));
    }

    @Test
    void forward_normalisedOrNot_differ() throws IOException {
        JsonNode golden = GoldenDecoder.read("qwen3_moe-tiny.json");
        CausalLm normalised = GoldenDecoder.model(golden, manager);
        ((ObjectNode) golden.get("config")).put("norm_topk_prob", false);
        CausalLm plain = GoldenDecoder.model(golden, manager);
        assertFalse(Arrays.equals(logits(normalised), logits(plain)));
    }
}
