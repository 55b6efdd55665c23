package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dataflex.testing.NoLeaks;
import org.dataflex.torch.TorchOps;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares with transformers; tiny-models.py wrote the numbers, qwen2's are padded on the left. */
@ExtendWith(NoLeaks.class)
class TransformersParityTest {

    private final NDManager manager = NDManager.newBaseManager();
    private JsonNode golden;
    private CausalLm model;

    @AfterEach
    void close() {
        manager.close();
    }

    static List<String> families() {
        return List.of(
                "llama",
                "llama3",
                "mistral",
                "qwen2",
                "qwen3",
                "mixtral",
                "qwen2_moe",
                "qwen3_moe");
    }

    private void load(String family) throws IOException {
        golden = GoldenDecoder.read(family + "-tiny.json");
        model = GoldenDecoder.model(golden, manager);
    }

    private NDArray array(String name) {
        JsonNode tensor = golden.get(name);
        return manager.create(GoldenDecoder.values(tensor), GoldenDecoder.shape(tensor));
    }

    private NDList inputs() {
        return new NDList(
                array("input_ids").toType(DataType.INT64, false), array("attention_mask"));
    }

    private static List<String> names(JsonNode named) {
        List<String> names = new ArrayList<>();
        named.fieldNames().forEachRemaining(names::add);
        return names.stream().sorted().toList();
    }

    @ParameterizedTest
    @MethodSource("families")
    void getParameters_names_areThoseOfTransformers(String family) throws IOException {
        load(family);
        assertEquals(
                names(golden.get("weights")),
                model.getParameters().keys().stream().sorted().toList());
    }

    @ParameterizedTest
    @MethodSource("families")
    void forward_goldenInputs_givesTheirLogitsAtRealTokens(String family) throws IOException {
        load(family);
        assertLogitsAreGolden();
        model.setPacking(true);
        assertLogitsAreGolden();
    }

    private void assertLogitsAreGolden() {
        NDList inputs = inputs();
        NDArray isReal = inputs.get(1).expandDims(2);
        assertArrayEquals(
                array("logits").mul(isReal).toFloatArray(),
                TinyLm.logits(model, manager, inputs).mul(isReal).toFloatArray(),
                1e-5f); // float32 sums of 40 terms, values below 10, rounded to 1e-6 in the file
    }

    @ParameterizedTest
    @MethodSource("families")
    void backward_goldenInputs_givesTheirLossAndGradients(String family) throws IOException {
        load(family);
        assertGradientsAreGolden();
    }

    @ParameterizedTest
    @MethodSource("families")
    void backward_packedGoldenInputs_givesTheirLossAndGradients(String family) throws IOException {
        load(family);
        model.setPacking(true);
        assertGradientsAreGolden();
    }

    private void assertGradientsAreGolden() {
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            ParameterStore store = new ParameterStore(manager, false);
            NDArray logits = model.forward(store, inputs(), true).singletonOrThrow();
            NDArray loss = loss(logits);
            assertEquals(golden.get("loss").floatValue(), loss.getFloat(), 1e-5f); // as the logits
            collector.backward(loss);
        }
        for (String name : names(golden.get("gradients"))) {
            assertArrayEquals(
                    GoldenDecoder.values(golden.get("gradients").get(name)),
                    TinyLm.value(model, name).getGradient().toFloatArray(),
                    1e-5f, // float32 sums over 19 tokens, values of about 1
                    name);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mixtral", "qwen2_moe", "qwen3_moe"})
    void expertLoads_goldenInputs_countRealTokensAsTransformersRoutesThem(String family)
            throws IOException {
        load(family);
        double[][] loads = model.expertLoads(new ParameterStore(manager, false), inputs());
        assertArrayEquals(
                GoldenDecoder.values(golden.get("expert_loads")),
                manager.create(loads).toType(DataType.FLOAT32, false).toFloatArray());
    }

    /** The mean over the labels that count; the logits at a token foretell the next label. */
    private NDArray loss(NDArray logits) {
        NDArray labels = array("labels").get(":, 1:").flatten().toType(DataType.INT64, false);
        NDArray before = logits.get(":, :-1").reshape(labels.size(), -1);
        NDArray numLabels = labels.neq(-100).sum().toType(DataType.FLOAT32, false);
        return TorchOps.crossEntropyPerToken(before, labels, -100).sum().div(numLabels);
    }
}
