package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Compares with transformers' LlamaForCausalLM; llama-tiny.py wrote llama-tiny.json. */
@ExtendWith(NoLeaks.class)
class LlamaParityTest {

    private final NDManager manager = NDManager.newBaseManager();
    private JsonNode golden;
    private CausalLm model;

    @BeforeEach
    void load() throws IOException {
        try (InputStream json = LlamaParityTest.class.getResourceAsStream("llama-tiny.json")) {
            golden = new ObjectMapper().readTree(json);
        }
        model = new CausalLm(config(golden.get("config")), 1);
        for (Parameter parameter : model.getParameters().values()) {
            JsonNode weight = golden.get("weights").get(parameter.getName());
            parameter.setInitializer((m, shape, type) -> m.create(values(weight), shape(weight)));
        }
        model.initialize(manager, DataType.FLOAT32, shape(golden.get("input_ids")));
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static DecoderConfig config(JsonNode config) {
        return new DecoderConfig(
                config.get("vocab_size").intValue(),
                config.get("hidden_size").intValue(),
                config.get("intermediate_size").intValue(),
                config.get("num_hidden_layers").intValue(),
                config.get("num_attention_heads").intValue(),
                config.get("num_key_value_heads").intValue(),
                config.get("max_position_embeddings").intValue(),
                config.get("rms_norm_eps").doubleValue(),
                config.get("rope_theta").doubleValue(),
                config.get("tie_word_embeddings").booleanValue());
    }

    private static float[] values(JsonNode tensor) {
        JsonNode values = tensor.get("values");
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i).floatValue();
        }
        return floats;
    }

    private static Shape shape(JsonNode tensor) {
        return new Shape(
                StreamSupport.stream(tensor.get("shape").spliterator(), false)
                        .mapToLong(JsonNode::longValue)
                        .toArray());
    }

    private NDList inputs() {
        JsonNode ids = golden.get("input_ids");
        JsonNode mask = golden.get("attention_mask");
        return new NDList(
                manager.create(values(ids), shape(ids)).toType(DataType.INT64, false),
                manager.create(values(mask), shape(mask)));
    }

    @Test
    void getParameters_names_areThoseOfLlama() {
        List<String> names = new ArrayList<>();
        golden.get("weights").fieldNames().forEachRemaining(names::add);
        assertEquals(
                names.stream().sorted().toList(),
                model.getParameters().keys().stream().sorted().toList());
    }

    @Test
    void forward_goldenInputs_givesLlamasLogitsAtRealTokens() {
        NDList inputs = inputs();
        NDArray isReal = inputs.get(1).expandDims(2);
        NDArray logits = TinyLm.logits(model, manager, inputs).mul(isReal);
        JsonNode expected = golden.get("logits");
        assertArrayEquals(
                manager.create(values(expected), shape(expected)).mul(isReal).toFloatArray(),
                logits.toFloatArray(),
                1e-5f); // float32 sums of 40 terms, values below 10, rounded to 1e-6 in the file
    }

    @Test
    void backward_goldenInputs_givesLlamasLossAndGradients() {
        NDList inputs = inputs();
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            ParameterStore store = new ParameterStore(manager, false);
            NDArray logits = model.forward(store, inputs, true).singletonOrThrow();
            NDArray loss = TinyLm.loss(logits, inputs.get(0), inputs.get(1));
            assertEquals(golden.get("loss").floatValue(), loss.getFloat(), 1e-5f); // as the logits
            collector.backward(loss);
        }
        for (Parameter parameter : model.getParameters().values()) {
            assertArrayEquals(
                    values(golden.get("gradients").get(parameter.getName())),
                    parameter.getArray().getGradient().toFloatArray(),
                    1e-5f, // float32 sums over 19 tokens, values below 1
                    parameter.getName());
        }
    }
}
